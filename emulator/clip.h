/*
 * clip.h - the short MP4 that every video is made of; made when building.
 */
#pragma once

#include <stddef.h>

extern const unsigned char clip_bytes[];
extern const size_t clip_size;
