/*
 * yuv.h - the rows of a decoded frame as RGBA.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <libavutil/frame.h>

/* Is it of a form that yuv_row() reads: planes of Y, U and V, 8 to 12 bits? */
bool yuv_can(const AVFrame *frame);
/* Every `step`th pixel of row `y` of such a frame; `rgba` has room for all of them. */
void yuv_row(const AVFrame *frame, int y, int step, uint8_t *rgba);
