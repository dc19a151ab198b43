/*
 * mix.h - what the past of an account consists of, as `--account-records` and scripts
 * write it:
 *
 *     3000                                     all kinds, in the usual shares
 *     images=20,videos=5,elsewhere=40%,step=1h
 *
 * Words with a comma between them: a number, which deals that many records out to all
 * kinds; kind=N, which sets the number of one; and the words that say how they are. The
 * table in mix.c has all.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum mix_part {
	MIX_IMAGES,
	MIX_VIDEOS,
	MIX_AUDIO,
	MIX_FAILED, /* images that were refused in some way, or went wrong */
	MIX_RUNNING, /* videos that will run for long yet */
	MIX_DELETED, /* status 100 */
	MIX_GONE, /* no record any more; their files are there */
	MIX_PARTS
};

struct mix {
	char account[64]; /* "": that of who asks, or "test" */
	int parts[MIX_PARTS]; /* how many records */
	int elsewhere; /* percent: made by another program, half of them without submit id
			*/
	int samples; /* percent of the videos: their records link samples */
	double age_s; /* of the newest that has ended */
	double step_s; /* between two of them */
};

/* False, and *ret is untouched, when the text is none. */
bool mix_read(const char *text, struct mix *ret);

int mix_count(const struct mix *mix);
