#include "stand.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "harness.h"

const char *const stand_ids[STAND_IDS] = { WORLD_IDS };

/* --- the stand ------------------------------------------------------------------- */

static int64_t now_ms(const void *payload)
{
	const struct stand *stand = payload;

	return stand->now_ms;
}

void stand_set(struct stand *stand, const char *address)
{
	static const char *const names[] = { "api_base", "submit_base" };
	struct err err;

	for (size_t i = 0; i < 2; i++)
		assert_int_equal(service_settings_set(stand->ops, stand->settings,
				     names[i], address, &err),
		    ERR_OK);
}

char *stand_credential(struct stand *stand)
{
	char *credential = NULL;
	int64_t expires;
	struct err err;

	assert_int_equal(service_read_credential(stand->ops, stand->settings,
			     stand->world.login, &credential, &expires, &err),
	    ERR_OK);
	return credential;
}

void stand_open(struct stand *stand)
{
	_cleanup_free_ char *credential = stand_credential(stand);
	const struct service_setup setup = { stand->net, stand->settings, credential,
		now_ms, stand };
	struct err err;

	assert_int_equal(service_open(stand->ops, &setup, &stand->service, &err), ERR_OK);
	assert_ptr_equal(stand->service->ops, stand->ops);
}

static int begin(void **state, const struct world *world)
{
	const struct net_config config = { .allow_private_cdn = true };
	struct stand *stand = calloc(1, sizeof(*stand));
	struct err err;

	assert_non_null(stand);
	assert_int_equal(harness_clear_env(NULL), 0);
	stand->world = *world;
	stand->ops = world->ops;
	stand->now_ms = 1000;
	stand->net = harness_net(&config);
	stand->world.open(&stand->world);
	assert_int_equal(
	    service_settings_new(stand->ops, &stand->settings, &err), ERR_OK);
	stand_set(stand, stand->world.address);
	if (world->via)
		assert_int_equal(service_settings_set(stand->ops, stand->settings,
				     "submit_via", world->via, &err),
		    ERR_OK);
	stand_open(stand);
	*state = stand;
	return 0;
}

int stand_begin_made_up(void **state)
{
	return begin(state, &world_made_up);
}

int stand_begin_made_up_send(void **state)
{
	return begin(state, &world_made_up_send);
}

int stand_begin_jimeng(void **state)
{
	return begin(state, &world_jimeng);
}

int stand_begin_jimeng_web(void **state)
{
	return begin(state, &world_jimeng_web);
}

static void forget_seen(struct stand *stand)
{
	for (size_t i = 0; i < STAND_SEEN_MAX; i++) {
		task_free(stand->seen[i].task);
		stand->seen[i].task = NULL;
	}
}

int stand_end(void **state)
{
	struct stand *stand = *state;

	forget_seen(stand);
	service_free(stand->service);
	net_free(stand->net);
	service_settings_free(stand->ops, stand->settings);
	stand->world.close(&stand->world);
	free(stand);
	return 0;
}

/* --- what it tells --------------------------------------------------------------- */

static void end_inside(struct stand *stand)
{
	if (!stand->frees)
		return;
	service_free(stand->service);
	stand->service = NULL;
}

void stand_on_polled(void *payload, const struct service_polled *polled)
{
	struct stand *stand = payload;

	stand->calls++;
	stand->n = polled->n;
	stand->err = polled->err;
	stand->asks_login = polled->asks_login;
	for (size_t i = 0; !polled->err.kind && i < polled->n; i++) {
		stand->seen[i] = polled->seen[i];
		polled->seen[i].task = NULL;
	}
	end_inside(stand);
}

static void on_sent(void *payload, const struct service_sent *sent)
{
	struct stand *stand = payload;

	stand->calls++;
	stand->sent = *sent;
	stand->err = sent->err;
	end_inside(stand);
}

static void on_credit(void *payload, const struct service_credit *credit)
{
	struct stand *stand = payload;

	stand->calls++;
	stand->credit = *credit;
	stand->err = credit->err;
	end_inside(stand);
}

static void on_statement(void *payload, const struct service_statement *statement)
{
	struct stand *stand = payload;

	stand->calls++;
	stand->err = statement->err;
	stand->n_entries = statement->n;
	stand->newest = statement->n > 0 ? statement->entries[0].amount : 0;
	end_inside(stand);
}

void stand_start_poll(
    struct stand *stand, const struct service_question *questions, size_t n)
{
	struct err err;

	forget_seen(stand);
	stand->calls = 0;
	if (service_poll(stand->service, questions, n, stand_on_polled, stand, &err))
		fail_msg("%s", err.msg);
	assert_int_equal(stand->calls, 0); /* never before it returns */
}

void stand_poll(struct stand *stand, const struct service_question *questions, size_t n)
{
	stand_start_poll(stand, questions, n);
	harness_drain(stand->net);
	assert_int_equal(stand->calls, 1);
}

static char *body_of(struct stand *stand, const char *id)
{
	const struct service_request request = {
		.submit_id = id, .kind = MEDIA_IMAGE, .prompt = "a fox [items=1]"
	};
	char *body = NULL;
	struct err err;

	if (service_body(stand->ops, stand->settings, &request, &body, &err))
		fail_msg("%s", err.msg);
	assert_non_null(strstr(body, id));
	return body;
}

void stand_start_send(struct stand *stand, const char *id)
{
	_cleanup_free_ char *body = body_of(stand, id);
	struct err err;

	stand->calls = 0;
	if (service_send(stand->service, MEDIA_IMAGE, body, on_sent, stand, &err))
		fail_msg("%s", err.msg);
	assert_int_equal(stand->calls, 0);
}

enum sent_outcome stand_send(struct stand *stand, const char *id)
{
	stand_start_send(stand, id);
	harness_drain(stand->net);
	assert_int_equal(stand->calls, 1);
	assert_int_equal(stand->err.kind == ERR_OK, stand->sent.outcome == SENT_ACCEPTED);
	return stand->sent.outcome;
}

static void on_offered(void *payload, const struct service_offered *offered)
{
	struct stand *stand = payload;

	stand->calls++;
	stand->n = offered->n;
	stand->err = offered->err;
	stand->asks_login = offered->asks_login;
	for (size_t i = 0; !offered->err.kind && i < offered->n; i++)
		stand->is_offered[i] = offered->offers[i].asset != NULL;
	end_inside(stand);
}

void stand_start_files(struct stand *stand, enum service_files which,
    const struct service_file *files, size_t n)
{
	struct err err;

	stand->calls = 0;
	if (service_files(stand->service, which, files, n, on_offered, stand, &err))
		fail_msg("%s", err.msg);
	assert_int_equal(stand->calls, 0);
}

void stand_files(struct stand *stand, enum service_files which,
    const struct service_file *files, size_t n)
{
	stand_start_files(stand, which, files, n);
	harness_drain(stand->net);
	assert_int_equal(stand->calls, 1);
}

void stand_start_credit(struct stand *stand)
{
	struct err err;

	stand->calls = 0;
	if (service_credit(stand->service, on_credit, stand, &err))
		fail_msg("%s", err.msg);
	assert_int_equal(stand->calls, 0);
}

enum err_kind stand_credit(struct stand *stand)
{
	stand_start_credit(stand);
	harness_drain(stand->net);
	assert_int_equal(stand->calls, 1);
	return stand->credit.err.kind;
}

static void on_cancelled(void *payload, const struct service_cancelled *cancelled)
{
	struct stand *stand = payload;

	stand->calls++;
	stand->err = cancelled->err;
	end_inside(stand);
}

enum err_kind stand_cancel(struct stand *stand, const char *id, const char *history_id)
{
	const struct task known = { .submit_id = id, .history_id = history_id };
	struct err err;

	stand->calls = 0;
	if (service_cancel(stand->service, &known, on_cancelled, stand, &err))
		fail_msg("%s", err.msg);
	assert_int_equal(stand->calls, 0);
	harness_drain(stand->net);
	assert_int_equal(stand->calls, 1);
	return stand->err.kind;
}

void stand_start_statement(struct stand *stand)
{
	struct err err;

	stand->calls = 0;
	if (service_statement(stand->service, NULL, 5, on_statement, stand, &err))
		fail_msg("%s", err.msg);
	assert_int_equal(stand->calls, 0);
}

enum err_kind stand_statement(struct stand *stand)
{
	stand_start_statement(stand);
	harness_drain(stand->net);
	assert_int_equal(stand->calls, 1);
	return stand->err.kind;
}

void stand_poll_one(struct stand *stand)
{
	static const struct service_memory none;
	const struct service_question question = { stand_ids[0], NULL, &none, false };

	stand_poll(stand, &question, 1);
}
