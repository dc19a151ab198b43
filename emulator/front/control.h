/*
 * control.h - /_emulator/…: what tests use to look and to prepare.
 *
 *   GET    /_emulator/stats    counters, and how often every id was accepted
 *   GET    /_emulator/tasks    every task with its state
 *   POST   /_emulator/tasks    make many tasks at once
 *   DELETE /_emulator/tasks    remove their records, or their files
 *   POST   /_emulator/records  give an account a past
 *   GET    /_emulator/regions  the clusters, and what belongs to each
 *   GET    /_emulator/script   the lines with their counts
 *   POST   /_emulator/script   append lines;  DELETE clears
 */
#pragma once

#include "front/emulator.h"

/* False when the path is not one of these. */
bool control_answer(struct emulator *emu, struct request *r);
