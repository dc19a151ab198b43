/* A template, and behind each line break a value a stranger chose; "windows" is one. */
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
	must(text_is_utf8(name, strlen(name)));
	for (;; name += n + 1) {
		n = strcspn(name, "/");
		must(n > 0 && n <= 200);
		must(name[0] != '.' && name[0] != '-' && name[0] != ' ');
		must(name[n - 1] != '.' && name[n - 1] != ' ');
		if (!name[n])
			break;
	}
}

/* Of a template that was accepted. */
static void check_made(
    const struct naming *naming, const struct name_of *of, const char *name)
{
	_cleanup_free_ char *again = NULL;
	_cleanup_free_ char *first = name_alternative(name, 1);
	_cleanup_free_ char *other = name_alternative(name, 2);
	struct err err;

	must(name_check(naming, &err) == ERR_OK);
	must(first && other && strcmp(other, first) != 0);
	must(name_number(name, first) == 1 && name_number(name, other) == 2);
	must(name_make(naming, of, &again, &err) == ERR_OK && !strcmp(again, name));
	if (naming->for_windows)
		must(strlen(name) <= 200 && !strpbrk(name, "\\:*?\"<>|"));
	check(first);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct task task = { .created_unix_ms = (int64_t)size * 12345678901 };
	char *text = strndup((const char *)data, size), *at = text, *name = NULL;
	struct asset asset = { .index = (int)size };
	struct err err = { 0 };
	struct naming naming = { 0 };
	const struct name_of of = { &task, &asset, "png", NULL };
	enum err_kind kind;

	if (!text)
		return 0;
	naming.template = next_line(&at);
	task.prompt = next_line(&at);
	task.model = next_line(&at);
	task.submit_id = next_line(&at);
	asset.uri = next_line(&at);
	naming.for_windows = !strcmp(next_line(&at), "windows");
	kind = name_make(&naming, &of, &name, &err);
	must(kind == ERR_OK || kind == ERR_USAGE);
	must(text_is_utf8(err.msg, strlen(err.msg)));
	if (!kind)
		check_made(&naming, &of, name);
	free(name);
	free(text);
	return 0;
}
