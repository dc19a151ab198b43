#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "web/guard.h"

#define TOKEN "0123456789abcdef0123456789abcdef"

static const struct guard ours = { "127.0.0.1", 4747, TOKEN };

enum { ALL = GUARD_WANTS_DATA | GUARD_WANTS_BODY };

/* A request that passes, but for what a row says: fields in the place of those of the
 * same name, or behind them. An empty value takes the field away. */
struct row {
	const char *target;
	struct web_field fields[3];
	enum guard_verdict wanted;
};

static const struct web_field usual[] = {
	{ "Host", "127.0.0.1:4747" },
	{ "Authorization", "Bearer " TOKEN },
	{ "Content-Type", "application/json" },
	{ "Content-Length", "2" },
};

static void add(struct web_request *request, const struct web_field *field)
{
	request->fields[request->n_fields++] = *field;
}

static bool is_replaced(const struct row *row, const char *name)
{
	for (size_t i = 0; i < 3 && row->fields[i].name; i++)
		if (!strcmp(row->fields[i].name, name))
			return true;
	return false;
}

static struct web_request make(const struct row *row)
{
	struct web_request request = { .method = "POST",
		.target = row->target ? row->target : "/mcp" };

	for (size_t i = 0; i < sizeof(usual) / sizeof(*usual); i++)
		if (!is_replaced(row, usual[i].name))
			add(&request, &usual[i]);
	for (size_t i = 0; i < 3 && row->fields[i].name; i++)
		if (row->fields[i].value)
			add(&request, &row->fields[i]);
	return request;
}

static void walk(const struct guard *guard, const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct web_request request = make(&rows[i]);
		const enum guard_verdict got = guard_judge(guard, &request, ALL);

		if (got != rows[i].wanted)
			print_error("row %zu: %s: %s: %s\n", i, request.target,
			    rows[i].fields[0].name ? rows[i].fields[0].name : "",
			    rows[i].fields[0].value ? rows[i].fields[0].value : "");
		assert_int_equal(got, rows[i].wanted);
	}
}

#define WALK(guard, rows) walk((guard), (rows), sizeof(rows) / sizeof((rows)[0]))

static void the_host_is_ours_to_the_letter(void **state)
{
	static const struct row rows[] = {
		{ .wanted = GUARD_PASSES },
		{ NULL, { { "Host", "localhost:4747" } }, GUARD_PASSES },
		{ NULL, { { "host", "LOCALHOST:4747" }, { "Host", NULL } },
		    GUARD_PASSES },
		{ NULL, { { "Host", NULL } }, GUARD_HOST },
		{ NULL, { { "Host", "" } }, GUARD_HOST },
		{ NULL, { { "Host", "127.0.0.1" } }, GUARD_HOST },
		{ NULL, { { "Host", "127.0.0.1:80" } }, GUARD_HOST },
		{ NULL, { { "Host", "127.0.0.1:47470" } }, GUARD_HOST },
		{ NULL, { { "Host", "127.0.0.1:4747 " } }, GUARD_HOST },
		{ NULL, { { "Host", "127.0.0.1.:4747" } }, GUARD_HOST },
		{ NULL, { { "Host", "localhost.:4747" } }, GUARD_HOST },
		{ NULL, { { "Host", "127.0.0.2:4747" } }, GUARD_HOST },
		{ NULL, { { "Host", "[::1]:4747" } }, GUARD_HOST },
		{ NULL, { { "Host", "0.0.0.0:4747" } }, GUARD_HOST },
		{ NULL, { { "Host", "evil.example:4747" } }, GUARD_HOST },
		{ NULL, { { "Host", "localhost.evil.example:4747" } }, GUARD_HOST },
		{ NULL, { { "Host", "evil@127.0.0.1:4747" } }, GUARD_HOST },
		{ NULL, { { "Host", "127.0.0.1:4747" }, { "Host", "127.0.0.1:4747" } },
		    GUARD_HOST },
		{ NULL, { { "Host", "127.0.0.1:4747" }, { "HOST", "evil.example" } },
		    GUARD_HOST },
	};

	(void)state;
	WALK(&ours, rows);
}

static void the_usual_port_need_not_be_said(void **state)
{
	static const struct guard plain = { "[::1]", 80, NULL };
	static const struct row rows[] = {
		{ NULL, { { "Host", "[::1]" } }, GUARD_PASSES },
		{ NULL, { { "Host", "[::1]:80" } }, GUARD_PASSES },
		{ NULL, { { "Host", "localhost" } }, GUARD_PASSES },
		{ NULL, { { "Host", "127.0.0.1" } }, GUARD_HOST },
	};

	(void)state;
	WALK(&plain, rows);
}

static void no_other_site_asks(void **state)
{
	static const struct row rows[] = {
		{ NULL, { { "Sec-Fetch-Site", "same-origin" } }, GUARD_PASSES },
		{ NULL, { { "Sec-Fetch-Site", "same-site" } }, GUARD_SITE },
		{ NULL, { { "Sec-Fetch-Site", "cross-site" } }, GUARD_SITE },
		{ NULL, { { "Sec-Fetch-Site", "none" } }, GUARD_SITE },
		{ NULL, { { "Sec-Fetch-Site", "" } }, GUARD_SITE },
		{ NULL,
		    { { "Sec-Fetch-Site", "same-origin" },
			{ "Sec-Fetch-Site", "same-origin" } },
		    GUARD_SITE },
		{ NULL, { { "Origin", "http://127.0.0.1:4747" } }, GUARD_PASSES },
		{ NULL, { { "Origin", "http://localhost:4747" } }, GUARD_PASSES },
		{ NULL, { { "Origin", "https://127.0.0.1:4747" } }, GUARD_ORIGIN },
		{ NULL, { { "Origin", "http://127.0.0.1:4748" } }, GUARD_ORIGIN },
		{ NULL, { { "Origin", "http://127.0.0.1" } }, GUARD_ORIGIN },
		{ NULL, { { "Origin", "http://127.0.0.1:4747/" } }, GUARD_ORIGIN },
		{ NULL, { { "Origin", "http://evil.example" } }, GUARD_ORIGIN },
		{ NULL, { { "Origin", "null" } }, GUARD_ORIGIN },
		{ NULL, { { "Origin", "" } }, GUARD_ORIGIN },
		{ NULL, { { "Origin", "http://127.0.0.1:4747" }, { "origin", "null" } },
		    GUARD_ORIGIN },
	};

	(void)state;
	WALK(&ours, rows);
}

static void the_token_is_needed(void **state)
{
	static const struct row rows[] = {
		{ NULL, { { "Authorization", "bearer " TOKEN } }, GUARD_PASSES },
		{ NULL, { { "Authorization", NULL } }, GUARD_TOKEN },
		{ NULL, { { "Authorization", "" } }, GUARD_TOKEN },
		{ NULL, { { "Authorization", "Bearer" } }, GUARD_TOKEN },
		{ NULL, { { "Authorization", "Bearer " } }, GUARD_TOKEN },
		{ NULL, { { "Authorization", TOKEN } }, GUARD_TOKEN },
		{ NULL, { { "Authorization", "Basic " TOKEN } }, GUARD_TOKEN },
		{ NULL, { { "Authorization", "Bearer " TOKEN "0" } }, GUARD_TOKEN },
		{ NULL, { { "Authorization", "Bearer 0" TOKEN } }, GUARD_TOKEN },
		{ NULL,
		    { { "Authorization", "Bearer 0123456789abcdef0123456789abcdeF" } },
		    GUARD_TOKEN },
		{ NULL, { { "Authorization", "Bearer 0123456789abcdef0123456789abcde" } },
		    GUARD_TOKEN },
		{ NULL,
		    { { "Authorization", "Bearer " TOKEN },
			{ "Authorization", "Bearer " TOKEN } },
		    GUARD_TOKEN },
		{ "/mcp?token=" TOKEN, { { "Authorization", NULL } }, GUARD_TOKEN },
	};

	(void)state;
	WALK(&ours, rows);
}

static void a_body_is_json_of_one_length(void **state)
{
	static const struct row rows[] = {
		{ NULL, { { "Content-Type", "application/json; charset=utf-8" } },
		    GUARD_PASSES },
		{ NULL, { { "Content-Type", "Application/JSON" } }, GUARD_PASSES },
		{ NULL, { { "Content-Type", NULL } }, GUARD_TYPE },
		{ NULL, { { "Content-Type", "text/plain" } }, GUARD_TYPE },
		{ NULL, { { "Content-Type", "application/x-www-form-urlencoded" } },
		    GUARD_TYPE },
		{ NULL, { { "Content-Type", "multipart/form-data" } }, GUARD_TYPE },
		{ NULL, { { "Content-Type", "application/jsonx" } }, GUARD_TYPE },
		{ NULL, { { "Content-Type", "application/json, text/plain" } },
		    GUARD_TYPE },
		{ NULL,
		    { { "Content-Type", "application/json" },
			{ "Content-Type", "text/plain" } },
		    GUARD_TYPE },
		{ NULL, { { "Content-Length", NULL } }, GUARD_PASSES },
		{ NULL, { { "Content-Length", "-1" } }, GUARD_LENGTH },
		{ NULL, { { "Content-Length", "+2" } }, GUARD_LENGTH },
		{ NULL, { { "Content-Length", "2, 2" } }, GUARD_LENGTH },
		{ NULL, { { "Content-Length", "" } }, GUARD_LENGTH },
		{ NULL, { { "Content-Length", "2" }, { "content-length", "3" } },
		    GUARD_LENGTH },
		{ NULL, { { "Transfer-Encoding", "chunked" } }, GUARD_LENGTH },
		{ NULL,
		    { { "Transfer-Encoding", "chunked" }, { "Content-Length", NULL } },
		    GUARD_PASSES },
		{ NULL,
		    { { "Transfer-Encoding", "gzip, chunked" },
			{ "Content-Length", NULL } },
		    GUARD_LENGTH },
		{ NULL,
		    { { "Transfer-Encoding", "\tchunked" }, { "Content-Length", NULL } },
		    GUARD_LENGTH },
	};

	(void)state;
	WALK(&ours, rows);
}

static void a_target_is_a_path_from_the_root(void **state)
{
	static const struct row rows[] = {
		{ "/", { { NULL, NULL } }, GUARD_PASSES },
		{ "/a/b?c=%20&d=/../", { { NULL, NULL } }, GUARD_PASSES },
		{ "", { { NULL, NULL } }, GUARD_TARGET },
		{ "*", { { NULL, NULL } }, GUARD_TARGET },
		{ "mcp", { { NULL, NULL } }, GUARD_TARGET },
		{ "http://127.0.0.1:4747/mcp", { { NULL, NULL } }, GUARD_TARGET },
		{ "//evil.example/mcp", { { NULL, NULL } }, GUARD_TARGET },
		{ "/mcp//", { { NULL, NULL } }, GUARD_TARGET },
		{ "/../mcp", { { NULL, NULL } }, GUARD_TARGET },
		{ "/./mcp", { { NULL, NULL } }, GUARD_TARGET },
		{ "/.git", { { NULL, NULL } }, GUARD_TARGET },
		{ "/%6dcp", { { NULL, NULL } }, GUARD_TARGET },
		{ "/%2e%2e%2fmcp", { { NULL, NULL } }, GUARD_TARGET },
		{ "/mcp%00", { { NULL, NULL } }, GUARD_TARGET },
		{ "/mcp\\", { { NULL, NULL } }, GUARD_TARGET },
		{ "/mcp?a=\\", { { NULL, NULL } }, GUARD_TARGET },
		{ "/mcp#x", { { NULL, NULL } }, GUARD_TARGET },
		{ "/m cp", { { NULL, NULL } }, GUARD_TARGET },
		{ "/\xe5\x8d\xb3", { { NULL, NULL } }, GUARD_TARGET },
	};

	(void)state;
	WALK(&ours, rows);
}

static void what_is_public_needs_neither_token_nor_body(void **state)
{
	const struct row plain = { NULL,
		{ { "Authorization", NULL }, { "Content-Type", NULL } }, GUARD_PASSES };
	const struct row foreign = { NULL, { { "Host", "evil.example" } }, GUARD_HOST };
	const struct web_request mine = make(&plain), theirs = make(&foreign);

	(void)state;
	assert_int_equal(guard_judge(&ours, &mine, 0), GUARD_PASSES);
	assert_int_equal(guard_judge(&ours, &theirs, 0), GUARD_HOST);
}

static void too_many_fields_are_not_looked_at(void **state)
{
	const struct row plain = { .wanted = GUARD_PASSES };
	struct web_request request = make(&plain);

	(void)state;
	request.n_fields = WEB_FIELDS_MAX + 1;
	assert_int_equal(guard_judge(&ours, &request, ALL), GUARD_FIELDS);
}

static void every_refusal_has_its_words(void **state)
{
	(void)state;
	for (enum guard_verdict at = GUARD_FIELDS; at <= GUARD_TYPE; at++) {
		assert_in_range(guard_answer(at)->status, 400, 499);
		assert_true(strlen(guard_answer(at)->sentence) > 10);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_host_is_ours_to_the_letter),
		cmocka_unit_test(the_usual_port_need_not_be_said),
		cmocka_unit_test(no_other_site_asks),
		cmocka_unit_test(the_token_is_needed),
		cmocka_unit_test(a_body_is_json_of_one_length),
		cmocka_unit_test(a_target_is_a_path_from_the_root),
		cmocka_unit_test(what_is_public_needs_neither_token_nor_body),
		cmocka_unit_test(too_many_fields_are_not_looked_at),
		cmocka_unit_test(every_refusal_has_its_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
