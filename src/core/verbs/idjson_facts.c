/*
 * idjson_facts.c - the names that the service, its command lines and dreamq have for what
 * is known of a task.
 */
#include <stdlib.h>
#include <string.h>

#include "core/verbs/idjson_impl.h"

enum { SECONDS_MAX = 100000000 * 1000LL /* from here on they are ms */ };

static const struct {
	const char *key;
	enum idjson_role role;
} roles[] = {
	{ "submit_id", ROLE_SUBMIT_ID },
	{ "submitId", ROLE_SUBMIT_ID },
	{ "SubmitID", ROLE_SUBMIT_ID },
	{ "submit_ids", ROLE_SUBMIT_ID },
	{ "submitIds", ROLE_SUBMIT_ID },
	{ "history_record_id", ROLE_HISTORY_ID },
	{ "historyRecordId", ROLE_HISTORY_ID },
	{ "history_id", ROLE_HISTORY_ID },
	{ "historyId", ROLE_HISTORY_ID },
	{ "HistoryID", ROLE_HISTORY_ID },
	{ "history_ids", ROLE_HISTORY_ID },
	{ "historyIds", ROLE_HISTORY_ID },
	{ "prompt", ROLE_PROMPT },
	{ "Prompt", ROLE_PROMPT },
	{ "history_group_key", ROLE_PROMPT },
	{ "model_req_key", ROLE_MODEL },
	{ "model_key", ROLE_MODEL },
	{ "model", ROLE_MODEL },
	{ "gen_status", ROLE_STATE },
	{ "state", ROLE_STATE },
	{ "gen_task_type", ROLE_TYPE },
	{ "generate_type", ROLE_TYPE },
	{ "kind", ROLE_TYPE },
	{ "credit_count", ROLE_CREDITS },
	{ "created_time", ROLE_CREATED },
	{ "create_time", ROLE_CREATED },
	{ "created_unix_ms", ROLE_CREATED },
	{ "data", ROLE_DATA },
	{ "item_list", ROLE_RECORD },
	{ "finish_time", ROLE_RECORD },
	{ "schema_version", ROLE_OURS },
	{ "log", ROLE_LOG },
	{ "entries", ROLE_ENTRIES },
	{ "request", ROLE_REQUEST },
	{ "response", ROLE_RESPONSE },
	{ "postData", ROLE_BODY },
	{ "content", ROLE_BODY },
	{ "text", ROLE_TEXT },
	{ "url", ROLE_URL },
};

enum idjson_role idjson_role_of(const char *key)
{
	for (size_t i = 0; i < sizeof(roles) / sizeof(*roles); i++)
		if (!strcmp(roles[i].key, key))
			return roles[i].role;
	return ROLE_NONE;
}

bool idjson_is_id_name(const char *name)
{
	const enum idjson_role role = idjson_role_of(name);

	return role == ROLE_SUBMIT_ID || role == ROLE_HISTORY_ID;
}

struct idjson_facts idjson_facts_make(void)
{
	return (struct idjson_facts){ .credits = -1 };
}

void idjson_facts_release(struct idjson_facts *facts)
{
	free(facts->prompt);
	*facts = idjson_facts_make();
}

/* What does not fit is left out; a name of nothing. */
static void copy(char *into, size_t size, const char *text)
{
	const size_t len = strlen(text);

	if (len < size)
		memcpy(into, text, len + 1);
}

bool idjson_facts_text(
    struct idjson_facts *facts, enum idjson_role role, const char *text)
{
	if (role == ROLE_SUBMIT_ID && taskid_is_valid(text))
		copy(facts->submit_id, sizeof(facts->submit_id), text);
	else if (role == ROLE_HISTORY_ID && taskid_is_valid(text) &&
	    strcmp(text, "0") != 0)
		copy(facts->history_id, sizeof(facts->history_id), text);
	else if (role == ROLE_STATE)
		copy(facts->state, sizeof(facts->state), text);
	else if (role == ROLE_TYPE)
		copy(facts->type, sizeof(facts->type), text);
	else if (role == ROLE_MODEL)
		copy(facts->model, sizeof(facts->model), text);
	else if (role == ROLE_PROMPT && *text && !facts->prompt)
		facts->prompt = strdup(text);
	else if (role == ROLE_CREATED)
		idjson_facts_word(facts, role, text);
	return role != ROLE_PROMPT || !*text || facts->prompt;
}

void idjson_facts_word(
    struct idjson_facts *facts, enum idjson_role role, const char *word)
{
	char *end;
	const double value = strtod(word, &end);

	if (end == word || *end || !(value > -1.0 && value < 9e15))
		return;
	if (role == ROLE_CREDITS)
		facts->credits = (int64_t)value;
	else if (role == ROLE_CREATED && value > 0)
		facts->created_unix_ms =
		    (int64_t)(value < (double)SECONDS_MAX ? value * 1000.0 : value);
	else if (role == ROLE_TYPE)
		copy(facts->type, sizeof(facts->type), word);
	else if (role == ROLE_HISTORY_ID && value > 0 && taskid_is_history(word))
		copy(facts->history_id, sizeof(facts->history_id), word);
}

void idjson_facts_inherit(struct idjson_facts *facts, struct idjson_facts *inner)
{
	if (!facts->prompt) {
		facts->prompt = inner->prompt;
		inner->prompt = NULL;
	}
	if (!*facts->model)
		copy(facts->model, sizeof(facts->model), inner->model);
	if (!*facts->state)
		copy(facts->state, sizeof(facts->state), inner->state);
	if (!*facts->type)
		copy(facts->type, sizeof(facts->type), inner->type);
	if (facts->credits < 0)
		facts->credits = inner->credits;
}
