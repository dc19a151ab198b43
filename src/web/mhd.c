#include "web/mhd.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

#define SYMBOL(function)                                         \
	{                                                        \
		"MHD_" #function, offsetof(struct mhd, function) \
	}

static const struct {
	const char *name;
	size_t at;
} symbols[] = {
	SYMBOL(add_response_header),
	SYMBOL(create_response_from_buffer),
	SYMBOL(create_response_from_callback),
	SYMBOL(destroy_response),
	SYMBOL(get_connection_info),
	SYMBOL(get_connection_values),
	SYMBOL(get_daemon_info),
	SYMBOL(get_timeout),
	SYMBOL(queue_response),
	SYMBOL(resume_connection),
	SYMBOL(run),
	SYMBOL(start_daemon),
	SYMBOL(stop_daemon),
	SYMBOL(suspend_connection),
};

enum err_kind mhd_open(struct mhd *ret_lib, struct err *err)
{
	void *handle =
	    dlopen("libmicrohttpd.so.12", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);

	if (!handle)
		return err_set(err, ERR_USAGE,
		    "serving HTTP needs libmicrohttpd, which is not installed (Debian: "
		    "libmicrohttpd12)");
	for (size_t i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++) {
		void *function = dlsym(handle, symbols[i].name);

		if (!function)
			return err_set(err, ERR_USAGE,
			    "the installed libmicrohttpd has no '%s'", symbols[i].name);
		memcpy((char *)ret_lib + symbols[i].at, &function, sizeof(function));
	}
	return ERR_OK;
}
