/*
 * batch_keys.c - the key of a batch becomes one of each line; batch.h says how.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/commands/batch.h"
#include "cli/term/i18n.h"

/*
 * Compares lines by their digests, for sorting; the array of digests is in the file's
 * order.
 */
static int compare_digests(const void *a, const void *b)
{
	const char(*left)[BATCH_DIGEST_MAX] = *(char(*const *)[BATCH_DIGEST_MAX])a;
	const char(*right)[BATCH_DIGEST_MAX] = *(char(*const *)[BATCH_DIGEST_MAX])b;
	const int order = strcmp(*left, *right);

	if (order)
		return order;
	return left < right ? -1 : left > right;
}

static const char *line_key(
    struct batch *batch, const struct dq_submit *submit, const char *digest, size_t nth)
{
	_cleanup_free_ char *key = NULL;
	int made;

	if (!digest)
		made = asprintf(&key, "%s%zu", submit->key_scope, submit->line);
	else if (nth == 1)
		made = asprintf(&key, "%s%s", submit->key_scope, digest);
	else
		made = asprintf(&key, "%s%s.%zu", submit->key_scope, digest, nth);
	if (made < 0)
		key = NULL;
	return key ? arena_strdup(&batch->arena, key) : NULL;
}

static enum err_kind give_keys(
    struct batch *batch, const char *scope, bool is_by_line, struct err *err)
{
	char(**sorted)[BATCH_DIGEST_MAX];
	_cleanup_free_ void *owned = sorted = calloc(batch->n, sizeof(void *));
	size_t nth = 0;

	if (!sorted)
		return err_set(err, ERR_NOMEM, "out of memory for the batch");
	for (size_t i = 0; i < batch->n; i++)
		sorted[i] = &batch->digests[i];
	qsort(sorted, batch->n, sizeof(void *), compare_digests);
	for (size_t i = 0; i < batch->n; i++) {
		struct dq_submit *submit = &batch->submits[sorted[i] - batch->digests];
		const char *digest = *sorted[i];

		if (!digest[0])
			continue;
		nth = i && !strcmp(digest, *sorted[i - 1]) ? nth + 1 : 1;
		submit->key_scope = scope;
		submit->idempotency_key =
		    line_key(batch, submit, is_by_line ? NULL : digest, nth);
		if (!submit->idempotency_key)
			return err_set(err, ERR_NOMEM, "out of memory for the batch");
		if (batch_check_key(submit->idempotency_key, err))
			return err->kind;
	}
	return ERR_OK;
}

enum err_kind batch_give_keys(
    struct batch *batch, const char *key, bool is_by_line, struct err *err)
{
	_cleanup_free_ char *scope = NULL;
	const char *kept;

	if (!key)
		return ERR_OK;
	if (asprintf(&scope, "%s/", key) < 0)
		scope = NULL;
	kept = scope ? arena_strdup(&batch->arena, scope) : NULL;
	if (!kept)
		return err_set(err, ERR_NOMEM, "out of memory for the batch");
	return give_keys(batch, kept, is_by_line, err);
}
