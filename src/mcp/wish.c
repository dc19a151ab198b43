#include "mcp/wish.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/hash.h"
#include "base/shell_word.h"
#include "mcp/tool.h"
#include "mcp/visible.h"

enum {
	PROMPT_MAX = 4000,
	SHOWN_CHARS = 500, /* of a prompt, in a question */
	WORD_CHARS = 80,
	QUESTION_BYTES = 16000,
	COMMAND_BYTES = 2500,
	KEY_DIGITS = 32,
	DURATION_MAX_S = 3600,
};

static const char *const *kinds(void)
{
	static const char *const words[] = { "image", "video", NULL };

	return words;
}

static const char *const *ratios(void)
{
	static const char *const words[] = { "21:9", "16:9", "3:2", "4:3", "1:1", "3:4",
		"2:3", "9:16", NULL };

	return words;
}

const struct param wish_params[] = {
	{ "prompt", PARAM_TEXT, .is_required = true, .min = 1, .max = PROMPT_MAX },
	{ "kind", PARAM_CHOICE, .choices = kinds, .description = "image is the default" },
	{ "ratio", PARAM_CHOICE, .choices = ratios },
	{ "model", PARAM_TEXT, .min = 1, .max = 64,
	    .description = "the service's name; leave it out for the usual one" },
	{ "duration_s", PARAM_INTEGER, .min = 1, .max = DURATION_MAX_S, .otherwise = 0,
	    .description = "of a video" },
	WISH_KEY_PARAMS,
	{ .name = NULL },
};

const struct param repeat_params[] = {
	{ "id", PARAM_ID, .is_required = true,
	    .description = "the task, submitted from here, to be made once more" },
	WISH_KEY_PARAMS,
	{ .name = NULL },
};

/* --- the key ----------------------------------------------------------------------- */

/* Everything but how it is keyed, in one order whoever wrote it. */
static char *say_wish(const struct call *call)
{
	cJSON *list = cJSON_CreateArray();
	char *text;

	for (const struct param *param = call->tool->params; param->name; param++) {
		const cJSON *item =
		    cJSON_GetObjectItemCaseSensitive(call->arguments, param->name);

		if (!strcmp(param->name, "copy") ||
		    !strcmp(param->name, "idempotency_key"))
			continue;
		(void)cJSON_AddItemToArray(list, cJSON_CreateString(param->name));
		(void)cJSON_AddItemToArray(
		    list, item ? cJSON_Duplicate(item, true) : cJSON_CreateNull());
	}
	text = cJSON_PrintUnformatted(list);
	cJSON_Delete(list);
	return text;
}

/* One that an agent has chosen can't be one that is made. */
static bool make_key(const struct call *call, struct wish *wish, char ret_why[200])
{
	const char *given = call_text(call, "idempotency_key");
	_cleanup_free_ char *text = given ? NULL : say_wish(call);
	char hex[HASH_HEX_MAX], nth[24] = "";
	struct err err;

	if (given) {
		(void)snprintf(wish->key, sizeof(wish->key), "mcp:key:%s", given);
		(void)snprintf(ret_why, 200, "%s",
		    wish->copy == 1 ? "'idempotency_key' is too long"
				    : "'copy' is for calls without 'idempotency_key': "
				      "choose another key instead");
		return wish->copy == 1 && strlen(given) <= WISH_KEY_MAX;
	}
	(void)snprintf(ret_why, 200, "out of memory");
	if (!text || hash_text(HASH_SHA256, text, strlen(text), hex, &err))
		return false;
	if (wish->copy > 1)
		(void)snprintf(nth, sizeof(nth), "-%" PRId64, wish->copy);
	(void)snprintf(wish->key, sizeof(wish->key), "mcp:%.*s%s", KEY_DIGITS, hex, nth);
	return true;
}

/* --- what is repeated --------------------------------------------------------------- */

static void hear_repeated(void *payload, const struct dq_event *event)
{
	struct wish *wish = payload;

	if (event->type != DQ_EVENT_TASK || wish->kind)
		return;
	wish->prompt = event->task->prompt ? strdup(event->task->prompt) : NULL;
	wish->kind = event->task->kind ? strdup(event->task->kind) : NULL;
}

/* What is unknown is refused by the library, in better words. */
static void look_up(struct call *call, struct wish *wish)
{
	struct dq_error ignored;

	call_listen(call, hear_repeated, wish);
	(void)dq_show(call->dq, wish->repeats, &ignored);
	call_listen(call, NULL, NULL);
}

bool wish_make(struct call *call, struct wish *ret_wish, char ret_why[200])
{
	const bool is_new = call->tool->params != repeat_params;

	*ret_wish = (struct wish){ .copy = call_integer(call, "copy") };
	if (!make_key(call, ret_wish, ret_why))
		return false;
	ret_wish->submit = (struct dq_submit){ .size_bytes = sizeof(struct dq_submit) };
	if (is_new) {
		ret_wish->submit.prompt = call_text(call, "prompt");
		ret_wish->submit.kind = call_text(call, "kind");
		ret_wish->submit.ratio = call_text(call, "ratio");
		ret_wish->submit.model = call_text(call, "model");
		ret_wish->submit.duration_s = (int)call_integer(call, "duration_s");
	} else {
		ret_wish->repeats = call_text(call, "id");
		ret_wish->submit.reroll = ret_wish->repeats;
		look_up(call, ret_wish);
	}
	return true;
}

void wish_release(struct wish *wish)
{
	free(wish->prompt);
	free(wish->kind);
	*wish = (struct wish){ .copy = 1 };
}

/* --- for a person ------------------------------------------------------------------- */

/* In quotes, as JSON has them: nothing in it can end them, or begin a line. */
static void add_quoted(struct buf *into, const char *text, size_t max_chars)
{
	_cleanup_free_ char *shown = visible(text, max_chars);
	cJSON *json = shown ? cJSON_CreateString(shown) : NULL;
	_cleanup_free_ char *quoted = json ? cJSON_PrintUnformatted(json) : NULL;

	cJSON_Delete(json);
	buf_addf(into, "%s", quoted ? quoted : "\"\"");
}

static size_t count_chars(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

static void add_prompt(struct buf *into, const char *prompt)
{
	const size_t n = count_chars(prompt);

	buf_addf(into, "\nThe prompt, in the agent's words%s: ",
	    n > SHOWN_CHARS ? " (its beginning)" : "");
	add_quoted(into, prompt, SHOWN_CHARS);
	if (n > SHOWN_CHARS)
		buf_addf(into, " (%zu characters in all)", n);
}

static void add_cost(struct buf *into, int64_t credits)
{
	if (credits >= 0)
		buf_addf(into, "It is expected to cost %" PRId64 " credit%s.", credits,
		    credits == 1 ? "" : "s");
	else
		buf_addf(into, "It costs credits; how many is not known.");
}

char *wish_question(const struct wish *wish, const struct call *call, int64_t credits)
{
	const struct dq_submit *submit = &wish->submit;
	const char *kind = wish->repeats ? wish->kind : submit->kind;
	const char *prompt = wish->repeats ? wish->prompt : submit->prompt;
	const char *profile = call->options->session->profile;
	struct buf text = buf_make(QUESTION_BYTES);

	buf_addf(&text, "An agent asks to start one generation on Dreamina/Jimeng (%s",
	    kind ? kind : "image");
	if (submit->ratio)
		buf_addf(&text, ", %s", submit->ratio);
	if (submit->duration_s > 0)
		buf_addf(&text, ", %d s", submit->duration_s);
	buf_addf(
	    &text, ") with the account of profile '%s'. ", profile ? profile : "default");
	add_cost(&text, credits);
	if (wish->repeats)
		buf_addf(&text, "\nIt repeats the task %s, which was paid already.",
		    wish->repeats);
	if (wish->copy > 1)
		buf_addf(&text, "\nIt is number %" PRId64 " of the same.", wish->copy);
	if (submit->model) {
		buf_addf(&text, "\nModel: ");
		add_quoted(&text, submit->model, WORD_CHARS);
	}
	if (prompt)
		add_prompt(&text, prompt);
	return buf_take(&text);
}

/* --- for a terminal ----------------------------------------------------------------- */

static void add_option(struct buf *into, const char *name, const char *value)
{
	_cleanup_(buf_release) struct buf word = buf_make(COMMAND_BYTES);

	if (!value)
		return;
	buf_addf(&word, "--%s=%s", name, value);
	buf_addf(into, " ");
	shell_word_add(into, word.data);
	into->failed |= buf_failed(&word);
}

/* A prompt that begins with '@' names a file there, and a '-' standard input. */
static void add_prompt_option(struct buf *into, const char *prompt)
{
	_cleanup_(buf_release) struct buf word = buf_make(COMMAND_BYTES);

	buf_addf(&word, "%s%s", prompt[0] == '@' ? "@" : "", prompt);
	add_option(into, "prompt", word.data);
	into->failed |= buf_failed(&word);
}

char *wish_command(const struct wish *wish, const struct call *call)
{
	const struct dq_submit *submit = &wish->submit;
	const char *place = call->options->place;
	struct buf text = buf_make(COMMAND_BYTES);
	char number[24];

	if (submit->prompt && !strcmp(submit->prompt, "-"))
		buf_addf(&text, "echo - | ");
	buf_addf(&text, "dreamq submit%s", place ? place : "");
	if (wish->repeats)
		buf_addf(&text, " --reroll");
	add_option(&text, "kind", submit->kind);
	add_option(&text, "ratio", submit->ratio);
	add_option(&text, "model", submit->model);
	(void)snprintf(number, sizeof(number), "%d", submit->duration_s);
	add_option(&text, "duration", submit->duration_s > 0 ? number : NULL);
	add_option(&text, "idempotency-key", wish->key);
	(void)snprintf(
	    number, sizeof(number), "%" PRId64, call->options->may.max_credits);
	add_option(
	    &text, "max-credits", call->options->may.max_credits > 0 ? number : NULL);
	if (submit->prompt)
		add_prompt_option(&text, submit->prompt);
	if (wish->repeats) {
		buf_addf(&text, " ");
		shell_operand_add(&text, wish->repeats);
	}
	if (!buf_failed(&text))
		return buf_take(&text);
	buf_release(&text);
	return NULL;
}
