/* The frozen lines that are of no event, byte for byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "dreamq/json.h"
#include "dreamq/verify.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static void assert_line(char *take_line, const char *wanted)
{
	_cleanup_free_ char *line = take_line;

	assert_non_null(line);
	assert_string_equal(line, wanted);
}

static void logins(void **state)
{
	const struct dq_login bare = { .path = "/c/cookie", .credit = -1 };
	const struct dq_login full = { .profile = "work",
		.path = "/c/\xff",
		.exists = true,
		.was_asked = true,
		.is_valid = false,
		.expires_unix = 1795383005,
		.credit = 0,
		.expires_in_s = -5,
		.is_in_keyring = true };

	(void)state;
	assert_line(dq_login_json(&bare),
	    "{\"schema_version\":1,\"event\":\"login\",\"profile\":\"default\","
	    "\"path\":\"/c/cookie\",\"keyring\":false,\"exists\":false,\"valid\":null,"
	    "\"expires_at\":null,\"expires_in_seconds\":null,\"credit\":null}");
	assert_line(dq_login_json(&full),
	    "{\"schema_version\":1,\"event\":\"login\",\"profile\":\"work\","
	    "\"path\":\"/c/\xef\xbf\xbd\",\"keyring\":true,\"exists\":true,"
	    "\"valid\":false,\"expires_at\":\"2026-11-22T21:30:05Z\","
	    "\"expires_in_seconds\":-5,\"credit\":0}");
}

static void credits(void **state)
{
	const struct dq_credits bare = {
		.total = -1, .subscription = -1, .gift = -1, .purchase = -1
	};
	const struct dq_credits full = { .profile = "work",
		.asked_unix_ms = INT64_C(1795383005000),
		.total = 323,
		.subscription = 0,
		.gift = 23,
		.purchase = 300,
		.ends = { { 23, 1795383005 }, { 300, 1795383006 } },
		.n_ends = 2,
		.entries = 2,
		.has_more = true,
		.priced = 1 };
	const struct dq_credit_entry empty = { .amount = 30 };
	const struct dq_credit_entry entry = { .at_unix_ms = INT64_C(1795383005000),
		.amount = -4,
		.title = "图\xff",
		.submit_id = "t-1",
		.history_id = "77",
		.is_known = true };

	(void)state;
	assert_line(dq_credits_json(&bare),
	    "{\"schema_version\":1,\"event\":\"credits\",\"profile\":\"default\","
	    "\"at\":null,\"total\":null,\"subscription\":null,\"gift\":null,"
	    "\"purchase\":null,\"expiring\":[],\"entries\":0,\"has_more\":false,"
	    "\"priced\":0}");
	assert_line(dq_credits_json(&full),
	    "{\"schema_version\":1,\"event\":\"credits\",\"profile\":\"work\","
	    "\"at\":\"2026-11-22T21:30:05Z\",\"total\":323,\"subscription\":0,"
	    "\"gift\":23,\"purchase\":300,\"expiring\":[{\"amount\":23,\"at\":"
	    "\"2026-11-22T21:30:05Z\"},{\"amount\":300,\"at\":"
	    "\"2026-11-22T21:30:06Z\"}],\"entries\":2,\"has_more\":true,"
	    "\"priced\":1}");
	assert_line(dq_credit_entry_json(&empty),
	    "{\"schema_version\":1,\"event\":\"credit_entry\",\"at\":null,"
	    "\"amount\":30,\"title\":null,\"submit_id\":null,\"history_id\":null,"
	    "\"known\":false}");
	assert_line(dq_credit_entry_json(&entry),
	    "{\"schema_version\":1,\"event\":\"credit_entry\",\"at\":"
	    "\"2026-11-22T21:30:05Z\",\"amount\":-4,\"title\":\"图\xef\xbf\xbd\","
	    "\"submit_id\":\"t-1\",\"history_id\":\"77\",\"known\":true}");
}

/* A cookie may claim to live for ever. */
static void a_login_for_ever(void **state)
{
	const struct dq_login login = { .expires_unix = INT64_MAX,
		.expires_in_s = INT64_MAX };
	_cleanup_free_ char *line = dq_login_json(&login);

	(void)state;
	assert_non_null(line);
	assert_non_null(strstr(line, "\"expires_in_seconds\":9223372036854775807,"));
}

static void findings(void **state)
{
	const struct dq_finding bare = { .what = "unknown",
		.path = "/x\xe5\x9b",
		.index = -1,
		.want_bytes = -1,
		.bytes = 0,
		.text = "the ledger does not know it" };
	const struct dq_finding full = { .what = "altered",
		.path = "/x\033[31m\xe2\x80\xae.png",
		.submit_id = "s-1",
		.index = 0,
		.want_bytes = INT64_C(9007199254740993),
		.bytes = 7,
		.is_repaired = true,
		.text = "t" };
	const struct dq_verified counts = { 1, 2, 3, 4, 5, 6, 7, .bytes = 8 };

	(void)state;
	assert_line(dq_finding_json(&bare),
	    "{\"schema_version\":1,\"event\":\"finding\",\"what\":\"unknown\","
	    "\"path\":\"/x\xef\xbf\xbd\xef\xbf\xbd\",\"submit_id\":null,\"index\":null,"
	    "\"want_bytes\":null,\"bytes\":0,\"repaired\":false,"
	    "\"text\":\"the ledger does not know it\"}");
	assert_line(dq_finding_json(&full),
	    "{\"schema_version\":1,\"event\":\"finding\",\"what\":\"altered\","
	    "\"path\":\"/x\\u001b[31m\\u202e.png\",\"submit_id\":\"s-1\",\"index\":0,"
	    "\"want_bytes\":9007199254740993,\"bytes\":7,\"repaired\":true,"
	    "\"text\":\"t\"}");
	assert_line(dq_verified_json(&counts, 9),
	    "{\"schema_version\":1,\"event\":\"verified\",\"files\":1,\"bytes\":8,"
	    "\"missing\":2,\"altered\":3,\"unknown\":4,\"leftover\":5,\"unfinished\":6,"
	    "\"repaired\":7,\"unjudged\":9}");
}

static void ledgers(void **state)
{
	const struct dq_ledger_health health = { .verdict = "behind",
		.path = "/l\xff.db",
		.tasks = 1,
		.keys = 0,
		.files = -1,
		.want_tasks = 2,
		.want_keys = -1,
		.want_files = 3,
		.text = "t" };
	const struct dq_ledger_saved saved = { 1, 2, 3, 4, 5, 6, 7, { "notes", "tags" } };

	(void)state;
	assert_line(dq_ledger_health_json(&health),
	    "{\"schema_version\":1,\"event\":\"ledger\",\"path\":\"/l\xef\xbf\xbd.db\","
	    "\"verdict\":\"behind\",\"tasks\":1,\"want_tasks\":2,\"keys\":0,"
	    "\"want_keys\":null,\"files\":null,\"want_files\":3,\"text\":\"t\"}");
	assert_line(dq_ledger_saved_json("/l\xff.db.recovered", &saved),
	    "{\"schema_version\":1,\"event\":\"recovered\","
	    "\"path\":\"/l\xef\xbf\xbd.db.recovered\",\"tasks\":1,\"keys\":2,\"files\":3,"
	    "\"names\":4,\"lost_tasks\":5,\"notes\":6,\"tags\":7,"
	    "\"unread\":[\"notes\",\"tags\"]}");
}

static void adoptions(void **state)
{
	const struct dq_found found = { .source = "/t\xff.har",
		.form = "har",
		.unit = "entry",
		.number = 3,
		.submit_id = "s-1",
		.kind = "video",
		.state = "partial",
		.prompt = "a \"cat\"",
		.is_known = true };
	const struct dq_skipped skipped = { .source = "-",
		.form = "text",
		.unit = "line",
		.number = 1,
		.text = "no",
		.shown = "nein" };
	const struct dq_adopted counts = {
		.form = NULL, .found = 3, .added = 2, .known = 1, .skipped = 4
	};

	(void)state;
	assert_line(dq_found_json(&found),
	    "{\"schema_version\":1,\"event\":\"found\",\"source\":\"/t\xef\xbf\xbd.har\","
	    "\"form\":\"har\",\"unit\":\"entry\",\"number\":3,\"submit_id\":\"s-1\","
	    "\"history_id\":null,\"kind\":\"video\",\"state\":\"partial\",\"prompt\":\"a "
	    "\\\"cat\\\"\",\"model\":null,\"known\":true}");
	assert_line(dq_skipped_json(&skipped),
	    "{\"schema_version\":1,\"event\":\"skipped\",\"source\":\"-\",\"form\":"
	    "\"text\",\"unit\":\"line\",\"number\":1,\"text\":\"no\"}");
	assert_line(dq_adopted_json("x", &counts, true),
	    "{\"schema_version\":1,\"event\":\"adopted\",\"source\":\"x\",\"form\":null,"
	    "\"found\":3,\"added\":2,\"known\":1,\"skipped\":4,\"dry_run\":true}");
}

static void submits(void **state)
{
	(void)state;
	assert_line(dq_submitted_json("s-1", "queued"),
	    "{\"schema_version\":1,\"event\":\"submitted\",\"submit_id\":\"s-1\","
	    "\"state\":\"queued\"}");
	assert_line(dq_planned_json(&(struct dq_planned){ .submit_id = "s-1",
			.kind = "image",
			.body = "{\"n\":12345678901234567890}",
			.reroll_of = "s-0",
			.credits = 4 }),
	    "{\"schema_version\":1,\"event\":\"planned\",\"submit_id\":\"s-1\","
	    "\"known\":false,\"kind\":\"image\",\"idempotency_key\":null,"
	    "\"reroll_of\":\"s-0\",\"credits\":4,\"body\":{\"n\":12345678901234567890}}");
	assert_line(dq_planned_json(&(struct dq_planned){ .submit_id = "s-1",
			.is_known = true,
			.kind = "video",
			.idempotency_key = "K",
			.credits = -1 }),
	    "{\"schema_version\":1,\"event\":\"planned\",\"submit_id\":\"s-1\","
	    "\"known\":true,\"kind\":\"video\",\"idempotency_key\":\"K\","
	    "\"reroll_of\":null,\"credits\":null,\"body\":null}");
}

static void errors(void **state)
{
	static const struct {
		int status;
		const char *kind;
	} row[] = {
		{ DQ_OK, NULL },
		{ DQ_FAILED, "failed" },
		{ DQ_USAGE, "usage" },
		{ DQ_AUTH, "auth" },
		{ DQ_RUNNING, NULL },
		{ DQ_NETWORK, "network" },
		{ DQ_STORAGE, "storage" },
		{ DQ_CONTRACT, "contract" },
		{ DQ_ACCOUNT, "account" },
		{ DQ_INTERRUPTED, "interrupted" },
		{ 141, NULL },
		{ -1, NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		char wanted[200];

		print_message("# %d\n", row[i].status);
		(void)snprintf(wanted, sizeof(wanted),
		    "{\"schema_version\":1,\"event\":\"error\",\"code\":%d,\"kind\":\"%"
		    "s\","
		    "\"message\":\"can't open '/x\xef\xbf\xbd'\",\"do\":\"look\"}",
		    row[i].status, row[i].kind ? row[i].kind : "");
		if (row[i].kind)
			assert_line(
			    dq_error_json(row[i].status, "can't open '/x\xff'", "look"),
			    wanted);
		else
			assert_null(dq_error_json(row[i].status, "x", "y"));
	}
}

static void cancels(void **state)
{
	const struct dq_cancelled done = {
		.submit_id = "s-1", .outcome = "cancelled", .state = "cancelled"
	};
	const struct dq_cancelled late = { .submit_id = "s-2",
		.outcome = "running",
		.state = "generating",
		.text = "too \"late\"\033",
		.shown = "zu spät" };

	(void)state;
	assert_line(dq_cancelled_json(&done),
	    "{\"schema_version\":1,\"event\":\"cancel\",\"submit_id\":\"s-1\","
	    "\"outcome\":\"cancelled\",\"state\":\"cancelled\",\"text\":null}");
	assert_line(dq_cancelled_json(&late),
	    "{\"schema_version\":1,\"event\":\"cancel\",\"submit_id\":\"s-2\","
	    "\"outcome\":\"running\",\"state\":\"generating\","
	    "\"text\":\"too \\\"late\\\"\\u001b\"}");
}

static void syncs(void **state)
{
	const struct dq_rescued rescued = {
		.files = 5, .stored = 3, .gone = 2, .bytes = 123456, .requests = 2
	};
	const struct dq_synced synced = { .listed = 3000,
		.adopted = 12,
		.files = 48,
		.bytes = 1 << 20,
		.requests = 61 };

	(void)state;
	assert_line(dq_rescued_json(&rescued),
	    "{\"schema_version\":1,\"event\":\"rescued\",\"files\":5,\"stored\":3,"
	    "\"gone\":2,\"bytes\":123456,\"requests\":2}");
	assert_line(dq_synced_json(&synced),
	    "{\"schema_version\":1,\"event\":\"synced\",\"listed\":3000,"
	    "\"adopted\":12,\"files\":48,\"bytes\":1048576,\"requests\":61}");
}

static void deliveries(void **state)
{
	struct dq_delivery delivery = { .id = "msg_1",
		.hook = "0123456789abcdef",
		.profile = "me",
		.submit_id = "t1",
		.event = "stored",
		.index = 2,
		.state = "waiting",
		.tries = 1,
		.made_unix_ms = 1000,
		.changed_unix_ms = 2000,
		.due_unix_ms = 3000,
		.why = "no" };

	(void)state;
	assert_line(dq_delivery_json(&delivery),
	    "{\"schema_version\":1,\"event\":\"delivery\",\"id\":\"msg_1\","
	    "\"webhook\":\"0123456789abcdef\",\"profile\":\"me\",\"submit_id\":\"t1\","
	    "\"of\":\"stored\",\"index\":2,\"state\":\"waiting\",\"tries\":1,"
	    "\"made_at\":\"1970-01-01T00:00:01Z\",\"changed_at\":\"1970-01-01T00:00:"
	    "02Z\","
	    "\"due_at\":\"1970-01-01T00:00:03Z\",\"why\":\"no\"}");
	delivery.submit_id = delivery.why = NULL;
	delivery.index = -1;
	delivery.due_unix_ms = 0;
	assert_line(dq_delivery_json(&delivery),
	    "{\"schema_version\":1,\"event\":\"delivery\",\"id\":\"msg_1\","
	    "\"webhook\":\"0123456789abcdef\",\"profile\":\"me\",\"submit_id\":null,"
	    "\"of\":\"stored\",\"index\":null,\"state\":\"waiting\",\"tries\":1,"
	    "\"made_at\":\"1970-01-01T00:00:01Z\",\"changed_at\":\"1970-01-01T00:00:"
	    "02Z\","
	    "\"due_at\":null,\"why\":null}");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(logins),
		cmocka_unit_test(credits),
		cmocka_unit_test(syncs),
		cmocka_unit_test(deliveries),
		cmocka_unit_test(cancels),
		cmocka_unit_test(a_login_for_ever),
		cmocka_unit_test(findings),
		cmocka_unit_test(ledgers),
		cmocka_unit_test(adoptions),
		cmocka_unit_test(submits),
		cmocka_unit_test(errors),
	};

	return cmocka_run_group_tests_name("report_json", tests, NULL, NULL);
}
