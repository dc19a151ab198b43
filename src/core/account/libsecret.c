#include "core/account/libsecret.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

/* dlsym() finds GLib's, too: it looks into what libsecret needs. */
#define SYMBOL(function)                                        \
	{                                                       \
#function, offsetof(struct libsecret, function) \
	}

static const struct {
	const char *name;
	size_t at;
} symbols[] = {
	SYMBOL(g_cancellable_new),
	SYMBOL(g_cancellable_cancel),
	SYMBOL(g_object_unref),
	SYMBOL(g_hash_table_unref),
	SYMBOL(g_list_free),
	SYMBOL(g_error_free),
	SYMBOL(secret_attributes_build),
	SYMBOL(secret_service_search_sync),
	SYMBOL(secret_item_get_locked),
	SYMBOL(secret_item_get_secret),
	SYMBOL(secret_value_get_text),
	SYMBOL(secret_value_unref),
	SYMBOL(secret_password_store_sync),
	SYMBOL(secret_password_clear_sync),
};

enum err_kind libsecret_name_file(struct err *err)
{
	return err_more(
	    err, "; 'dreamq auth import' without --keyring keeps the cookie in a file");
}

enum err_kind libsecret_open(struct libsecret *ret_lib, struct err *err)
{
	void *handle = dlopen("libsecret-1.so.0", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);

	if (!handle) {
		err_set(err, ERR_AUTH,
		    "the keyring needs libsecret, which is not installed (Debian: "
		    "libsecret-1-0)");
		return libsecret_name_file(err);
	}
	for (size_t i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++) {
		void *function = dlsym(handle, symbols[i].name);

		if (!function) {
			err_set(err, ERR_AUTH, "the installed libsecret has no '%s'",
			    symbols[i].name);
			return libsecret_name_file(err);
		}
		memcpy((char *)ret_lib + symbols[i].at, &function, sizeof(function));
	}
	return ERR_OK;
}
