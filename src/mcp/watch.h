/*
 * watch.h - what others do to the ledger, for those who want to be told: a thread looks
 * once a second whether anybody has written, and if so, how the things that are watched
 * are now. It takes no lease and no part in any work, and sleeps when nothing is watched.
 *
 * A thing is news when it is not as it was when it was looked at last. These functions
 * are for the server's thread; `woken_fd` is readable when there is something for it.
 */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "mcp/mcp.h"
#include "mcp/uri.h"

enum { WATCH_MAX = 256 };

/* What can be watched, by its name: a resource by its uri, the list of them, an errand.
 */
#define WATCH_LIST "list"
#define WATCH_ERRAND "errand:" /* and its id */

struct watched {
	char name[URI_BYTES];
	size_t n_users;
	char *text; /* how it is: an errand's view; NULL: there is none */
	bool is_seen; /* it has been looked at */
	bool is_news;
};

struct watch {
	const struct mcp_options *options;
	int woken_fd; /* borrowed: an event descriptor */
	pthread_t thread;
	bool has_thread;
	/* Under the lock. */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct watched all[WATCH_MAX]; /* the first n; n_users 0: nobody wants it */
	size_t n;
	bool is_ending;
};

void watch_open(struct watch *watch, const struct mcp_options *options, int woken_fd);
/* False: its thread did not end in time, and what it uses must be left alone. */
bool watch_close(struct watch *watch);

/* One more, or one less, wants to know of it. False: too many things are watched, or the
 * system has no thread left. */
bool watch_add(struct watch *watch, const char *name);
void watch_remove(struct watch *watch, const char *name);

/* Has it been looked at? Then *ret_text (malloc'ed) is how it is; NULL: there is none. */
bool watch_see(struct watch *watch, const char *name, char **ret_text);
/*
 * Takes one that is news. False: there is none. *ret_text as above.
 */
bool watch_take_news(struct watch *watch, char ret_name[URI_BYTES], char **ret_text);
