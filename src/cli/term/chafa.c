#include "cli/term/chafa.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

/* dlsym() finds GLib's, too: it looks into what libchafa needs. */
#define SYMBOL(function)                                    \
	{                                                   \
#function, offsetof(struct chafa, function) \
	}

static const struct {
	const char *name;
	size_t at;
} symbols[] = {
	SYMBOL(chafa_term_db_get_default),
	SYMBOL(chafa_term_db_detect),
	SYMBOL(chafa_term_db_get_fallback_info),
	SYMBOL(chafa_term_info_have_seq),
	SYMBOL(chafa_term_info_supplement),
	SYMBOL(chafa_term_info_unref),
	SYMBOL(chafa_symbol_map_new),
	SYMBOL(chafa_symbol_map_add_by_tags),
	SYMBOL(chafa_symbol_map_unref),
	SYMBOL(chafa_canvas_config_new),
	SYMBOL(chafa_canvas_config_set_geometry),
	SYMBOL(chafa_canvas_config_set_cell_geometry),
	SYMBOL(chafa_canvas_config_set_canvas_mode),
	SYMBOL(chafa_canvas_config_set_pixel_mode),
	SYMBOL(chafa_canvas_config_set_symbol_map),
	SYMBOL(chafa_canvas_config_unref),
	SYMBOL(chafa_canvas_new),
	SYMBOL(chafa_canvas_draw_all_pixels),
	SYMBOL(chafa_canvas_print),
	SYMBOL(chafa_canvas_unref),
	SYMBOL(g_string_free),
};

enum err_kind chafa_open(struct chafa *ret_lib, struct err *err)
{
	void *handle = dlopen("libchafa.so.0", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);

	if (!handle)
		return err_set(err, ERR_NOT_FOUND,
		    "pictures in a terminal need libchafa, which is not installed "
		    "(Debian: "
		    "libchafa0)");
	for (size_t i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++) {
		void *function = dlsym(handle, symbols[i].name);

		if (!function)
			return err_set(err, ERR_NOT_FOUND,
			    "the installed libchafa has no '%s'; 1.12 or later is needed",
			    symbols[i].name);
		memcpy((char *)ret_lib + symbols[i].at, &function, sizeof(function));
	}
	return ERR_OK;
}
