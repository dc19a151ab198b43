#include "cli/term/graphics.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
	COLUMNS = 80,
	ROWS = 24,
	/* Of a character, where the terminal does not tell; of symbols, what chafa looks
	   at. */
	CELL_WIDTH = 10,
	CELL_HEIGHT = 20,
	SYMBOL_WIDTH = 8,
	SYMBOL_HEIGHT = 16,
};

const char *const graphics_names[] = { "auto", "kitty", "iterm", "sixel", "symbols",
	NULL };

static const struct {
	const char *name;
	int pixel_mode, sequence;
} protocols[] = {
	{ "kitty", CHAFA_PIXEL_KITTY, CHAFA_SEQ_KITTY },
	{ "iterm", CHAFA_PIXEL_ITERM2, CHAFA_SEQ_ITERM2 },
	{ "sixel", CHAFA_PIXEL_SIXELS, CHAFA_SEQ_SIXELS },
};

/* What tells of a terminal that chafa 1.12 may not know; the first that holds counts. */
static const struct {
	const char *variable, *begins; /* "": any value */
	int pixel_mode;
} signs[] = {
	/* In these a picture would not get through, or not be scrolled. */
	{ "TMUX", "", CHAFA_PIXEL_SYMBOLS },
	{ "TERM", "screen", CHAFA_PIXEL_SYMBOLS },
	{ "TERM", "tmux", CHAFA_PIXEL_SYMBOLS },
	{ "TERM", "linux", CHAFA_PIXEL_SYMBOLS },
	{ "KITTY_WINDOW_ID", "", CHAFA_PIXEL_KITTY },
	{ "TERM", "xterm-kitty", CHAFA_PIXEL_KITTY },
	{ "TERM", "xterm-ghostty", CHAFA_PIXEL_KITTY },
	{ "TERM_PROGRAM", "ghostty", CHAFA_PIXEL_KITTY },
	{ "TERM_PROGRAM", "iTerm.app", CHAFA_PIXEL_ITERM2 },
	{ "LC_TERMINAL", "iTerm2", CHAFA_PIXEL_ITERM2 },
	{ "TERM_PROGRAM", "WezTerm", CHAFA_PIXEL_ITERM2 },
	{ "TERM", "foot", CHAFA_PIXEL_SIXELS },
	{ "TERM", "mlterm", CHAFA_PIXEL_SIXELS },
	{ "TERM", "contour", CHAFA_PIXEL_SIXELS },
};

static const char *variable(const char *name)
{
	const char *value = getenv(name);

	return value ? value : "";
}

static int detect_pixels(const struct graphics *graphics)
{
	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		const char *value = variable(signs[i].variable);

		if (value[0] && !strncmp(value, signs[i].begins, strlen(signs[i].begins)))
			return signs[i].pixel_mode;
	}
	for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++)
		if (graphics->lib.chafa_term_info_have_seq(
			graphics->info, protocols[i].sequence))
			return protocols[i].pixel_mode;
	return CHAFA_PIXEL_SYMBOLS;
}

/* Those that show every colour, and do not all say so in COLORTERM. */
static const struct {
	const char *variable, *has;
} true_colours[] = {
	{ "COLORTERM", "truecolor" },
	{ "COLORTERM", "24bit" },
	{ "TERM", "direct" },
	{ "TERM", "kitty" },
	{ "TERM", "ghostty" },
	{ "TERM", "foot" },
	{ "TERM", "alacritty" },
	{ "TERM", "contour" },
	{ "TERM_PROGRAM", "iTerm.app" },
	{ "TERM_PROGRAM", "WezTerm" },
	{ "TERM_PROGRAM", "ghostty" },
	{ "TERM_PROGRAM", "vscode" },
};

/* Old ones, and consoles: 16 colours. All others have 256 today, whatever they are
 * called. */
static const char *const few_colours[] = { "linux", "vt", "ansi", "cons", "cygwin" };

static int detect_colours(bool has_colours, int pixel_mode)
{
	const char *term = variable("TERM");

	if (!has_colours || !strcmp(term, "dumb"))
		return CHAFA_NO_COLOUR;
	if (pixel_mode != CHAFA_PIXEL_SYMBOLS)
		return CHAFA_TRUECOLOR; /* of the picture; those of text are others */
	for (size_t i = 0; i < sizeof(true_colours) / sizeof(true_colours[0]); i++)
		if (strstr(variable(true_colours[i].variable), true_colours[i].has))
			return CHAFA_TRUECOLOR;
	for (size_t i = 0; i < sizeof(few_colours) / sizeof(few_colours[0]); i++)
		if (!strncmp(term, few_colours[i], strlen(few_colours[i])))
			return CHAFA_INDEXED_16;
	return term[0] ? CHAFA_INDEXED_256 : CHAFA_INDEXED_16;
}

/* By the environment: whether a locale of that name exists does not change the terminal.
 */
static bool is_utf8(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *value = variable(names[i]);

		if (value[0])
			return strcasestr(value, "utf-8") || strcasestr(value, "utf8");
	}
	return false;
}

static void measure(struct graphics *graphics)
{
	struct winsize size = { 0 };
	const bool is_terminal = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0;

	graphics->columns = is_terminal && size.ws_col > 0 ? size.ws_col : COLUMNS;
	graphics->rows = is_terminal && size.ws_row > 0 ? size.ws_row : ROWS;
	graphics->cell_width = CELL_WIDTH;
	graphics->cell_height = CELL_HEIGHT;
	if (graphics->pixel_mode == CHAFA_PIXEL_SYMBOLS) {
		graphics->cell_width = SYMBOL_WIDTH;
		graphics->cell_height = SYMBOL_HEIGHT;
	} else if (size.ws_xpixel >= graphics->columns &&
	    size.ws_ypixel >= graphics->rows) {
		graphics->cell_width = size.ws_xpixel / graphics->columns;
		graphics->cell_height = size.ws_ypixel / graphics->rows;
	}
}

static int pixel_mode_of(const char *name)
{
	for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++)
		if (!strcmp(protocols[i].name, name))
			return protocols[i].pixel_mode;
	return CHAFA_PIXEL_SYMBOLS;
}

enum err_kind graphics_open(
    struct graphics *ret_graphics, const char *which, bool has_colours, struct err *err)
{
	struct graphics graphics = { 0 };
	void *known, *fallback;

	if (chafa_open(&graphics.lib, err))
		return err->kind;
	known = graphics.lib.chafa_term_db_get_default();
	graphics.info = graphics.lib.chafa_term_db_detect(known, environ);
	if (which && strcmp(which, "auto") != 0)
		graphics.pixel_mode = pixel_mode_of(which);
	else
		graphics.pixel_mode =
		    has_colours ? detect_pixels(&graphics) : CHAFA_PIXEL_SYMBOLS;
	graphics.colour_mode = detect_colours(has_colours, graphics.pixel_mode);
	graphics.symbol_tags = is_utf8() ? CHAFA_TAGS_BLOCKS : CHAFA_TAGS_ASCII;
	/* What it is said to have although chafa does not know it. */
	fallback = graphics.lib.chafa_term_db_get_fallback_info(known);
	graphics.lib.chafa_term_info_supplement(graphics.info, fallback);
	graphics.lib.chafa_term_info_unref(fallback);
	measure(&graphics);
	*ret_graphics = graphics;
	return ERR_OK;
}

void graphics_release(struct graphics *graphics)
{
	if (graphics->info)
		graphics->lib.chafa_term_info_unref(graphics->info);
	*graphics = (struct graphics){ 0 };
}

static void *make_config(const struct graphics *graphics, unsigned columns, unsigned rows)
{
	const struct chafa *lib = &graphics->lib;
	void *config = lib->chafa_canvas_config_new();
	void *symbols = lib->chafa_symbol_map_new();

	lib->chafa_symbol_map_add_by_tags(symbols, graphics->symbol_tags);
	lib->chafa_canvas_config_set_symbol_map(config, symbols);
	lib->chafa_symbol_map_unref(symbols);
	lib->chafa_canvas_config_set_geometry(config, (int)columns, (int)rows);
	lib->chafa_canvas_config_set_cell_geometry(
	    config, (int)graphics->cell_width, (int)graphics->cell_height);
	lib->chafa_canvas_config_set_canvas_mode(config, graphics->colour_mode);
	lib->chafa_canvas_config_set_pixel_mode(config, graphics->pixel_mode);
	return config;
}

enum err_kind graphics_draw(const struct graphics *graphics, const struct pixels *pixels,
    unsigned columns, unsigned rows, struct buf *into, struct err *err)
{
	const struct chafa *lib = &graphics->lib;
	void *config = make_config(graphics, columns, rows);
	void *canvas = lib->chafa_canvas_new(config);
	struct g_string *text;

	lib->chafa_canvas_draw_all_pixels(canvas, CHAFA_RGBA8_UNASSOCIATED, pixels->bytes,
	    (int)pixels->width, (int)pixels->height, (int)pixels->width * 4);
	text = lib->chafa_canvas_print(canvas, graphics->info);
	buf_add(into, text->str, text->len);
	(void)lib->g_string_free(text, 1);
	lib->chafa_canvas_unref(canvas);
	lib->chafa_canvas_config_unref(config);
	return buf_failed(into) ? err_set(err, ERR_NOMEM, "out of memory") : ERR_OK;
}
