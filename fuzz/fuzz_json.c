/* One text through every reader of base/json.h; they must agree about it. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/json_tape.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static bool is_about_twins(enum err_kind kind, const struct err *err)
{
	return kind == ERR_CONTRACT && strstr(err->msg, "is there twice");
}

/* Values of members are texts of their own; keys are clean. */
static void check_members(const char *text, size_t len)
{
	_cleanup_free_ struct json_member *members = NULL;
	struct err err = { 0 };
	size_t n = 0;

	must(
	    !json_members((struct json_slice){ text, len }, 1 << 20, &members, &n, &err));
	for (size_t i = 0; i < n; i++) {
		_cleanup_free_ char *key = json_unescape(members[i].key);

		must(key && text_is_utf8(key, strlen(key)));
		must(!json_scan(members[i].value.bytes, members[i].value.len, &err));
	}
}

/* What was read can be written and read again. */
static void check_tree(const cJSON *json)
{
	_cleanup_(json_deletep) cJSON *again = NULL;
	char *text = cJSON_PrintUnformatted(json);
	unsigned mistyped = 0;
	struct err err;

	must(text != NULL);
	must(!json_parse(text, strlen(text), &again, &err));
	cJSON_free(text);
	(void)json_get_int(json, "data.a", 1, &mistyped);
	(void)json_get_string(json, "a.b.c", &mistyped);
	must(isfinite(json_get_double(json, "a", 1, &mistyped)));
}

/* A tape sees what the others see, and a tree of it is theirs. */
static void check_tape(const char *text, size_t size, const cJSON *json, bool has_twins)
{
	_cleanup_(json_tape_release) struct json_tape tape = { 0 };
	_cleanup_(json_tree_release) struct json_tree tree = { 0 };
	_cleanup_free_ char *ours = NULL;
	_cleanup_free_ char *theirs = NULL;
	struct err err;

	must(!json_scan_tape(text, size, size + 1, &tape, &err) && tape.n > 0);
	must(!has_twins || json_tape_may_double(&tape, 0));
	must(json_tape_tree(&tape, 0, &tree));
	if (has_twins)
		return;
	ours = cJSON_PrintUnformatted(tree.root);
	theirs = cJSON_PrintUnformatted(json);
	must(ours && theirs && !strcmp(ours, theirs));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	_cleanup_(json_deletep) cJSON *json = NULL;
	struct json_member *members = NULL;
	struct err err = { 0 };
	enum err_kind scanned, parsed;
	size_t n;

	free(json_unescape((struct json_slice){ text, size }));
	scanned = json_scan(text, size, &err);
	must(scanned == ERR_OK || scanned == ERR_CONTRACT);
	parsed = json_parse(text, size, &json, &err);
	must(scanned == parsed || is_about_twins(parsed, &err));
	must(text_is_utf8(err.msg, strlen(err.msg)));
	if (!parsed && cJSON_IsObject(json))
		check_members(text, size);
	else if (!json_members((struct json_slice){ text, size }, 99, &members, &n, &err))
		free(members);
	if (!parsed)
		check_tree(json);
	if (!scanned)
		check_tape(text, size, json, parsed != ERR_OK);
	return 0;
}
