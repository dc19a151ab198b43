#include "store/folder/promise.h"

#include <stdlib.h>
#include <string.h>

void promises_init(struct promises *promises)
{
	pthread_mutex_init(&promises->lock, NULL);
	TAILQ_INIT(&promises->all);
}

void promises_release(struct promises *promises)
{
	pthread_mutex_destroy(&promises->lock);
}

/* Under the lock, as the next. */
static void drop(struct promises *promises, struct promise *promise)
{
	if (!promise->location)
		return;
	TAILQ_REMOVE(&promises->all, promise, others);
	free(promise->location);
	promise->location = NULL;
}

static bool is_free(
    const struct promises *promises, const char *location, const char *sha256)
{
	const struct promise *promise;

	TAILQ_FOREACH(promise, &promises->all, others)
		if (strcmp(promise->location, location) == 0 &&
		    strcmp(promise->sha256, sha256) != 0)
			return false;
	return true;
}

enum err_kind promise_make(struct promises *promises, struct promise *promise,
    const char *location, const char *sha256, bool *ret_is_made, struct err *err)
{
	char *copy = strdup(location);

	if (!copy)
		return err_set(err, ERR_NOMEM, "out of memory for a file name");
	pthread_mutex_lock(&promises->lock);
	drop(promises, promise);
	*ret_is_made = is_free(promises, location, sha256);
	if (*ret_is_made) {
		promise->location = copy;
		(void)stpncpy(promise->sha256, sha256, sizeof(promise->sha256) - 1);
		TAILQ_INSERT_HEAD(&promises->all, promise, others);
		copy = NULL;
	}
	pthread_mutex_unlock(&promises->lock);
	free(copy);
	return ERR_OK;
}

void promise_drop(struct promises *promises, struct promise *promise)
{
	pthread_mutex_lock(&promises->lock);
	drop(promises, promise);
	pthread_mutex_unlock(&promises->lock);
}
