/*
 * options.h - the command line. One table gives parser and help.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/err.h"

struct options {
	int port, cdn_port; /* 0: a free one */
	const char *port_file, *script, *log, *cert_file; /* NULL: not wanted */
	const char *cdn_base; /* where links point to; NULL: our own CDN */
	uint64_t seed;
	double time_scale;
	double link_life_s; /* 0: as measured */
	double clock_skew_s; /* the clock is that far ahead of ours */
	int max_running, max_running_images, max_running_videos; /* 0: any number */
	const char *region; /* a cluster, jimeng/region.h; NULL: all */
	const char *account_records; /* a mix, mix.h; NULL: no records */
	bool tls, real_clock;
	bool failed_returned; /* what failed tasks have cost comes back */
	bool help, man, version;
};

/* Texts are borrowed from argv. */
enum err_kind options_read(int argc, char **argv, struct options *ret, struct err *err);

/* Print the help that --help shows. */
void options_help(void);

/* Print the manual page, of the same rows. */
void options_manual(void);
