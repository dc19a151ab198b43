#include "jimeng/answer.h"

#include <string.h>

#include <fnmatch.h>

#include "common/hash.h"

/* What the service writes for a code; the table of PROTOCOL part B, shortened. */
static const struct ret_row {
	int ret;
	const char *message;
} ret_rows[] = {
	{ -6, "shark not pass reject" },
	{ -4, "shark check reject" },
	{ 1000, "invalid parameter" },
	{ 1002, "common error" },
	{ 1006, "积分不足" },
	{ 1014, "system busy" },
	{ 1015, "login error" },
	{ 1017, "CheckPermission" },
	{ 1018, "account punish limit ai generate" },
	{ 1019, "shark not pass" },
	{ 1310, "ExceedConcurrencyLimit, exceed_model_parallel_max" },
	{ 2008, "empty body" },
	{ 2038, "InputTextRisk" },
	{ 2061, "model unavailable" },
	{ 3000, "region not allow" },
	{ 3005, "item not found" },
	{ 3018, "permission denied" },
	{ 4001, "no credits" },
	{ 4010, "AigcComplianceConfirmationRequired" },
	{ 4013, "生成失败，疑似存在异常行为，请重新尝试" },
	{ 10002, "login fail" },
};

static const char *usual_message(int ret)
{
	for (size_t i = 0; i < sizeof(ret_rows) / sizeof(ret_rows[0]); i++)
		if (ret_rows[i].ret == ret)
			return ret_rows[i].message;
	return "error";
}

int64_t api_shown_s(const struct request *r)
{
	return (r->now_ms + r->skew_ms) / 1000;
}

static void write_error(struct request *r, int ret, const char *message, struct text *out)
{
	r->ret = ret;
	text_printf(out, "{\"ret\":\"%d\",\"errmsg\":\"", ret);
	text_json(out, message ? message : usual_message(ret));
	text_printf(out, "\",\"systime\":\"%lld\",\"logid\":\"%s\"",
	    (long long)api_shown_s(r), r->logid);
}

void api_error(struct request *r, int ret, const char *message)
{
	struct text out = { 0 };

	write_error(r, ret, message, &out);
	text_puts(&out, "}");
	reply_text(&r->reply, 200, JSON_TYPE, &out);
}

void api_submit_error(struct request *r, int ret, const char *message)
{
	const char *key = ret == 1006 || ret == 4001
	    ? "web_dre_m10n_generate_popup_credit_ininsufficient_title"
	    : "web_fail2generate_input_retry";
	struct text out = { 0 };

	write_error(r, ret, message, &out);
	if (ret == 1018) {
		text_puts(&out, ",\"data\":null}");
	} else {
		text_printf(&out,
		    ",\"data\":{\"aigc_data\":null,\"fail_code\":\"%d\","
		    "\"fail_starling_key\":\"%s\",\"fail_starling_message\":\"",
		    ret, key);
		text_json(&out, message ? message : usual_message(ret));
		text_puts(&out, "\"}}");
	}
	reply_text(&r->reply, 200, JSON_TYPE, &out);
}

bool api_login(const struct jimeng *jimeng, struct request *r, int ret_when_dead)
{
	if (!r->session) {
		request_violation(r, "missing cookie sessionid");
		api_error(r, ret_when_dead, NULL);
		return false;
	}
	switch (store_login(jimeng->store, store_account(jimeng->store, r->session))) {
	case LOGIN_OK:
		return true;
	case LOGIN_EXPIRED:
		api_error(r, ret_when_dead, NULL);
		return false;
	case LOGIN_EMPTY:
		break;
	}
	reply_string(&r->reply, 200, JSON_TYPE, "");
	return false;
}

struct record_view api_view(const struct jimeng *jimeng, const struct request *r)
{
	const struct fault *interval = request_fault(r, FAULT_INTERVAL);
	const struct fault *state = request_fault(r, FAULT_STATE);
	const struct fault *link = request_fault(r, FAULT_LINK);

	return (struct record_view){
		.jimeng = jimeng,
		.now_ms = r->now_ms,
		.noise = hash_str(jimeng->store->seed, r->logid),
		.logid = r->logid,
		.interval_s = interval ? (int)interval->number : -1,
		.status = state ? (int)state->number : 0,
		.link = link ? link->text : NULL,
	};
}

void api_data(struct request *r, struct text *data)
{
	bool data_first = hash_str(1, r->logid) % 4 == 0;
	struct text out = { 0 };

	text_puts(&out, "{");
	if (data_first)
		text_printf(&out, "\"data\":%s,", text_str(data));
	text_printf(&out,
	    "\"ret\":\"0\",\"errmsg\":\"success\",\"systime\":\"%lld\",\"logid\":\"%s\"",
	    (long long)api_shown_s(r), r->logid);
	if (!data_first) {
		text_puts(&out, ",\"data\":");
		text_add(&out, text_str(data), data->len);
	}
	text_puts(&out, "}");
	text_release(data);
	reply_text(&r->reply, 200, JSON_TYPE, &out);
}

bool api_is_omitted(const struct request *r, const char *id)
{
	const struct fault *omit = request_fault(r, FAULT_OMIT);

	return omit && (!omit->text || fnmatch(omit->text, id, 0) == 0);
}

/* The service lags behind its own acceptances. */
static bool is_absent_yet(
    const struct jimeng *jimeng, const struct request *r, const struct task *task)
{
	const int64_t for_ms = clock_span_ms(jimeng->clock, task->wishes.absent);

	return task->wishes.absent > 0 && r->now_ms < task->life.created_ms + for_ms;
}

bool api_is_hidden(const struct jimeng *jimeng, const struct request *r,
    const struct task *task, const char *id)
{
	return atomic_load(&task->record_gone) || is_absent_yet(jimeng, r, task) ||
	    api_is_omitted(r, id);
}
