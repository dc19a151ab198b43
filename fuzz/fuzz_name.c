/* A template, and behind each line break a value a stranger chose. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "store/name.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static const char *next_line(char **at)
{
	const char *line = strsep(at, "\n");

	return line ? line : "";
}

/* A relative path, printable, with no part that is empty, hidden, or too long. */
static void check(const char *name)
{
	_cleanup_free_ char *copy = strdup(name);
	size_t n;

	if (!copy)
		return;
	text_make_printable(copy);
	must(!strcmp(copy, name) && strlen(name) <= 2000);
	for (;; name += n + 1) {
		n = strcspn(name, "/");
		must(n > 0 && n <= 200);
		must(name[0] != '.' && name[n - 1] != '.');
		if (!name[n])
			break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = strndup((const char *)data, size);
	_cleanup_free_ char *name = NULL;
	_cleanup_free_ char *other = NULL;
	const char *template;
	char *at = text;
	struct asset asset = { .index = (int)size };
	struct task task = { .created_unix_ms = (int64_t)size * 12345678901 };
	struct err err = { 0 };
	enum err_kind kind;

	if (!text)
		return 0;
	template = next_line(&at);
	task.prompt = next_line(&at);
	task.model = next_line(&at);
	task.submit_id = next_line(&at);
	asset.uri = next_line(&at);
	kind = name_make(template, &task, &asset, "png", &name, &err);
	must(kind == ERR_OK || kind == ERR_USAGE);
	must(text_is_utf8(err.msg, strlen(err.msg)));
	if (kind)
		return 0;
	must(name_check(template, &err) == ERR_OK);
	check(name);
	other = name_alternative(name, 2);
	must(other && strcmp(other, name) != 0);
	return 0;
}
