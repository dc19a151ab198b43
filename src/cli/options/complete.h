/*
 * complete.h - scripts that complete verbs, options, their values, and ids out of the
 * ledger in bash, zsh and fish; from the same tables as help.
 */
#pragma once

#include "base/buf.h"

enum { COMPLETE_MAX = 256 * 1024 };

void complete_add_bash(struct buf *into);
void complete_add_zsh(struct buf *into);
void complete_add_fish(struct buf *into);
