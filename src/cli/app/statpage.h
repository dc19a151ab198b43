/*
 * statpage.h - statistics for people: sections of tables and small pictures.
 */
#pragma once

#include "cli/app/app.h"
#include "dreamq/stats.h"

/* Prints all of it on stdout, as wide as the terminal; 80 columns where there is none. */
void statpage_print(struct app *app, const struct dq_stats *stats);
