/*
 * record_fields.c - the plain fields of a record, one filler each.
 */
#include "jimeng/record_page.h"

#include <string.h>

#include <openssl/evp.h>

#include "common/hash.h"

enum {
	INTERVAL_S = 30,
	SUPER_DEFINITION = 13, /* generate_type of a picture made larger */
};

FILLER(fill_prompt)
{
	PAGE;
	text_json(out, page->task->prompt);
}

FILLER(fill_submit_id)
{
	PAGE;
	text_json(out, task_shown_id(page->task));
}

FILLER(fill_history_id)
{
	PAGE;
	text_puts(out, page->task->history_id);
}

FILLER(fill_model_key)
{
	PAGE;
	text_json(out, page->task->model_key);
}

FILLER(fill_model_name)
{
	PAGE;
	text_puts(out, kind_row(page->task->life.kind)->model_name);
}

FILLER(fill_model_title_key)
{
	PAGE;
	text_puts(out, kind_row(page->task->life.kind)->title_key);
}

FILLER(fill_model_tip_key)
{
	PAGE;
	text_puts(out, kind_row(page->task->life.kind)->tip_key);
}

FILLER(fill_logid)
{
	PAGE;
	text_puts(out, page->view->logid);
}

FILLER(fill_generate_type)
{
	PAGE;
	text_printf(out, "%d",
	    page->task->wishes.super_resolution
		? SUPER_DEFINITION
		: kind_row(page->task->life.kind)->generate_type);
}

FILLER(fill_function_mode)
{
	PAGE;
	if (page->task->wishes.multi_frame)
		text_puts(out, "\\\"functionMode\\\":\\\"multi_frame\\\",");
}

FILLER(fill_agent)
{
	PAGE;
	if (page->task->wishes.agent)
		text_printf(out, "\"9%s\"", page->task->history_id);
	else
		text_puts(out, "null");
}

FILLER(fill_created_time)
{
	PAGE;
	int64_t ms = page->task->life.created_ms;

	text_printf(out, "%lld.%03d", (long long)(ms / 1000), (int)(ms % 1000));
}

FILLER(fill_created_ms)
{
	PAGE;
	text_printf(out, "%lld", (long long)page->task->life.created_ms);
}

FILLER(fill_finish_time)
{
	PAGE;
	text_printf(out, "%lld", (long long)(page->look.finish_ms / 1000));
}

FILLER(fill_status)
{
	PAGE;
	text_printf(out, "%d", page->look.status);
}

FILLER(fill_task_status)
{
	PAGE;
	text_printf(out, "%d", page->look.task_status);
}

FILLER(fill_uid)
{
	PAGE;
	text_printf(out, "%llu",
	    1000000000000000u +
		(unsigned long long)(page->task->account->key % 899999999999999u));
}

FILLER(fill_prompt_md5)
{
	PAGE;
	uint8_t sum[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	(void)EVP_Digest(
	    page->task->prompt, strlen(page->task->prompt), sum, &n, EVP_md5(), NULL);
	text_hex(out, sum, n);
}

FILLER(fill_forecast)
{
	PAGE;
	text_printf(out, "%d", page->look.forecast_s);
}

FILLER(fill_forecast_queue)
{
	PAGE;
	int64_t left = page->task->life.queued_until - page->view->now_ms;

	text_printf(out, "%lld", left > 0 ? (long long)(left / 1000 + 1) : 1);
}

FILLER(fill_starling_key)
{
	PAGE;
	if (page->look.failure)
		text_puts(out, page->look.failure->starling_key);
}

FILLER(fill_starling_message)
{
	PAGE;
	if (page->look.failure)
		text_puts(out, page->look.failure->starling_message);
}

FILLER(fill_fail_fields)
{
	PAGE;
	const struct life_failure *failure = page->look.failure;
	const char *code = failure ? failure->code : "0";
	const char *msg = failure ? failure->msg : "Success";

	if (page->look.is_ended && code)
		text_printf(out, "\"fail_code\":\"%s\",\"fail_msg\":\"%s\",", code, msg);
}

FILLER(fill_queue_idx)
{
	PAGE;
	text_printf(out, "%d", page->look.queue_idx);
}

FILLER(fill_queue_status)
{
	PAGE;
	text_printf(out, "%d", page->look.queue_status);
}

FILLER(fill_queue_length)
{
	PAGE;
	text_printf(out, "%d", page->look.queue_length);
}

FILLER(fill_interval)
{
	PAGE;
	int interval = page->view->interval_s;

	if (interval < 0)
		interval = clock_advice_s(page->view->jimeng->clock, INTERVAL_S);
	text_printf(out, "%d", interval);
}

FILLER(fill_debug_info)
{
	PAGE;
	if (page->look.queue_status >= 2)
		text_printf(out,
		    ",\"debug_info\":\"{\\\"queue\\\":\\\"internal-queue-%llu\\\"}\"",
		    (unsigned long long)(page->task->key % 7));
}

/* The service counts items only at the end, or as they come; the record chooses. */
FILLER(fill_total)
{
	PAGE;
	bool early = page->task->key & 4;
	const int told = page->view->total;

	text_printf(out, "%d",
	    page->look.failure		       ? 0
		: told >= 0		       ? told
		: page->look.is_ended || early ? page->task->life.items
					       : 0);
}

FILLER(fill_finished)
{
	PAGE;
	bool counts = page->look.is_ended || (page->task->key & 4);

	text_printf(
	    out, "%u", counts && !page->look.is_empty ? record_shown_items(page) : 0);
}

FILLER(fill_confirm_status)
{
	PAGE;
	text_puts(out, page->look.is_ended ? "2" : "0");
}

FILLER(fill_image_type)
{
	PAGE;
	text_puts(out, page->look.is_ended ? "3" : "0");
}

FILLER(fill_image_seed)
{
	PAGE;
	text_printf(out, "%u", (unsigned)(page->task->key >> 32));
}

FILLER(fill_width)
{
	PAGE;
	text_printf(out, "%u", page->task->width);
}

FILLER(fill_height)
{
	PAGE;
	text_printf(out, "%u", page->task->height);
}

/* A phantom was accepted and never queued. */
FILLER(fill_queue_info)
{
	PAGE;
	if (!page->task->wishes.phantom)
		template_fill(page->maker->queue_info, out, page);
}

/* Present where credits were charged. */
FILLER(fill_commerce_info)
{
	PAGE;
	const struct kind_row *row = kind_row(page->task->life.kind);

	if (page->cost)
		text_printf(out,
		    "\"commerce_info\":{\"credit_count\":%d,\"triplets\":[{"
		    "\"resource_type\":\"aigc\",\"resource_id\":\"%s\","
		    "\"benefit_type\":\"%s\"}]},",
		    page->cost, row->resource, row->benefit);
}

/* The share of one item, where all have the same. */
FILLER(fill_credits_consume)
{
	PAGE;
	const int items = page->task->life.items;

	if (page->cost && items && page->cost % items == 0)
		text_printf(out, ",\"credits_consume\":%d", page->cost / items);
}

FILLER(fill_uuid)
{
	PAGE;
	uint64_t a = hash_mix(page->task->key, hash_str(1, argument));
	uint64_t b = hash_mix(a, 2);

	text_printf(out, "%08x-%04x-4%03x-8%03x-%012llx", (unsigned)(a >> 32),
	    (unsigned)(a >> 16) & 0xffff, (unsigned)a & 0xfff, (unsigned)(b >> 52),
	    (unsigned long long)(b & 0xffffffffffff));
}

#define VIDEO_COMPONENT(process_type, input)                                \
	"{\"process_type\":" process_type ",\"abilities\":{\"gen_video\":{" \
	"\"text_to_video_params\":{\"video_gen_inputs\":[{" input "}]}}}}"

/* The component of a draft that was made otherwise than most; NULL. */
static const char *odd_component(const struct wishes *wishes)
{
	if (wishes->super_resolution)
		return "{\"generate_type\":\"normal_hd\",\"abilities\":{"
		       "\"normal_hd\":{}}}";
	if (wishes->draft)
		return VIDEO_COMPONENT(
		    "1", "\"is_draft_mode\":true,\"resolution\":\"480p\"");
	if (wishes->final)
		return VIDEO_COMPONENT("15",
		    "\"v2v_opt\":{\"generate_from_draft\":{\"enable\":true}},"
		    "\"resolution\":\"1080p\"");
	return NULL;
}

FILLER(fill_draft)
{
	PAGE;
	const char *component = odd_component(&page->task->wishes);
	struct text draft = { 0 };

	if (component)
		text_printf(
		    &draft, "{\"type\":\"draft\",\"component_list\":[%s]}", component);
	else
		template_fill(page->maker->draft, &draft, page);
	text_json(out, text_str(&draft));
	text_release(&draft);
}

const struct template_mark record_field_marks[] = {
	{ "agent", fill_agent },
	{ "commerce_info", fill_commerce_info },
	{ "confirm_status", fill_confirm_status },
	{ "created_ms", fill_created_ms },
	{ "created_time", fill_created_time },
	{ "credits_consume", fill_credits_consume },
	{ "debug_info", fill_debug_info },
	{ "draft", fill_draft },
	{ "fail_fields", fill_fail_fields },
	{ "finish_time", fill_finish_time },
	{ "finished", fill_finished },
	{ "forecast", fill_forecast },
	{ "forecast_queue", fill_forecast_queue },
	{ "function_mode", fill_function_mode },
	{ "generate_type", fill_generate_type },
	{ "height", fill_height },
	{ "history_id", fill_history_id },
	{ "image_seed", fill_image_seed },
	{ "image_type", fill_image_type },
	{ "interval", fill_interval },
	{ "logid", fill_logid },
	{ "model_key", fill_model_key },
	{ "model_name", fill_model_name },
	{ "model_tip_key", fill_model_tip_key },
	{ "model_title_key", fill_model_title_key },
	{ "prompt", fill_prompt },
	{ "prompt_md5", fill_prompt_md5 },
	{ "queue_idx", fill_queue_idx },
	{ "queue_info", fill_queue_info },
	{ "queue_length", fill_queue_length },
	{ "queue_status", fill_queue_status },
	{ "starling_key", fill_starling_key },
	{ "starling_message", fill_starling_message },
	{ "status", fill_status },
	{ "submit_id", fill_submit_id },
	{ "task_status", fill_task_status },
	{ "total", fill_total },
	{ "uid", fill_uid },
	{ "uuid", fill_uuid },
	{ "width", fill_width },
	{ 0 },
};

void record_queue_fields(const struct page *page, struct text *out)
{
	text_printf(out,
	    "{\"status\":0,\"queue_info\":{\"queue_idx\":%d,\"priority\":2,\"queue_"
	    "status\":%d,"
	    "\"queue_length\":%d,\"polling_config\":{\"interval_seconds\":",
	    page->look.queue_idx, page->look.queue_status, page->look.queue_length);
	fill_interval(out, page, "");
	text_puts(out,
	    ",\"timeout_seconds\":86400},\"priority_queue_display_threshold\":{"
	    "\"vip_queuing_time_threshold\":300,\"waiting_time_threshold\":60}");
	fill_debug_info(out, page, "");
	text_puts(out, "},\"forecast_cost_time\":{\"forecast_generate_cost\":");
	fill_forecast(out, page, "");
	text_puts(out, ",\"forecast_queue_cost\":");
	fill_forecast_queue(out, page, "");
	text_puts(out, "}}");
}
