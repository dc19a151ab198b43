#include "jimeng/answer.h"

#include <string.h>

#include <fnmatch.h>

#include "common/hash.h"

#define RISK_KEY "web_risk_control_message_reject_generation"
#define CREDIT_KEY "web_dre_m10n_generate_popup_credit_ininsufficient_title"

/* What the service writes for a code; the table of PROTOCOL part B, shortened. */
static const struct ret_row {
	int ret;
	const char *message;
	const char *fail_code; /* of a refused submit; NULL: the ret */
	const char *fail_key; /* NULL: as for most */
	const char *fail_message; /* NULL: the message */
} ret_rows[] = {
	/* Overseas: the text says something else than the code. */
	{ .ret = -6,
	    .message = "shark not pass reject",
	    .fail_code = "4013",
	    .fail_key = RISK_KEY,
	    .fail_message = "生成的图片未通过审核" },
	{ .ret = -4, .message = "shark check reject", .fail_key = RISK_KEY },
	{ .ret = 1000, .message = "invalid parameter" },
	{ .ret = 1002, .message = "common error" },
	{ .ret = 1006, .message = "积分不足", .fail_key = CREDIT_KEY },
	{ .ret = 1014, .message = "system busy" },
	{ .ret = 1015, .message = "login error" },
	{ .ret = 1017, .message = "CheckPermission" },
	{ .ret = 1018, .message = "account punish limit ai generate" },
	{ .ret = 1019, .message = "shark not pass", .fail_key = RISK_KEY },
	{ .ret = 1310, .message = "ExceedConcurrencyLimit, exceed_model_parallel_max" },
	{ .ret = 2008, .message = "empty body" },
	{ .ret = 2038, .message = "InputTextRisk" },
	{ .ret = 2061, .message = "model unavailable" },
	{ .ret = 3000, .message = "region not allow" },
	{ .ret = 3005, .message = "item not found" },
	{ .ret = 3018, .message = "permission denied", .fail_code = "1017" },
	{ .ret = 4001, .message = "no credits", .fail_key = CREDIT_KEY },
	{ .ret = 4010, .message = "AigcComplianceConfirmationRequired" },
	{ .ret = 4013,
	    .message = "生成失败，疑似存在异常行为，请重新尝试",
	    .fail_key = RISK_KEY },
	{ .ret = 10002, .message = "login fail" },
};

static const struct ret_row *find_ret(int ret)
{
	static const struct ret_row other = { .message = "error" };

	for (size_t i = 0; i < sizeof(ret_rows) / sizeof(ret_rows[0]); i++)
		if (ret_rows[i].ret == ret)
			return &ret_rows[i];
	return &other;
}

int64_t api_shown_s(const struct request *r)
{
	return (r->now_ms + r->skew_ms) / 1000;
}

static void write_error(struct request *r, int ret, const char *message, struct text *out)
{
	r->ret = ret;
	text_printf(out, "{\"ret\":\"%d\",\"errmsg\":\"", ret);
	text_json(out, message ? message : find_ret(ret)->message);
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
	const struct ret_row *row = find_ret(ret);
	const char *shown = row->fail_message ? row->fail_message : row->message;
	struct text out = { 0 };

	write_error(r, ret, message, &out);
	if (ret == 1018) {
		text_puts(&out, ",\"data\":null}");
		reply_text(&r->reply, 200, JSON_TYPE, &out);
		return;
	}
	text_puts(&out, ",\"data\":{\"aigc_data\":null,\"fail_code\":\"");
	if (row->fail_code)
		text_puts(&out, row->fail_code);
	else
		text_printf(&out, "%d", ret);
	text_printf(&out, "\",\"fail_starling_key\":\"%s\",\"fail_starling_message\":\"",
	    row->fail_key ? row->fail_key : "web_fail2generate_input_retry");
	text_json(&out, message ? message : shown);
	text_puts(&out, "\"}}");
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
	const struct fault *items = request_fault(r, FAULT_ITEMS);
	const struct fault *total = request_fault(r, FAULT_TOTAL);
	const struct fault *state = request_fault(r, FAULT_STATE);
	const struct fault *link = request_fault(r, FAULT_LINK);

	return (struct record_view){
		.jimeng = jimeng,
		.now_ms = r->now_ms,
		.noise = hash_str(jimeng->store->seed, r->logid),
		.logid = r->logid,
		.interval_s = interval ? (int)interval->number : -1,
		.items = items ? (int)items->number : -1,
		.total = total ? (int)total->number : -1,
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
