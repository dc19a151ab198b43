/*
 * pick.h - one variant of a file is picked: the asset becomes that one.
 */
#pragma once

#include "model/choice.h"
#include "model/task.h"

/*
 * Of what the record lists and `offered` (NULL: nothing was asked, or nothing came of it)
 * has, as `wish` says. False: no memory, and the asset is as it was.
 */
bool pick_variant(struct task *task, struct asset *asset, const struct asset *offered,
    enum quality quality);
/* Is what is stored of it certainly less than `quality`, or may it be? */
bool pick_may_better(const struct asset *asset, enum quality quality);
/* "1080p, 1920x1080, 4.0 MB": the one that its asset is now. */
enum { PICK_WORDS_MAX = 160 };
const char *pick_words(const struct asset *asset, char words[PICK_WORDS_MAX]);
