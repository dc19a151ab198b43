/*
 * manual.h - the manual page dreamq(1) as roff, from the same tables as help.
 */
#pragma once

#include "base/buf.h"

void manual_add(struct buf *into);
