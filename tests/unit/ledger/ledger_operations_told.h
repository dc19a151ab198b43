/*
 * ledger_operations_told.h - those of ledger_operations.h that write what is to be told:
 * deliveries. Behind cmocka.h.
 */
#pragma once

#include "ledger/deliveries.h"
#include "ledger_fixture.h"

static inline enum err_kind do_deliver(struct ledger *ledger, struct err *err)
{
	const struct delivery_made made = { .is = { .hook = "deliver",
						.account = ME,
						.submit_id = "seen",
						.event = "done",
						.index = -1,
						.body = "{}" },
		.unless_known = true,
		.now_unix_ms = NOW };

	return ledger_deliver(ledger, &made, err);
}

static inline enum err_kind do_claim(struct ledger *ledger, struct err *err)
{
	struct delivery_claims claims = { .n = 0 };

	if (ledger_delivery_claim(ledger, "claim", 1, NOW, &claims, err))
		return err->kind;
	arena_release(&claims.arena);
	return claims.n == 1 ? ERR_OK : ERR_CONTRACT;
}

static inline bool pass_delivery(void *payload, const struct delivery *delivery)
{
	(void)payload;
	return delivery != NULL;
}

/* Who wants to be told of all. */
static inline char *tell_nothing(void *payload, const struct ledger_happening *happening)
{
	(void)payload;
	return happening->task ? strdup("{}") : NULL;
}

static const struct ledger_hook everything __attribute__((unused)) = { .name = "all",
	.wants_stored = true,
	.wants_failed = true,
	.wants_done = true,
	.tell = tell_nothing };

/* Of a row that nobody else touches: it was prepared first. */
static inline enum err_kind do_settle(struct ledger *ledger, struct err *err)
{
	const struct delivery_end end = { .state = DELIVERY_SENT };

	return ledger_delivery_settle(ledger, 1, &end, NOW, err);
}

static inline enum err_kind do_change(struct ledger *ledger, struct err *err)
{
	const struct delivery_filter filter = { .hook = "change" };
	size_t n = 0;

	return ledger_delivery_change(ledger, &filter, DELIVERY_DROPPED, NOW, &n, err);
}
