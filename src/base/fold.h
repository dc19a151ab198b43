/*
 * fold.h - texts as they are compared when somebody looks for one: what differs by case,
 * by width (Ａ, A) or by how it is put together (é of one or of two characters) is the
 * same.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/*
 * Adds the NFKC_Casefold of a text behind what is in *into. What is no UTF-8 is added as
 * it is.
 */
void fold_add(struct buf *into, const char *utf8);
