/*
 * test_webhook.c - a webhook's secrets, signatures, and what follows from its answers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/hmac.h"
#include "core/account/target.h"
#include "core/notify/outcome.h"
#include "core/notify/sign.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
/* The example of the libraries of Standard Webhooks, and what they sign with it. */
#define SECRET "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#define SIGNED "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
#define OTHER "AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"

/* --- signatures ------------------------------------------------------------------ */

static void signs_as(const char *secrets, const char *wanted)
{
	const struct message message = { "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330,
		"{\"test\": 2432232314}" };
	_cleanup_(buf_release) struct buf into = buf_make(400);
	struct err err;

	assert_int_equal(sign_message(secrets, &message, &into, &err), ERR_OK);
	assert_string_equal(into.data, wanted);
}

static void a_known_message_is_signed(void **state)
{
	_cleanup_(buf_release) struct buf small = buf_make(60);
	const struct message message = { "msg_1", 1, "{}" };
	struct err err;

	(void)state;
	signs_as("whsec_" SECRET, SIGNED);
	signs_as(SECRET, SIGNED);
	signs_as("\n whsec_" SECRET "\r\n\n", SIGNED);
	signs_as(SECRET "\nwhsec_" SECRET "\n", SIGNED " " SIGNED);
	assert_int_equal(
	    sign_message(SECRET "\n" OTHER, &message, &small, &err), ERR_NOMEM);
}

static void base64_is_read(void **state)
{
	static const struct {
		const char *text, *bytes; /* NULL: it is none */
	} rows[] = { { "AAEC", "\0\1\2" }, { "Zg==", "f" }, { "Zm8=", "fo" },
		{ "Zm9v", "foo" }, { "", NULL }, { "Zm9", NULL }, { "Zg=v", NULL },
		{ "Z===", NULL }, { "Zm9v\n", NULL }, { " Zm9", NULL }, { "Zm-_", NULL },
		{ "====", NULL }, { "Zm9vZm9vZm9v", NULL /* too long */ } };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		unsigned char into[4] = "xxx";
		size_t n = 99;
		const bool is_read =
		    base64_read(rows[i].text, strlen(rows[i].text), into, 4, &n);

		if (is_read != (rows[i].bytes != NULL))
			fail_msg("row %zu", i);
		if (is_read)
			assert_memory_equal(into, rows[i].bytes, n);
		assert_true(is_read ? n <= 3 : n == 99);
	}
}

/* --- what is given --------------------------------------------------------------- */

static struct target *make(const char *url, const char *events, const char *secret)
{
	const struct dq_webhook given = { .size_bytes = sizeof(given),
		.url = url,
		.events = events,
		.secret = secret };
	struct target *target = NULL;
	struct err err = { .kind = ERR_OK };

	if (target_make(&given, &target, &err)) {
		assert_null(target);
		assert_int_equal(err.kind, ERR_USAGE);
		assert_null(strstr(err.msg, "canary"));
	}
	return target;
}

static void a_target_is_made(void **state)
{
	struct target *one, *same, *other;
	struct err err;

	(void)state;
	assert_int_equal(target_make(NULL, &one, &err), ERR_OK);
	assert_null(one);
	one = make("https://hooks.example/a/canary?k=canary", NULL, SECRET);
	same = make("https://hooks.example/a/canary?k=canary", "stored", SECRET);
	other = make("https://hooks.example:8443/b", "done,failed", SECRET);
	assert_string_equal(one->shown, "https://hooks.example");
	assert_string_equal(other->shown, "https://hooks.example:8443");
	assert_string_equal(one->name, same->name);
	assert_string_not_equal(one->name, other->name);
	assert_int_equal(strlen(one->name), TARGET_NAME_MAX);
	assert_true(one->wants[NOTICE_DONE] && one->wants[NOTICE_DISK]);
	assert_false(one->wants[NOTICE_STORED]);
	assert_true(same->wants[NOTICE_STORED]);
	assert_false(same->wants[NOTICE_DONE]);
	target_free(one);
	target_free(same);
	target_free(other);
}

static void nonsense_is_refused(void **state)
{
	static const char *const urls[] = { "", "canary", "ftp://canary.example/",
		"http://hooks.example/", "https://me:canary@hooks.example/", "https://" };
	static const char *const events[] = { "", ",", "lunch", "done, failed", "Done" };
	static const char *const secrets[] = { "", "\n\n", "whsec_", "canary",
		"whsec_canary00", "QUJD", /* 3 bytes */
		SECRET "\ncanary", SECRET "\n" SECRET "\n" SECRET "\n" SECRET "\n" SECRET,
		SECRET SECRET SECRET SECRET /* 96 bytes */ };

	(void)state;
	for (size_t i = 0; i < COUNT(urls); i++)
		assert_null(make(urls[i], NULL, SECRET));
	for (size_t i = 0; i < COUNT(events); i++)
		assert_null(make("https://hooks.example/", events[i], SECRET));
	for (size_t i = 0; i < COUNT(secrets); i++)
		assert_null(make("https://hooks.example/", NULL, secrets[i]));
	assert_null(make("https://hooks.example/", NULL, NULL));
}

/* --- answers --------------------------------------------------------------------- */

static const struct {
	long status;
	int64_t retry_after_ms, tries;
	enum outcome outcome;
	int64_t delay_ms; /* without jitter */
} answers[] = {
	{ 200, -1, 1, OUTCOME_SENT, 0 },
	{ 204, -1, 11, OUTCOME_SENT, 0 },
	{ 299, 5000, 1, OUTCOME_SENT, 0 },
	{ 500, -1, 1, OUTCOME_AGAIN, 5000 },
	{ 500, -1, 2, OUTCOME_AGAIN, 60000 },
	{ 404, -1, 3, OUTCOME_AGAIN, 300000 },
	{ 302, -1, 1, OUTCOME_AGAIN, 5000 },
	{ 0, -1, 10, OUTCOME_AGAIN, 24 * 3600 * 1000 },
	{ 0, -1, 11, OUTCOME_DEAD, 0 },
	{ 503, 3600 * 1000, 11, OUTCOME_DEAD, 0 },
	{ 429, 3600 * 1000, 1, OUTCOME_AGAIN, 3600 * 1000 },
	{ 429, 1000, 4, OUTCOME_AGAIN, 1800 * 1000 },
	{ 503, INT64_C(7) * 24 * 3600 * 1000, 1, OUTCOME_AGAIN, 24 * 3600 * 1000 },
	{ 410, -1, 1, OUTCOME_DROPPED, 0 },
	{ 410, 1000, 11, OUTCOME_DROPPED, 0 },
};

static void answers_have_outcomes(void **state)
{
	static const uint64_t random[] = { 0, 1, UINT64_MAX, 123456789 };
	struct err trouble;

	(void)state;
	err_set(&trouble, ERR_NET, "nobody there");
	for (size_t i = 0; i < COUNT(answers) * COUNT(random); i++) {
		const size_t row = i / COUNT(random);
		const struct answer answer = { .err = &trouble,
			.status = answers[row].status,
			.retry_after_ms = answers[row].retry_after_ms,
			.tries = answers[row].tries,
			.random = random[i % COUNT(random)] };
		struct err why = { .kind = ERR_OK };
		int64_t delay_ms = 0;

		if (outcome_of(&answer, "h", &delay_ms, &why) != answers[row].outcome)
			fail_msg("row %zu", row);
		assert_true(delay_ms >= answers[row].delay_ms);
		assert_true(delay_ms <= answers[row].delay_ms * 12 / 10);
		assert_int_equal(
		    why.kind, answers[row].outcome == OUTCOME_SENT ? ERR_OK : ERR_NET);
	}
}

static void the_last_try_is_days_later(void **state)
{
	int64_t all_ms = 0;

	(void)state;
	for (int64_t n = 1; n < OUTCOME_TRIES_MAX; n++) {
		assert_true(outcome_pause_ms(n) > (n > 1 ? outcome_pause_ms(n - 1) : 0));
		all_ms += outcome_pause_ms(n);
	}
	assert_in_range(all_ms / 3600000, 72, 96);
	assert_int_equal(outcome_pause_ms(OUTCOME_TRIES_MAX), 0);
	assert_int_equal(outcome_pause_ms(0), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_known_message_is_signed),
		cmocka_unit_test(base64_is_read),
		cmocka_unit_test(a_target_is_made),
		cmocka_unit_test(nonsense_is_refused),
		cmocka_unit_test(answers_have_outcomes),
		cmocka_unit_test(the_last_try_is_days_later),
	};

	return cmocka_run_group_tests_name("webhook", tests, NULL, NULL);
}
