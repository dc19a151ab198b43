/*
 * task_files.h - the files of one task: what a poll brings of them, and what is known of
 * them as a whole. The functions that downloads.h names are here, too.
 */
#pragma once

#include "core/download/file.h"

/* At the end of a run, with no job and no transfer under way. */
void task_files_free_all(struct downloads *downloads);
/* The waiting time is over, and there is no room: what no poll will help is given up. */
void task_files_give_up_waiting(struct downloads *downloads);
