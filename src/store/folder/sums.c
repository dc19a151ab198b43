/*
 * sums.c - what the bytes of a partial are: each is summed up once, while it is written
 * and in the processor's cache. Read back is only what somebody else has written (a run
 * before this one), and all of it when an md5 is wanted that was not, so far.
 *
 * A checkpoint takes the sums as they are while more is written, hence the lock.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "store/folder/digest.h"
#include "store/folder/seal.h"
#include "store/folder/sink_impl.h"

void folder_forget_sums(struct folder_partial *p)
{
	hash_free(p->sha256);
	hash_free(p->md5);
	p->sha256 = p->md5 = NULL;
	p->hashed_bytes = 0;
}

static void lock(struct folder_partial *p)
{
	(void)pthread_mutex_lock(&p->sums_lock);
}

static void unlock(struct folder_partial *p)
{
	(void)pthread_mutex_unlock(&p->sums_lock);
}

void folder_want_md5(struct partial *partial)
{
	struct folder_partial *p = folder_partial(partial);

	lock(p);
	p->wants_md5 = true;
	unlock(p);
}

/* Begins from the start again when a sum is wanted that was not, so far. */
static enum err_kind begin_sums(struct folder_partial *p, struct err *err)
{
	if (p->wants_md5 && !p->md5)
		folder_forget_sums(p);
	if (!p->sha256 && hash_new(HASH_SHA256, &p->sha256, err))
		return err->kind;
	return p->wants_md5 && !p->md5 ? hash_new(HASH_MD5, &p->md5, err) : ERR_OK;
}

void folder_sum_next(struct folder_partial *p, const void *bytes, size_t len)
{
	struct err ignored; /* they can be read back */

	lock(p);
	if (!begin_sums(p, &ignored) && p->hashed_bytes == p->size_bytes) {
		hash_add(p->sha256, bytes, len);
		if (p->md5)
			hash_add(p->md5, bytes, len);
		p->hashed_bytes += len;
	}
	unlock(p);
}

/* The running sums, at least up to there. */
static enum err_kind sum_up_to(
    struct folder_partial *p, uint64_t size_bytes, struct err *err)
{
	if (begin_sums(p, err) ||
	    (p->hashed_bytes < size_bytes &&
		digest_add(p->fd, p->hashed_bytes, size_bytes, p->sha256, p->md5, err))) {
		folder_forget_sums(p);
		return err_note(err, "'%s'", p->path);
	}
	if (p->hashed_bytes < size_bytes)
		p->hashed_bytes = size_bytes;
	return ERR_OK;
}

/* Writes a sum of so many digits and its end; "" stays when nobody wants it. */
static enum err_kind peek(
    const struct hash *hash, char *ret_hex, size_t size, struct err *err)
{
	char hex[HASH_HEX_MAX] = "";

	if (!hash)
		return ERR_OK;
	hash_peek(hash, hex);
	memcpy(ret_hex, hex, size);
	return *hex ? ERR_OK : folder_no_memory(err);
}

enum err_kind folder_sum(
    struct partial *partial, struct sealed *ret_sealed, struct err *err)
{
	struct folder_partial *p = folder_partial(partial);
	struct sealed sealed = { .size_bytes = p->size_bytes };

	if (media_check(p->fd, sealed.size_bytes, &sealed.type, err) ||
	    sum_up_to(p, sealed.size_bytes, err) ||
	    peek(p->sha256, sealed.sha256, sizeof(sealed.sha256), err) ||
	    peek(p->md5, sealed.md5, sizeof(sealed.md5), err))
		return err->kind;
	*ret_sealed = sealed;
	return ERR_OK;
}

enum err_kind folder_trust(struct partial *partial, const struct synced *synced,
    uint64_t *ret_size_bytes, struct err *err)
{
	struct folder_partial *p = folder_partial(partial);
	char sha256[HASH_HEX_MAX] = "";
	uint64_t good_bytes = 0;

	if (synced->size_bytes > 0 && synced->size_bytes <= p->size_bytes) {
		if (sum_up_to(p, synced->size_bytes, err))
			return err->kind;
		hash_peek(p->sha256, sha256);
	}
	if (*sha256 && strcmp(sha256, synced->sha256) == 0)
		good_bytes = synced->size_bytes;
	if (partial_truncate(partial, good_bytes, err))
		return err->kind;
	*ret_size_bytes = good_bytes;
	return ERR_OK;
}

static enum err_kind sum_now(struct folder_partial *p, uint64_t size_bytes,
    struct synced *ret_sum, struct err *err)
{
	enum err_kind kind;

	lock(p);
	kind = sum_up_to(p, size_bytes, err);
	if (!kind)
		kind = peek(p->sha256, ret_sum->sha256, sizeof(ret_sum->sha256), err);
	ret_sum->size_bytes = p->hashed_bytes;
	unlock(p);
	return kind;
}

enum err_kind folder_sync(struct partial *partial, uint64_t size_bytes,
    struct synced *ret_synced, struct err *err)
{
	struct folder_partial *p = folder_partial(partial);
	struct synced synced = { .size_bytes = 0 };

	/* What is summed up has been written, so the sync is for it, too. */
	if (sum_now(p, size_bytes, &synced, err) || seal_bytes(p, err))
		return err->kind;
	*ret_synced = synced;
	return ERR_OK;
}
