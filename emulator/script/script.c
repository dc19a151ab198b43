#include "script/script.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "common/hash.h"

enum { SCRIPT_MAX = 1 << 20 };

void script_init(struct script *script, uint64_t seed)
{
	*script = (struct script){ .seed = seed };
	(void)pthread_mutex_init(&script->lock, NULL);
}

static void free_rules(struct rule *rules)
{
	while (rules) {
		struct rule *next = rules->next;

		rule_free(rules);
		rules = next;
	}
}

void script_release(struct script *script)
{
	free_rules(script->rules);
	free_rules(script->cleared);
	(void)pthread_mutex_destroy(&script->lock);
}

static void append(struct rule **list, struct rule *rules)
{
	while (*list)
		list = &(*list)->next;
	*list = rules;
}

enum err_kind script_add(struct script *script, const char *text, struct err *err)
{
	struct rule *rules = NULL;
	unsigned number = 0;

	while (*text) {
		size_t n = strcspn(text, "\r\n");
		_cleanup_free_ char *line = strndup(text, n);
		struct rule *rule = NULL;

		number++;
		text += n;
		text += *text == '\r';
		text += *text == '\n';
		if (!line || !line[strspn(line, " \t")] ||
		    line[strspn(line, " \t")] == '#')
			continue;
		if (script_parse_line(line, &rule, err)) {
			free_rules(rules);
			return err_note(err, "line %u", number);
		}
		append(&rules, rule);
	}
	(void)pthread_mutex_lock(&script->lock);
	append(&script->rules, rules);
	(void)pthread_mutex_unlock(&script->lock);
	return ERR_OK;
}

enum err_kind script_add_file(struct script *script, const char *path, struct err *err)
{
	struct text text = { 0 };
	enum err_kind failed = ERR_OK;
	FILE *file = fopen(path, "re");
	char chunk[4096];
	size_t n;

	if (!file)
		return err_set(err, ERR_IO, "script '%s': %s", path, strerror(errno));
	while (text.len < SCRIPT_MAX && (n = fread(chunk, 1, sizeof(chunk), file)))
		text_add(&text, chunk, n);
	if (ferror(file))
		failed = err_set(err, ERR_IO, "script '%s': cannot be read", path);
	(void)fclose(file);
	if (!failed) {
		failed = script_add(script, text_str(&text), err);
		if (failed)
			(void)err_note(err, "script '%s'", path);
	}
	text_release(&text);
	return failed;
}

/* Requests under way may still hold plans, so nothing is freed here. */
void script_clear(struct script *script)
{
	(void)pthread_mutex_lock(&script->lock);
	append(&script->cleared, script->rules);
	script->rules = NULL;
	(void)pthread_mutex_unlock(&script->lock);
}

/* Does the text have this line, apart from blanks around it? */
static bool has_line(const char *text, const char *line)
{
	const char *wanted = line + strspn(line, " \t");
	size_t len = strlen(wanted);

	while (len && strchr(" \t", wanted[len - 1]))
		len--;
	while (*text) {
		const char *at = text + strspn(text, " \t\r\n");
		size_t n = strcspn(at, "\r\n");

		text = at + n;
		while (n && strchr(" \t", at[n - 1]))
			n--;
		if (n == len && strncmp(at, wanted, n) == 0)
			return true;
	}
	return false;
}

unsigned script_remove(struct script *script, const char *text)
{
	struct rule **at = &script->rules;
	unsigned removed = 0;

	(void)pthread_mutex_lock(&script->lock);
	while (*at) {
		struct rule *rule = *at;

		if (!has_line(text, rule->line)) {
			at = &rule->next;
			continue;
		}
		*at = rule->next;
		rule->next = NULL;
		append(&script->cleared, rule);
		removed++;
	}
	(void)pthread_mutex_unlock(&script->lock);
	return removed;
}

static bool has_id(const struct script_request *request, const char *id)
{
	for (size_t i = 0; i < request->ids_count; i++)
		if (fnmatch(id, request->ids[i], 0) == 0)
			return true;
	return false;
}

static bool matches(const struct rule *rule, const struct script_request *request)
{
	if (!(rule->on & request->on))
		return false;
	if (rule->method && strcasecmp(rule->method, request->method) != 0)
		return false;
	if (rule->account && fnmatch(rule->account, request->account, 0) != 0)
		return false;
	if (rule->uri && fnmatch(rule->uri, request->uri, 0) != 0)
		return false;
	return !rule->id || has_id(request, rule->id);
}

/* The request matches; is it one of those that the line wants to hit? */
static bool is_hit(struct rule *rule, const struct script_request *request, uint64_t seed)
{
	int64_t seen = (int64_t)++rule->seen;
	int64_t behind = seen - rule->after;
	uint64_t draw = hash_mix(hash_str(seed, rule->line), rule->seen);

	if (behind <= 0 || (rule->nth && seen != rule->nth))
		return false;
	if (!rule->first_ms)
		rule->first_ms = request->now_ms;
	if (rule->within_s > 0 &&
	    (double)(request->now_ms - rule->first_ms) * request->shrink >=
		rule->within_s * 1000.0)
		return false;
	if (rule->every && behind % rule->every != 0)
		return false;
	if (rule->times >= 0 && (int64_t)rule->applied >= rule->times)
		return false;
	if (rule->prob < 1.0 && hash_unit(draw) >= rule->prob)
		return false;
	rule->applied++;
	return true;
}

struct plan script_match(struct script *script, const struct script_request *request)
{
	struct plan plan = { 0 };

	(void)pthread_mutex_lock(&script->lock);
	for (struct rule *rule = script->rules; rule; rule = rule->next) {
		if (!matches(rule, request) || !is_hit(rule, request, script->seed))
			continue;
		for (unsigned i = 0; i < rule->count; i++)
			plan.faults[rule->faults[i].kind] = &rule->faults[i];
	}
	(void)pthread_mutex_unlock(&script->lock);
	return plan;
}

void script_list(struct script *script, struct text *out)
{
	const char *comma = "";

	(void)pthread_mutex_lock(&script->lock);
	text_puts(out, "[");
	for (const struct rule *rule = script->rules; rule; rule = rule->next) {
		text_printf(out, "%s{\"line\":\"", comma);
		text_json(out, rule->line);
		text_printf(out, "\",\"seen\":%llu,\"applied\":%llu}",
		    (unsigned long long)rule->seen, (unsigned long long)rule->applied);
		comma = ",";
	}
	text_puts(out, "]");
	(void)pthread_mutex_unlock(&script->lock);
}
