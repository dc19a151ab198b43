#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "mcp/install/client.h"
#include "mcp/install/edit.h"

static void each_row_is_whole_and_sorted(void **state)
{
	size_t n = 0;

	(void)state;
	for (const struct client *client = clients; client->name; client++, n++) {
		const struct client *found = NULL;
		struct err err;
		size_t pairs = 0;

		assert_string_equal(client_names[n], client->name);
		assert_true(n == 0 || strcmp(client[-1].name, client->name) < 0);
		assert_int_equal(client_find(client->name, &found, &err), ERR_OK);
		assert_ptr_equal(found, client);
		assert_true(*client->title && *client->file && *client->list);
		for (int i = 0; i < SYSTEM_COUNT; i++)
			assert_true(!strncmp(client->folders[i], "~", 1) ||
			    !strncmp(client->folders[i], "XDG_CONFIG_HOME/", 16));
		for (; client->entry[pairs].key; pairs++)
			assert_true((client->entry[pairs].holds == PAIR_TEXT) ==
			    (client->entry[pairs].text != NULL));
		assert_in_range(pairs, 2, 5);
	}
	assert_null(client_names[n]);
}

/* --- texts that are cut, and texts that lack a byte --- */

static const struct edit_pair pairs[] = {
	{ "command", "\"/usr/bin/dreamq\"", false },
	{ "args", "[\"mcp\"]", false },
	{ "enabled", "true", true },
	{ .key = NULL },
};

static const struct form {
	enum err_kind (*put)(const struct edit *edit, const struct edit_pair *pairs,
	    struct buf *into, struct err *err);
	enum err_kind (*take_out)(
	    const struct edit *edit, struct buf *into, struct err *err);
	bool has_comments;
	const char *text;
} forms[] = {
	{ json_entry_put, json_entry_remove, false,
	    "{\n  \"a\": [1, -2.5e3, \"x\\\"\\u00e9\", null, true],\n  \"list\": "
	    "{\"b\": {}, \"dreamq\": {\"args\": [], \"env\": {}}},\n  \"c\": {}\n}\n" },
	{ json_entry_put, json_entry_remove, true,
	    "// a\n{\n\t\"a\": 1, /* b */\n\t\"list\": { // c\n\t\t\"d\": {},\n\t},\n}" },
	{ toml_entry_put, toml_entry_remove, true,
	    "a = 1\n[list.b]\nc = \"\"\"\n[list.dreamq]\"\"\"\n\n[list.dreamq] # d\nargs "
	    "= [\n"
	    "'e', # f\n]\n[list.dreamq.env]\ng.\"h\" = {i = 'j', k = [1]}\n[[l]]\n" },
};

/* What it takes once it leaves as it is, and takes out again. */
static void try_text(const struct form *form, const char *text)
{
	_cleanup_(buf_release) struct buf once = buf_make(EDIT_BYTES_MAX);
	_cleanup_(buf_release) struct buf twice = buf_make(EDIT_BYTES_MAX);
	_cleanup_(buf_release) struct buf none = buf_make(EDIT_BYTES_MAX);
	_cleanup_(buf_release) struct buf still_none = buf_make(EDIT_BYTES_MAX);
	struct edit edit = { .path = "f",
		.text = text,
		.has_comments = form->has_comments,
		.list = "list",
		.name = "dreamq" };
	struct err err = { .kind = ERR_OK };

	if (form->put(&edit, pairs, &once, &err)) {
		assert_int_equal(err.kind, ERR_USAGE);
		return;
	}
	edit.text = once.data;
	assert_int_equal(form->put(&edit, pairs, &twice, &err), ERR_OK);
	assert_string_equal(once.data, twice.data);
	assert_int_equal(form->take_out(&edit, &none, &err), ERR_OK);
	edit.text = none.data;
	assert_int_equal(form->take_out(&edit, &still_none, &err), ERR_OK);
	assert_string_equal(none.data, still_none.data);
	assert_null(strstr(none.data, "/usr/bin/dreamq"));
}

static void no_text_is_too_odd(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		const size_t len = strlen(forms[i].text);

		try_text(&forms[i], forms[i].text);
		for (size_t at = 0; at < len; at++) {
			_cleanup_free_ char *cut = strndup(forms[i].text, at);
			_cleanup_free_ char *lacking = strdup(forms[i].text);
			_cleanup_free_ char *odd = strdup(forms[i].text);

			assert_true(cut && lacking && odd);
			try_text(&forms[i], cut);
			memmove(lacking + at, lacking + at + 1, len - at);
			try_text(&forms[i], lacking);
			for (const char *byte = "\\\"'{}[],:/*#=\n\r.0x"; *byte; byte++) {
				odd[at] = *byte;
				try_text(&forms[i], odd);
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_row_is_whole_and_sorted),
		cmocka_unit_test(no_text_is_too_odd),
	};

	return cmocka_run_group_tests_name("mcp_install", tests, NULL, NULL);
}
