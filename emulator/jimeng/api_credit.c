/*
 * api_credit.c - user_credit and user_credit_history: what an account has, and how it
 * came and went. These answers hold their content twice, as JSON and as a text.
 */
#include <stdio.h>
#include <string.h>

#include "common/hash.h"
#include "common/units.h"
#include "jimeng/answer.h"
#include "jimeng/api.h"
#include "jimeng/region.h"
#include "jimeng/sign.h"

enum { USUAL_COUNT = 20, COUNT_MAX = 200, DAY_S = 86400 };

static const struct purse_row {
	enum purse purse;
	const char *name, *detail;
	int life_days; /* what is there dies at the end of that day */
} purse_rows[] = {
	{ PURSE_VIP, "vip_credit", "vip_credits", 30 },
	{ PURSE_GIFT, "gift_credit", "gift_credits", 0 },
	{ PURSE_PURCHASE, "purchase_credit", "purchase_credits", 730 },
};

enum { PURSE_ROWS = sizeof(purse_rows) / sizeof(purse_rows[0]) };

/*
 * False, and answered, unless the request is one that the commerce service takes: signed,
 * without a query, and from the page where images are made. A cluster insists on it; the
 * emulator of all clusters takes any.
 */
static bool is_commerce_asked(const struct jimeng *jimeng, struct request *r)
{
	const char *referer = request_header(r, "Referer");
	const char *wrong = NULL;

	if (sign_of(r) == SIGN_NONE)
		wrong = "commerce without a sign";
	else if (strchr(r->uri, '?'))
		wrong = "commerce with a query";
	else if (referer && !strstr(referer, "/ai-tool/image/generate"))
		wrong = "commerce with another referer";
	if (!wrong || !jimeng->region)
		return true;
	request_violation(r, "%s", wrong);
	api_error(r, 1014, NULL);
	return false;
}

/* Success with this content, a JSON text that is released. */
static void answer_commerce(
    const struct jimeng *jimeng, struct request *r, struct text *content)
{
	const int64_t shown_ms = r->now_ms + r->skew_ms;
	struct text out = { 0 };

	text_puts(&out, "{\"ret\":\"0\",\"errmsg\":\"success\",");
	if (jimeng->region && !jimeng->region->submit) /* overseas */
		text_printf(&out, "\"systime\":\"%lld\"", (long long)shown_ms);
	else
		text_printf(&out, "\"svr_time\":%lld", (long long)api_shown_s(r));
	text_printf(&out, ",\"log_id\":\"%s\",\"response\":\"", r->logid);
	text_json(&out, text_str(content));
	text_printf(&out, "\",\"sign\":\"%016llx\",\"data\":%s}",
	    (unsigned long long)hash_str(2, r->logid), text_str(content));
	text_release(content);
	reply_text(&r->reply, 200, JSON_TYPE, &out);
}

static struct wallet wallet_of(const struct jimeng *jimeng, const struct request *r)
{
	return store_wallet(
	    jimeng->store, store_account(jimeng->store, r->session), r->now_ms);
}

static long long purse_end(const struct request *r, const struct purse_row *row)
{
	const long long now = api_shown_s(r);

	return now - now % DAY_S + (row->life_days + 1LL) * DAY_S - 1;
}

/* Purses that are empty have no details, but for gifts, which everybody gets. */
static void write_details(
    const struct request *r, const struct wallet *wallet, struct text *out)
{
	const char *comma = "";

	for (size_t i = 0; i < PURSE_ROWS; i++) {
		const struct purse_row *row = &purse_rows[i];
		const long long credits = (long long)wallet->purses[row->purse];

		if (!credits && row->purse != PURSE_GIFT)
			continue;
		text_printf(out,
		    "%s\"%s\":[{\"residual_credits\":%lld,\"credits_life_end\":%lld}]",
		    comma, row->detail, credits, purse_end(r, row));
		comma = ",";
	}
}

void api_credit(const struct jimeng *jimeng, struct request *r)
{
	struct text content = { 0 };
	struct wallet wallet;

	if (!is_commerce_asked(jimeng, r) || !api_login(jimeng, r, 1015))
		return;
	wallet = wallet_of(jimeng, r);
	text_puts(&content, "{\"credit\":{");
	for (size_t i = 0; i < PURSE_ROWS; i++)
		text_printf(&content, "%s\"%s\":%lld", i ? "," : "", purse_rows[i].name,
		    (long long)wallet.purses[purse_rows[i].purse]);
	text_printf(&content,
	    "},\"expiring_credits\":[{\"credit_amount\":%lld,\"expire_time\":%lld}],"
	    "\"credits_detail\":{",
	    (long long)wallet.purses[PURSE_GIFT], purse_end(r, &purse_rows[1]));
	write_details(r, &wallet, &content);
	text_puts(&content, "}}");
	wallet_release(&wallet);
	answer_commerce(jimeng, r, &content);
}

/* --- the history --- */

struct history_page {
	size_t skip, count; /* of those that match */
	enum credit_way way; /* 0: both */
};

static bool read_page(const struct request *r, struct history_page *ret)
{
	const json_t *cursor = json_object_get(r->json, "cursor");
	const json_t *count = json_object_get(r->json, "count");
	const json_int_t way =
	    json_integer_value(json_object_get(r->json, "history_type"));
	int64_t skip = 0;

	ret->count = USUAL_COUNT;
	if (count && (!json_is_integer(count) || json_integer_value(count) < 1))
		return false;
	if (count)
		ret->count = (size_t)json_integer_value(count);
	if (ret->count > COUNT_MAX)
		ret->count = COUNT_MAX;
	if (cursor &&
	    (!json_is_string(cursor) ||
		!unit_integer(json_string_value(cursor), 0, INT32_MAX, &skip)))
		return false;
	ret->skip = (size_t)skip;
	ret->way = way == CREDIT_CAME || way == CREDIT_WENT ? (enum credit_way)way : 0;
	return json_is_object(r->json);
}

static void write_entry(const struct credit_entry *entry, struct text *out)
{
	const struct task *task = entry->task;

	text_printf(out,
	    "{\"amount\":%d,\"title\":\"%s\",\"history_type\":%d,"
	    "\"create_time\":%lld,\"status\":\"Checked\",\"history_id\":\"%s\","
	    "\"submit_id\":\"",
	    entry->amount, entry->title, (int)entry->way,
	    (long long)(entry->at_ms / 1000), task ? task->history_id : "");
	text_json(out, task ? task_shown_id(task) : "");
	text_puts(out, "\"}");
}

/* The newest first; how many entries there are in all that match. */
static size_t write_entries(
    const struct wallet *wallet, const struct history_page *page, struct text *out)
{
	size_t matched = 0;

	for (size_t i = wallet->count; i-- > 0;) {
		const struct credit_entry *entry = &wallet->entries[i];

		if (page->way && entry->way != page->way)
			continue;
		if (matched >= page->skip && matched < page->skip + page->count) {
			if (matched > page->skip)
				text_puts(out, ",");
			write_entry(entry, out);
		}
		matched++;
	}
	return matched;
}

void api_credit_history(const struct jimeng *jimeng, struct request *r)
{
	struct history_page page = { 0 };
	struct text content = { 0 };
	struct wallet wallet;
	size_t end, matched;

	if (!is_commerce_asked(jimeng, r) || !api_login(jimeng, r, 1015))
		return;
	if (!read_page(r, &page)) {
		request_violation(r, "count or cursor of another type, or no body");
		api_error(r, r->body.len ? 1000 : 2008, NULL);
		return;
	}
	wallet = wallet_of(jimeng, r);
	text_printf(&content, "{\"total_credit\":%lld,\"records\":[",
	    (long long)wallet_total(&wallet));
	matched = write_entries(&wallet, &page, &content);
	end = page.skip + page.count < matched ? page.skip + page.count : matched;
	text_printf(&content, "],\"has_more\":%s,\"new_cursor\":\"%zu\"}",
	    end < matched ? "true" : "false", end);
	wallet_release(&wallet);
	answer_commerce(jimeng, r, &content);
}
