/*
 * name_template.h - reading a name template, piece by piece. For store/ only.
 *
 *	{date:%Y}/{prompt:20|id}_{index:02}.{ext}
 *	 a place  "/"  a place: the first choice that is known ...
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "store/name_field.h"

/* Text as it is, or a place: what is between two braces. */
struct name_piece {
	const char *text;
	size_t len; /* 0, and no place: the template's end */
	bool is_place;
};
/* The piece at *at, which is moved behind it. ERR_USAGE: a brace is not closed. */
enum err_kind name_take_piece(
    const char *template, const char **at, struct name_piece *ret_piece, struct err *err);
/*
 * The next choice of a place, which loses it; *ret_has false: there was none left.
 * ERR_USAGE: no such field, or it is not written so.
 */
enum err_kind name_take_choice(struct name_piece *place, struct name_choice *ret_choice,
    bool *ret_has, struct err *err);
