#include "core/submit/batch_lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"

enum { RANGES_MAX = 8, SENTENCE_MAX = 4096 };

/* --- the same submission more than once ------------------------------------------ */

/* By hash, then by place; the array's order is the batch's. */
static int compare(const void *a, const void *b)
{
	const struct submission *left = *(struct submission *const *)a;
	const struct submission *right = *(struct submission *const *)b;
	const int order = strcmp(left->content_hash, right->content_hash);

	if (order)
		return order;
	return left < right ? -1 : left > right;
}

enum err_kind submissions_number(
    struct submission *submissions, size_t n, struct err *err)
{
	_cleanup_free_ struct submission **sorted =
	    calloc(n, sizeof(struct submission *));

	if (!sorted)
		return err_set(err, ERR_NOMEM, "no memory for %zu submits", n);
	for (size_t i = 0; i < n; i++)
		sorted[i] = &submissions[i];
	qsort(sorted, n, sizeof(struct submission *), compare);
	for (size_t i = 0; i < n; i++)
		sorted[i]->nth =
		    i && !strcmp(sorted[i]->content_hash, sorted[i - 1]->content_hash)
		    ? sorted[i - 1]->nth + 1
		    : 1;
	return ERR_OK;
}

/* --- what is said of them -------------------------------------------------------- */

enum err_kind batch_blame(const struct dq_batch *batch, size_t i, struct err *err)
{
	const size_t line = batch->submits[i].line;

	if (line && batch->name)
		return err_note(err, "%s, line %zu", batch->name, line);
	if (line)
		return err_note(err, "line %zu", line);
	return batch->n > 1 ? err_note(err, "submit %zu", i + 1) : err->kind;
}

static size_t number_of(const struct dq_batch *batch, size_t i)
{
	return batch->submits[i].line ? batch->submits[i].line : i + 1;
}

/*
 * "1, 3-5": those that are known, or those that are not. What stands between
 * two of the same kind and is no submit (a comment) does not part them. 0: none.
 */
static size_t add_lines(
    struct buf *into, const struct dq_batch *batch, const bool *is_known, bool wanted)
{
	size_t n = 0, n_ranges = 0;
	_cleanup_(buf_release) struct buf ranges = buf_make(SENTENCE_MAX);

	for (size_t i = 0; i < batch->n; i++) {
		size_t last = i;

		if (is_known[i] != wanted)
			continue;
		while (last + 1 < batch->n && is_known[last + 1] == wanted)
			last++;
		n += last - i + 1;
		if (++n_ranges <= RANGES_MAX)
			buf_addf(&ranges, "%s%zu", n_ranges > 1 ? ", " : "",
			    number_of(batch, i));
		if (n_ranges <= RANGES_MAX && last > i)
			buf_addf(&ranges, "-%zu", number_of(batch, last));
		i = last;
	}
	if (n == 0)
		return 0;
	buf_addf(into, "%s%s", ranges.data, n_ranges > RANGES_MAX ? ", ..." : "");
	return n;
}

enum err_kind batch_refuse(struct dq *dq, const struct dq_batch *batch,
    const struct intent *intents, size_t refused, struct err *err)
{
	_cleanup_free_ bool *is_known = calloc(batch->n, sizeof(*is_known));
	_cleanup_(buf_release) struct buf paid = buf_make(SENTENCE_MAX);
	_cleanup_(buf_release) struct buf new = buf_make(SENTENCE_MAX);
	struct err ignored;
	size_t n;

	(void)batch_blame(batch, refused, err);
	if (!is_known || batch->n == 1 || !intents[refused].idempotency_key ||
	    ledger_intended_before(dq->ledger, intents, batch->n, is_known, &ignored))
		return err->kind;
	n = add_lines(&paid, batch, is_known, true);
	(void)add_lines(&new, batch, is_known, false);
	if (buf_failed(&paid) || buf_failed(&new))
		return err->kind;
	err_more(err, "; nothing was sent: ");
	if (n > 0)
		err_more(err, n > 1 ? N_("lines %s are paid") : N_("line %s is paid"),
		    paid.data);
	if (n > 0 && n < batch->n)
		err_more(err, ", ");
	if (n < batch->n)
		err_more(err,
		    batch->n - n > 1 ? N_("lines %s are new") : N_("line %s is new"),
		    new.data);
	return err->kind;
}
