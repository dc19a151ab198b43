/*
 * chafa.h - the few functions of libchafa and GLib that graphics.c calls, found when they
 * are needed: neither their headers nor their libraries are needed to build dreamq or to
 * start it. The declarations and numbers are those of libchafa 1.12 and later, whose
 * binary interface is kept (libchafa.so.0).
 */
#pragma once

#include "base/err.h"

/* The numbers of its enumerations. */
enum {
	CHAFA_TRUECOLOR = 0,
	CHAFA_INDEXED_256 = 1,
	CHAFA_INDEXED_16 = 3,
	CHAFA_NO_COLOUR = 5, /* the terminal's own two */
	CHAFA_PIXEL_SYMBOLS = 0,
	CHAFA_PIXEL_SIXELS = 1,
	CHAFA_PIXEL_KITTY = 2,
	CHAFA_PIXEL_ITERM2 = 3,
	CHAFA_RGBA8_UNASSOCIATED = 4,
	CHAFA_TAGS_BLOCKS = 1 << 0 | 1 << 1 | 1 << 3 | 1 << 4 | 1 << 7 | 1 << 8 | 1 << 9,
	CHAFA_TAGS_ASCII = 1 << 0 | 1 << 14,
	/* What a terminal has a sequence for. */
	CHAFA_SEQ_SIXELS = 40,
	CHAFA_SEQ_KITTY = 43,
	CHAFA_SEQ_ITERM2 = 47,
};

struct g_string {
	char *str;
	unsigned long len, allocated_len;
};

/* Each member has the name of the function that it points at. */
struct chafa {
	void *(*chafa_term_db_get_default)(void);
	void *(*chafa_term_db_detect)(void *db, char **environment);
	void *(*chafa_term_db_get_fallback_info)(void *db);
	int (*chafa_term_info_have_seq)(const void *info, int sequence);
	void (*chafa_term_info_supplement)(void *info, void *source);
	void (*chafa_term_info_unref)(void *info);
	void *(*chafa_symbol_map_new)(void);
	void (*chafa_symbol_map_add_by_tags)(void *map, int tags);
	void (*chafa_symbol_map_unref)(void *map);
	void *(*chafa_canvas_config_new)(void);
	void (*chafa_canvas_config_set_geometry)(void *config, int width, int height);
	void (*chafa_canvas_config_set_cell_geometry)(
	    void *config, int width, int height);
	void (*chafa_canvas_config_set_canvas_mode)(void *config, int mode);
	void (*chafa_canvas_config_set_pixel_mode)(void *config, int mode);
	void (*chafa_canvas_config_set_symbol_map)(void *config, const void *map);
	void (*chafa_canvas_config_unref)(void *config);
	void *(*chafa_canvas_new)(const void *config);
	void (*chafa_canvas_draw_all_pixels)(void *canvas, int type,
	    const unsigned char *pixels, int width, int height, int stride);
	struct g_string *(*chafa_canvas_print)(void *canvas, void *info);
	void (*chafa_canvas_unref)(void *canvas);
	char *(*g_string_free)(struct g_string *string, int free_text);
};

/* ERR_NOT_FOUND: it is not installed, and the message names the package. */
enum err_kind chafa_open(struct chafa *ret_lib, struct err *err);
