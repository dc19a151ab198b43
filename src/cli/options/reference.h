/*
 * reference.h - every verb and option as Markdown, for the pages in docs/: made of the
 * same tables as help and manual, in the language of the locale.
 */
#pragma once

#include "base/buf.h"

void reference_add(struct buf *into);
