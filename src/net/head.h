/*
 * head.h - the lines of an answer's head become a struct net_head. Pure: bytes and the
 * time go in, so it is tested and fuzzed without a network.
 *
 * Calling sequence: head_make, head_line for every line a transfer delivers (interim
 * 1xx heads and trailers too), until is_complete. Of a header that comes twice the first
 * counts, but two different Content-Lengths are refused. A value nobody can read is as
 * good as absent.
 */
#pragma once

#include "net/net.h"

enum {
	HEAD_BYTES_MAX = 64 * 1024, /* all lines of one transfer */
	HEAD_WAIT_MAX_S = 7 * 24 * 3600, /* the longest Retry-After we believe */
};

enum head_text {
	HEAD_ETAG,
	HEAD_CONTENT_TYPE,
	HEAD_LAST_MODIFIED,
	HEAD_LOCATION,
	HEAD_TT_LOGID,
	HEAD_ERROR_CODE,
	HEAD_EXCEPTION,
	HEAD_RETRY_AFTER,
	HEAD_TEXTS,
};

struct head {
	struct net_head view; /* what handlers see; points into `texts` */
	char *texts[HEAD_TEXTS];
	size_t bytes;
	bool is_complete; /* the final head ended; further lines are trailers */
	bool is_chunked;
	bool is_encoded; /* in some way; by gzip alone: */
	bool is_gzip;
	bool has_length;
};

/* `peer` is borrowed for as long as the head lives. */
struct head head_make(const char *peer);
/* Takes one line. ERR_CONTRACT: it is too much, or contradictory. ERR_NOMEM. */
enum err_kind head_line(struct head *head, const char *line, size_t len,
    int64_t now_unix_ms, struct err *err);
void head_release(struct head *head);
