/*
 * texts.h - the words of each form (forms.h), and what they share. Pure.
 */
#pragma once

#include "base/buf.h"
#include "core/sidecar/forms.h"

enum { SIDECAR_TEXT_MAX = 4 << 20 };

/* What 'show --json' says, and of places only those that `is_here` knows. */
char *sidecar_text_json(const struct sidecar_of *of);

/*
 * The prompt; behind it one line of "Key: value, ...", at least three of them. A value
 * with a comma, a colon or a quote is a JSON string. So the PNG Info of Stable Diffusion
 * web UIs reads it, and what reads their files.
 */
char *sidecar_text_parameters(const struct sidecar_of *of);
char *sidecar_mark_parameters(const char *submit_id);

/*
 * A packet of XMP (ISO 16684-1). Another program that writes it anew puts its own name
 * where ours is, and it is no longer ours then: ratings and keywords of photo managers
 * stay.
 */
char *sidecar_text_xmp(const struct sidecar_of *of);
char *sidecar_mark_xmp(const char *submit_id);

/*
 * Adds a stranger's text with line feeds and tabs. All other control characters, what XML
 * has no place for and bytes that are no UTF-8 become U+FFFD; CR LF is LF.
 */
void sidecar_add_clean(struct buf *into, const char *text);
