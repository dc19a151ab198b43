/*
 * keyed.h - intents with keys, and what became of them. Behind cmocka.h.
 */
#pragma once

#include "suite.h"

static inline void assert_same(const char *is, const char *wanted)
{
	assert_int_equal(is != NULL, wanted != NULL);
	if (wanted)
		assert_string_equal(is, wanted);
}

static inline struct intent keyed(
    const char *id, const char *key, const char *content_hash)
{
	struct intent intent = intent_of(id);

	intent.idempotency_key = key;
	intent.content_hash = content_hash;
	return intent;
}

static inline void expect(struct suite *s, const struct intent *intent, const char *id)
{
	struct intended intended;

	ok(ledger_intend(s->b, intent, 1, &intended, NULL, &s->err));
	assert_string_equal(intended.submit_id, id);
	assert_int_equal(intended.is_known, strcmp(id, intent->submit_id) != 0);
}

static inline void assert_key(
    struct suite *s, const char *id, const char *key, const char *rerolls)
{
	struct task *task = NULL;

	ok(ledger_find(s->b, ME, id, &task, &s->err));
	assert_non_null(task);
	assert_same(task->idempotency_key, key);
	assert_same(task->rerolls, rerolls);
	task_free(task);
}
