/*
 * report_json.c - what verbs report beside events, as lines of JSON: logins, findings,
 * the ledger's health, submits, failures (docs/schema/).
 */
#include "core/json/json_line.h"
#include "dreamq/json.h"
#include "dreamq/verify.h"

/* A count that is known; null below 0. */
static void add_count(struct json_line *line, const char *key, int64_t count)
{
	json_line_number(line, key, count < 0 ? -1 : count, -1);
}

static void add_bool_or_null(
    struct json_line *line, const char *key, bool is_known, bool value)
{
	if (is_known)
		json_line_bool(line, key, value);
	else
		json_line_text(line, key, NULL);
}

char *dq_login_json(const struct dq_login *login)
{
	const bool ends = login->expires_unix > 0;
	struct json_line line = json_line_make("login");

	json_line_text(&line, "profile", login->profile ? login->profile : "default");
	json_line_text(&line, "path", login->path);
	json_line_bool(&line, "keyring", login->is_in_keyring);
	json_line_bool(&line, "exists", login->exists);
	add_bool_or_null(&line, "valid", login->was_asked, login->is_valid);
	json_line_time_s(&line, "expires_at", login->expires_unix);
	json_line_number(&line, "expires_in_seconds",
	    ends ? login->expires_in_s : INT64_MIN, INT64_MIN);
	add_count(&line, "credit", login->credit);
	return json_line_take(&line);
}

/* The parts that end, and when. */
static void add_ends(struct json_line *line, const struct dq_credits *credits)
{
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; list && i < credits->n_ends; i++) {
		struct json_line end = json_line_make_part();

		add_count(&end, "amount", credits->ends[i].amount);
		json_line_time_s(&end, "at", credits->ends[i].at_unix);
		if (end.failed || !cJSON_AddItemToArray(list, end.object)) {
			cJSON_Delete(end.object);
			line->failed = true;
		}
	}
	json_line_add(line, "expiring", list);
}

char *dq_alert_json(
    const char *what, const char *profile, int64_t at_unix_ms, const char *message)
{
	struct json_line line = json_line_make("alert");

	json_line_text(&line, "what", what);
	json_line_text(&line, "profile", profile);
	json_line_time_ms(&line, "at", at_unix_ms);
	json_line_text(&line, "message", message);
	return json_line_take(&line);
}

char *dq_delivery_json(const struct dq_delivery *delivery)
{
	struct json_line line = json_line_make("delivery");

	json_line_text(&line, "id", delivery->id);
	json_line_text(&line, "webhook", delivery->hook);
	json_line_text(&line, "profile", delivery->profile);
	json_line_text(&line, "submit_id", delivery->submit_id);
	json_line_text(&line, "of", delivery->event);
	json_line_number(&line, "index", delivery->index, -1);
	json_line_text(&line, "state", delivery->state);
	add_count(&line, "tries", delivery->tries);
	json_line_time_ms(&line, "made_at", delivery->made_unix_ms);
	json_line_time_ms(&line, "changed_at", delivery->changed_unix_ms);
	json_line_time_ms(&line, "due_at", delivery->due_unix_ms);
	json_line_text(&line, "why", delivery->why);
	return json_line_take(&line);
}

char *dq_credits_json(const struct dq_credits *credits)
{
	struct json_line line = json_line_make("credits");

	json_line_text(&line, "profile", credits->profile ? credits->profile : "default");
	json_line_time_s(&line, "at", credits->asked_unix_ms / 1000);
	add_count(&line, "total", credits->total);
	add_count(&line, "subscription", credits->subscription);
	add_count(&line, "gift", credits->gift);
	add_count(&line, "purchase", credits->purchase);
	add_ends(&line, credits);
	add_count(&line, "entries", (int64_t)credits->entries);
	json_line_bool(&line, "has_more", credits->has_more);
	add_count(&line, "priced", (int64_t)credits->priced);
	return json_line_take(&line);
}

char *dq_credit_entry_json(const struct dq_credit_entry *entry)
{
	struct json_line line = json_line_make("credit_entry");

	json_line_time_s(&line, "at", entry->at_unix_ms / 1000);
	json_line_number(&line, "amount", entry->amount, INT64_MIN);
	json_line_text(&line, "title", entry->title);
	json_line_text(&line, "submit_id", entry->submit_id);
	json_line_text(&line, "history_id", entry->history_id);
	json_line_bool(&line, "known", entry->is_known);
	return json_line_take(&line);
}

char *dq_check_json(const struct dq_check *check)
{
	struct json_line line = json_line_make("check");

	json_line_text(&line, "name", check->name);
	json_line_text(&line, "verdict", check->verdict);
	json_line_text(&line, "message", check->message);
	json_line_text(&line, "do", *check->todo ? check->todo : NULL);
	json_line_number(&line, "took_ms", check->took_ms, -1);
	return json_line_take(&line);
}

char *dq_embedded_json(const struct dq_embedded *embedded)
{
	struct json_line line = json_line_make("embedded");

	json_line_text(&line, "submit_id", embedded->submit_id);
	add_count(&line, "index", embedded->index);
	json_line_text(&line, "from", embedded->from);
	json_line_text(&line, "to", embedded->to);
	json_line_text(&line, "state", embedded->state);
	json_line_text(&line, "text", embedded->text);
	return json_line_take(&line);
}

char *dq_named_json(const struct dq_named *named)
{
	struct json_line line = json_line_make("named");

	json_line_text(&line, "submit_id", named->submit_id);
	add_count(&line, "index", named->index);
	json_line_text(&line, "from", named->from);
	json_line_text(&line, "to", named->to);
	json_line_text(&line, "name", named->name);
	json_line_text(&line, "state", named->state);
	json_line_text(&line, "text", named->text);
	return json_line_take(&line);
}

char *dq_finding_json(const struct dq_finding *finding)
{
	struct json_line line = json_line_make("finding");

	json_line_text(&line, "what", finding->what);
	json_line_text(&line, "path", finding->path);
	json_line_text(&line, "submit_id", finding->submit_id);
	add_count(&line, "index", finding->index);
	add_count(&line, "want_bytes", finding->want_bytes);
	add_count(&line, "bytes", finding->bytes);
	json_line_bool(&line, "repaired", finding->is_repaired);
	json_line_text(&line, "text", finding->text);
	return json_line_take(&line);
}

char *dq_verified_json(const struct dq_verified *counts, size_t n_unjudged)
{
	struct json_line line = json_line_make("verified");

	add_count(&line, "files", (int64_t)counts->files);
	add_count(&line, "bytes", (int64_t)counts->bytes);
	add_count(&line, "missing", (int64_t)counts->missing);
	add_count(&line, "altered", (int64_t)counts->altered);
	add_count(&line, "unknown", (int64_t)counts->unknown);
	add_count(&line, "leftover", (int64_t)counts->leftover);
	add_count(&line, "unfinished", (int64_t)counts->unfinished);
	add_count(&line, "repaired", (int64_t)counts->repaired);
	add_count(&line, "unjudged", (int64_t)n_unjudged);
	return json_line_take(&line);
}

char *dq_ledger_health_json(const struct dq_ledger_health *health)
{
	struct json_line line = json_line_make("ledger");

	json_line_text(&line, "path", health->path);
	json_line_text(&line, "verdict", health->verdict);
	add_count(&line, "tasks", health->tasks);
	add_count(&line, "want_tasks", health->want_tasks);
	add_count(&line, "keys", health->keys);
	add_count(&line, "want_keys", health->want_keys);
	add_count(&line, "files", health->files);
	add_count(&line, "want_files", health->want_files);
	json_line_text(&line, "text", health->text);
	return json_line_take(&line);
}

char *dq_ledger_saved_json(const char *path, const struct dq_ledger_saved *saved)
{
	struct json_line line = json_line_make("recovered");
	size_t n = 0;

	json_line_text(&line, "path", path);
	add_count(&line, "tasks", saved->tasks);
	add_count(&line, "keys", saved->keys);
	add_count(&line, "files", saved->files);
	add_count(&line, "names", saved->names);
	add_count(&line, "lost_tasks", saved->lost_tasks);
	add_count(&line, "notes", saved->notes);
	add_count(&line, "tags", saved->tags);
	while (n < sizeof(saved->unread) / sizeof(saved->unread[0]) && saved->unread[n])
		n++;
	json_line_add(&line, "unread", cJSON_CreateStringArray(saved->unread, (int)n));
	return json_line_take(&line);
}

char *dq_synced_json(const struct dq_synced *synced)
{
	struct json_line line = json_line_make("synced");

	add_count(&line, "listed", (int64_t)synced->listed);
	add_count(&line, "adopted", (int64_t)synced->adopted);
	add_count(&line, "files", (int64_t)synced->files);
	add_count(&line, "bytes", (int64_t)synced->bytes);
	add_count(&line, "requests", (int64_t)synced->requests);
	return json_line_take(&line);
}

char *dq_rescued_json(const struct dq_rescued *rescued)
{
	struct json_line line = json_line_make("rescued");

	add_count(&line, "files", (int64_t)rescued->files);
	add_count(&line, "stored", (int64_t)rescued->stored);
	add_count(&line, "gone", (int64_t)rescued->gone);
	add_count(&line, "bytes", (int64_t)rescued->bytes);
	add_count(&line, "requests", (int64_t)rescued->requests);
	return json_line_take(&line);
}

char *dq_submitted_json(const char *submit_id, const char *state)
{
	struct json_line line = json_line_make("submitted");

	json_line_text(&line, "submit_id", submit_id);
	json_line_text(&line, "state", state);
	return json_line_take(&line);
}

char *dq_planned_json(const struct dq_planned *planned)
{
	struct json_line line = json_line_make("planned");

	json_line_text(&line, "submit_id", planned->submit_id);
	json_line_bool(&line, "known", planned->is_known);
	json_line_text(&line, "kind", planned->kind);
	json_line_text(&line, "idempotency_key", planned->idempotency_key);
	json_line_text(&line, "reroll_of", planned->reroll_of);
	add_count(&line, "credits", planned->credits);
	json_line_add(&line, "body",
	    planned->body ? cJSON_CreateRaw(planned->body) : cJSON_CreateNull());
	return json_line_take(&line);
}

char *dq_cancelled_json(const struct dq_cancelled *cancelled)
{
	struct json_line line = json_line_make("cancel");

	json_line_text(&line, "submit_id", cancelled->submit_id);
	json_line_text(&line, "outcome", cancelled->outcome);
	json_line_text(&line, "state", cancelled->state);
	json_line_text(&line, "text", cancelled->text);
	return json_line_take(&line);
}

char *dq_found_json(const struct dq_found *found)
{
	struct json_line line = json_line_make("found");

	json_line_text(&line, "source", found->source);
	json_line_text(&line, "form", found->form);
	json_line_text(&line, "unit", found->unit);
	add_count(&line, "number", (int64_t)found->number);
	json_line_text(&line, "submit_id", found->submit_id);
	json_line_text(&line, "history_id", found->history_id);
	json_line_text(&line, "kind", found->kind);
	json_line_text(&line, "state", found->state);
	json_line_text(&line, "prompt", found->prompt);
	json_line_text(&line, "model", found->model);
	json_line_bool(&line, "known", found->is_known);
	return json_line_take(&line);
}

char *dq_skipped_json(const struct dq_skipped *skipped)
{
	struct json_line line = json_line_make("skipped");

	json_line_text(&line, "source", skipped->source);
	json_line_text(&line, "form", skipped->form);
	json_line_text(&line, "unit", skipped->unit);
	add_count(&line, "number", (int64_t)skipped->number);
	json_line_text(&line, "text", skipped->text);
	return json_line_take(&line);
}

char *dq_adopted_json(
    const char *source, const struct dq_adopted *counts, bool is_dry_run)
{
	struct json_line line = json_line_make("adopted");

	json_line_text(&line, "source", source);
	json_line_text(&line, "form", counts->form);
	add_count(&line, "found", (int64_t)counts->found);
	add_count(&line, "added", (int64_t)counts->added);
	add_count(&line, "known", (int64_t)counts->known);
	add_count(&line, "skipped", (int64_t)counts->skipped);
	json_line_bool(&line, "dry_run", is_dry_run);
	return json_line_take(&line);
}

/* Returns the word of a failure; NULL: it is none. */
static const char *kind_of(int status)
{
	static const struct {
		int status;
		const char *name;
	} kinds[] = {
		{ DQ_FAILED, "failed" },
		{ DQ_USAGE, "usage" },
		{ DQ_AUTH, "auth" },
		{ DQ_NETWORK, "network" },
		{ DQ_STORAGE, "storage" },
		{ DQ_CONTRACT, "contract" },
		{ DQ_ACCOUNT, "account" },
		{ DQ_INTERRUPTED, "interrupted" },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].status == status)
			return kinds[i].name;
	return NULL;
}

char *dq_error_json(int status, const char *message, const char *todo)
{
	const char *kind = kind_of(status);
	struct json_line line;

	if (!kind)
		return NULL;
	line = json_line_make("error");
	json_line_number(&line, "code", status, INT64_MIN);
	json_line_text(&line, "kind", kind);
	json_line_text(&line, "message", message);
	json_line_text(&line, "do", todo);
	return json_line_take(&line);
}

char *dq_tag_json(const char *tag, int64_t n_tasks)
{
	struct json_line line = json_line_make("tag");

	json_line_text(&line, "tag", tag);
	json_line_number(&line, "tasks", n_tasks, -1);
	return json_line_take(&line);
}

char *dq_pruned_json(const struct dq_pruned *pruned, bool is_dry_run)
{
	static const char *const names[DQ_KEPT_COUNT] = {
		[DQ_KEPT_UNFINISHED] = "unfinished",
		[DQ_KEPT_KEY] = "key",
		[DQ_KEPT_MARKED] = "marked",
		[DQ_KEPT_ALTERED] = "altered",
		[DQ_KEPT_AWAY] = "away",
	};
	struct json_line line = json_line_make("pruned");
	struct json_line kept = json_line_make_part();

	json_line_number(&line, "tasks", (int64_t)pruned->tasks, -1);
	json_line_number(&line, "files", (int64_t)pruned->files, -1);
	json_line_number(&line, "bytes", (int64_t)pruned->bytes, -1);
	json_line_bool(&line, "dry_run", is_dry_run);
	for (int i = 0; i < DQ_KEPT_COUNT; i++)
		json_line_number(&kept, names[i], (int64_t)pruned->kept[i], -1);
	json_line_part(&line, "kept", kept);
	return json_line_take(&line);
}
