/*
 * audio.h - a short MP3: five seconds of silence, told apart by its tag.
 *
 *   ID3v2 (label, padding) | Info frame: how many frames follow | frames
 */
#pragma once

#include "common/source.h"

enum { AUDIO_DURATION_MS = 5042 };

/* Append one; `pad_to` is the whole size wished for, ignored when it is too small. */
void audio_open(struct source *s, const char *label, uint64_t pad_to);
