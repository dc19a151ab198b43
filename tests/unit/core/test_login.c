/* The cookie of a session: warned about before it dies, noticed when it is another one,
 * one a profile; and no keyring where there is none (tests/run/auth.t has a real one). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "core/account/session.h"
#include "dreamq/login.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define SESSION _cleanup_(dq_closep) struct dq *

static void dq_closep(struct dq **dq)
{
	dq_close(*dq);
}

/* A folder of its own for each test, which is HOME. */
static int set_up(void **state)
{
	char *folder = strdup("/tmp/login.XXXXXX");

	*state = folder;
	return !folder || !mkdtemp(folder) || setenv("HOME", folder, 1) ||
	    unsetenv("XDG_CONFIG_HOME") || unsetenv("XDG_STATE_HOME");
}

static int tear_down(void **state)
{
	char command[128];

	(void)snprintf(command, sizeof(command), "rm -rf '%s'", (char *)*state);
	free(*state);
	return system(command); /* NOLINT(cert-env33-c): a path of our own making */
}

static struct dq *open_plain(void)
{
	const struct dq_options options = { .size_bytes = sizeof(options) };
	struct dq *dq = NULL;

	assert_int_equal(dq_open(&options, &dq, NULL), DQ_OK);
	return dq;
}

/* --- a cookie that dies, and another one ------------------------------------------ */

struct heard {
	size_t n;
	enum dq_note kind;
	char last[256];
};

static void hear(void *payload, const struct dq_event *event)
{
	struct heard *heard = payload;

	if (event->type != DQ_EVENT_NOTE)
		return;
	heard->n++;
	heard->kind = event->note;
	(void)snprintf(heard->last, sizeof(heard->last), "%s", event->text);
}

static struct dq *open_heard(struct heard *heard)
{
	const struct dq_options options = {
		.size_bytes = sizeof(options), .on_event = hear, .payload = heard
	};
	struct dq *dq = NULL;

	assert_int_equal(dq_open(&options, &dq, NULL), DQ_OK);
	return dq;
}

/* A cookie that dies in so many seconds, imported. */
static void import_dying(struct dq *dq, int left_s)
{
	char text[128];
	const int len = snprintf(text, sizeof(text),
	    "sessionid=topsecret; sid_guard=x%%7C%lld%%7C%d%%7Cz",
	    (long long)(clock_unix_ms() / 1000 - 1000), 1000 + left_s);

	assert_int_equal(dq_auth_import(dq, text, (size_t)len, NULL), DQ_OK);
}

static void each_level_is_told_once(void **state)
{
	static const struct {
		int left_s;
		const char *says;
	} row[] = {
		{ 80 * 3600, NULL },
		{ 70 * 3600, "in 70 hours" },
		{ 20 * 3600, "in 20 hours" },
		{ 1795, "in 30 minutes" }, /* rounded up; the verb began a moment ago */
		{ -60, "may refuse it" },
		{ 23 * 3600, "in 23 hours" },
	};
	struct heard heard = { 0 };
	SESSION dq = open_heard(&heard);

	(void)state;
	assert_int_equal(dq_list(dq, NULL, NULL), DQ_OK); /* without any */
	assert_int_equal(heard.n, 0);
	for (size_t i = 0; i < COUNT(row); i++) {
		print_message("# %d s\n", row[i].left_s);
		heard.n = 0;
		import_dying(dq, row[i].left_s);
		for (int again = 0; again < 3; again++)
			session_warn_cookie(dq);
		print_message("# %s\n", heard.n ? heard.last : "(nothing)");
		assert_int_equal(heard.n, row[i].says ? 1 : 0);
		if (row[i].says) {
			assert_int_equal(heard.kind, DQ_NOTE_LOGIN);
			assert_non_null(strstr(heard.last, row[i].says));
		}
		assert_null(strstr(heard.last, "topsecret"));
	}
}

/* Time passes: the next level, not the same one. */
static void a_level_follows_another(void **state)
{
	struct heard heard = { 0 };
	SESSION dq = open_heard(&heard);

	(void)state;
	import_dying(dq, 70 * 3600);
	session_warn_cookie(dq);
	assert_int_equal(heard.n, 1);
	dq->skew_ms = 60 * 3600 * 1000LL;
	session_warn_cookie(dq);
	session_warn_cookie(dq);
	assert_int_equal(heard.n, 2);
	assert_non_null(strstr(heard.last, "in 10 hours"));
	dq->skew_ms = 71 * 3600 * 1000LL;
	session_warn_cookie(dq);
	assert_int_equal(heard.n, 3);
	assert_non_null(strstr(heard.last, "may refuse it"));
}

/* Opening the ledger is what reaches the verbs that ask nobody. */
static void the_books_warn_too(void **state)
{
	struct heard heard = { 0 };
	SESSION first = open_heard(&heard);

	(void)state;
	import_dying(first, 7000);
	for (int verb = 0; verb < 3; verb++) {
		SESSION dq = open_heard(&heard);

		heard.n = 0;
		if (verb == 0)
			assert_int_equal(dq_list(dq, NULL, NULL), DQ_OK);
		else if (verb == 1)
			assert_int_equal(dq_show(dq, "task-1", NULL), DQ_FAILED);
		else
			assert_int_equal(dq_forget(dq, "task-1", NULL), DQ_FAILED);
		assert_int_equal(heard.n, 1);
		assert_int_equal(dq_list(dq, NULL, NULL), DQ_OK);
		assert_int_equal(heard.n, 1);
	}
}

static void another_cookie_is_noticed(void **state)
{
	SESSION dq = open_plain();
	struct dq_login login;
	uint64_t before;
	struct err err;

	(void)state;
	assert_int_equal(session_cookie_mark(dq), 0);
	assert_int_equal(session_reload_cookie(dq, &err), ERR_AUTH);
	import_dying(dq, 3600);
	before = session_cookie_mark(dq);
	assert_int_not_equal(before, 0);
	assert_true(session_cookie_mark(dq) == before);
	import_dying(dq, 7200);
	assert_true(session_cookie_mark(dq) != before);
	assert_int_equal(session_service(dq, &err), ERR_OK);
	assert_null(dq->cookie.text); /* the client has the only copy */
	import_dying(dq, 100 * 3600);
	assert_int_equal(session_reload_cookie(dq, &err), ERR_OK);
	assert_int_equal(
	    cookie_age_at(dq->cookie_expires_unix, clock_unix_ms() / 1000), COOKIE_FINE);
	assert_int_equal(dq_auth_status(dq, false, &login, NULL), DQ_OK);
	assert_true(login.expires_in_s > 99 * 3600 && login.expires_in_s <= 100 * 3600);
	assert_int_equal(dq_auth_remove(dq, NULL), DQ_OK);
	assert_int_equal(session_cookie_mark(dq), 0);
}

/* --- every profile ----------------------------------------------------------------- */

struct listed {
	size_t n;
	char names[8][DQ_ID_MAX + 1];
	struct dq_login login[8];
};

static void hear_login(void *payload, const struct dq_login *login)
{
	struct listed *listed = payload;

	assert_true(listed->n < COUNT(listed->login));
	listed->login[listed->n] = *login;
	(void)snprintf(
	    listed->names[listed->n], sizeof(listed->names[0]), "%s", login->profile);
	listed->n++;
}

static void write_text(
    const char *folder, const char *name, const char *text, mode_t mode)
{
	char path[256];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/.config/dreamq/cookies/%s", folder, name);
	file = fopen(path, "we");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static void profiles_are_listed(void **state)
{
	static struct listed listed;
	const char *folder = *state;
	SESSION dq = open_plain();

	listed = (struct listed){ 0 };
	assert_int_equal(dq_auth_list(dq, hear_login, &listed, NULL), DQ_OK);
	assert_int_equal(listed.n, 0);
	import_dying(dq, 3600);
	write_text(folder, "open.cookie", "sessionid=topsecret", 0644);
	write_text(folder, "rung.cookie.keyring", "expires_unix=1705184000\n", 0600);
	write_text(folder, "both.cookie", "sessionid=topsecret", 0600);
	write_text(folder, "both.cookie.keyring", "expires_unix=1\n", 0600);
	write_text(folder, "odd.cookie.keyring", "\x01nonsense", 0600);
	write_text(folder, "no profile.cookie", "sessionid=topsecret", 0600);
	write_text(folder, "stray.txt", "sessionid=topsecret", 0600);
	assert_int_equal(dq_auth_list(dq, hear_login, &listed, NULL), DQ_OK);
	assert_int_equal(listed.n, 5);
	assert_string_equal(listed.names[0], "both");
	assert_false(listed.login[0].is_in_keyring); /* the file comes first */
	assert_int_equal(listed.login[0].expires_unix, 0);
	assert_string_equal(listed.names[1], "default");
	assert_true(listed.login[1].expires_in_s > 3500);
	assert_string_equal(listed.names[2], "odd");
	assert_true(listed.login[2].is_in_keyring);
	assert_int_equal(listed.login[2].expires_unix, 0);
	assert_string_equal(listed.names[3], "open");
	assert_false(listed.login[3].exists);
	assert_string_equal(listed.names[4], "rung");
	assert_true(listed.login[4].is_in_keyring && listed.login[4].exists);
	assert_int_equal(listed.login[4].expires_unix, 1705184000);
	assert_true(listed.login[4].expires_in_s < 0);
}

/* A second name for the same bytes shows what removing left of them. */
static void removing_overwrites(void **state)
{
	SESSION dq = open_plain();
	struct dq_login login;
	char other[128], bytes[256] = "";
	size_t n;
	FILE *file;

	import_dying(dq, 3600);
	assert_int_equal(dq_auth_status(dq, false, &login, NULL), DQ_OK);
	(void)snprintf(other, sizeof(other), "%s/other", (char *)*state);
	assert_int_equal(link(login.path, other), 0);
	assert_int_equal(dq_auth_remove(dq, NULL), DQ_OK);
	file = fopen(other, "re");
	assert_non_null(file);
	n = fread(bytes, 1, sizeof(bytes), file);
	assert_int_equal(fclose(file), 0);
	assert_true(n > strlen("sessionid=topsecret"));
	for (size_t i = 0; i < n; i++)
		assert_int_equal(bytes[i], 0);
}

/* No bus: one sentence at once, and nothing has changed. */
static void no_keyring(void **state)
{
	static const char text[] = "sessionid=topsecret";
	const struct dq_options named = { .size_bytes = sizeof(named),
		.cookie_file = "/nowhere/cookie" };
	SESSION dq = open_plain();
	SESSION other = NULL;
	struct dq_login login;
	struct dq_error err;

	assert_int_equal(unsetenv("DBUS_SESSION_BUS_ADDRESS"), 0);
	assert_int_equal(unsetenv("XDG_RUNTIME_DIR"), 0);
	assert_int_equal(
	    dq_auth_import_to_keyring(dq, text, strlen(text), &err), DQ_AUTH);
	assert_non_null(strstr(err.message, "no D-Bus session"));
	assert_int_equal(dq_auth_status(dq, false, &login, NULL), DQ_AUTH);
	assert_false(login.is_in_keyring);
	assert_int_equal(dq_open(&named, &other, NULL), DQ_OK);
	assert_int_equal(
	    dq_auth_import_to_keyring(other, text, strlen(text), &err), DQ_USAGE);
	assert_int_equal(dq_auth_import_to_keyring(dq, "", 0, &err), DQ_AUTH);
	import_dying(dq, 3600); /* makes the folder */
	write_text(*state, "rung.cookie.keyring", "expires_unix=0\n", 0600);
	dq_close(other);
	other = NULL;
	assert_int_equal(dq_open(&(struct dq_options){ .size_bytes = sizeof(named),
				     .profile = "rung" },
			     &other, NULL),
	    DQ_OK);
	assert_int_equal(dq_auth_status(other, false, &login, &err), DQ_AUTH);
	assert_true(login.is_in_keyring);
	assert_non_null(strstr(err.message, "no D-Bus session"));
	assert_int_equal(
	    dq_auth_remove(other, &err), DQ_AUTH); /* it may still be there */
	assert_int_equal(dq_auth_status(other, false, &login, &err), DQ_AUTH);
	assert_true(login.is_in_keyring);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    each_level_is_told_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_level_follows_another, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_books_warn_too, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    another_cookie_is_noticed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(profiles_are_listed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(removing_overwrites, set_up, tear_down),
		cmocka_unit_test_setup_teardown(no_keyring, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("login", tests, NULL, NULL);
}
