#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "service/jimeng/send/wire.h"

static void freep_wire(struct wire **wire)
{
	wire_free(*wire);
}

static struct wire *defaults(void)
{
	struct wire *wire = NULL;
	struct err err;

	assert_int_equal(wire_new(&wire, &err), ERR_OK);
	return wire;
}

static void defaults_are_the_contract(void **state)
{
	_cleanup_(freep_wire) struct wire *wire = defaults();

	(void)state;
	assert_string_equal(wire->api_base, "https://jimeng.jianying.com");
	assert_string_equal(
	    wire->submit_base, "https://dreamina-agent-operation.bytedance.net");
	assert_string_equal(wire->query_path, "/mweb/v1/get_history_by_ids");
	assert_string_equal(wire->aid, "513695");
	assert_string_equal(wire->region, "cn");
	assert_string_equal(wire->cluster, "cn");
	assert_string_equal(wire->commerce_base, "https://jimeng.jianying.com");
	assert_string_equal(wire->cookie_domain, "jianying.com");
	assert_true(wire->has_submits);
	assert_string_equal(wire->submit_via, "agent");
	assert_string_equal(wire->web_submit_path, "/mweb/v1/aigc_draft/generate");
	assert_string_equal(wire->device_platform, "web");
	assert_string_equal(wire->appvr, "8.4.0");
	assert_string_equal(wire->pf, "3");
	assert_string_equal(wire->lan, "zh-Hans");
	assert_string_equal(wire->image_model, "high_aes_general_v40");
	assert_int_equal(wire->batch_max, 50);
	assert_int_equal(wire->stall_seconds, 30);
}

static const struct {
	const char *name, *value;
	const char *says; /* NULL: good */
} sets[] = {
	{ "api_base", "http://127.0.0.1:8080", NULL },
	{ "api_base", "http://127.0.0.1:8080/", NULL },
	{ "api_base", "https://example.com", NULL },
	{ "api_base", "http://example.com", "api_base" },
	{ "api_base", "ftp://example.com", "api_base" },
	{ "api_base", "", "api_base" },
	{ "query_path", "/x/y", NULL },
	{ "query_path", "x", "query_path" },
	{ "query_path", "/x?a=b", "query_path" },
	{ "query_path", "/x y", "query_path" },
	{ "submit_via", "agent", NULL },
	{ "submit_via", "web", NULL },
	{ "submit_via", "Web", "submit_via must be agent or web, not 'Web'" },
	{ "submit_via", "", "submit_via" },
	{ "region", "CN", NULL },
	{ "cluster", "CN", NULL },
	{ "cluster", "us-ttp2", NULL },
	{ "cluster", "", "there is no region ''" },
	{ "cluster", "mars", "there is no region 'mars'; there are cn, us, us-ttp2, sg" },
	{ "region", "", "region" },
	{ "region", "c&n", "region" },
	{ "region", "c\r\nn", "region" },
	{ "pf", "7", NULL },
	{ "appvr", "9.0\r\nX-Evil: 1", "appvr" },
	{ "appvr", "九", "appvr" },
	{ "batch_max", "1", NULL },
	{ "batch_max", "1000", NULL },
	{ "batch_max", "0", "batch_max" },
	{ "batch_max", "1001", "batch_max" },
	{ "batch_max", "-1", "batch_max" },
	{ "batch_max", "ten", "batch_max" },
	{ "stall_seconds", "2", NULL },
	{ "stall_seconds", "0", "stall_seconds" },
	{ "aip_base", "https://example.com", "did you mean 'api_base'" },
	{ "", "x", "''" },
	{ "xyzzyxyzzy", "x", "'xyzzyxyzzy'" },
};

static void values_are_checked(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(sets) / sizeof(*sets); i++) {
		_cleanup_(freep_wire) struct wire *wire = defaults();
		struct err err = { .kind = ERR_OK };
		const enum err_kind kind =
		    wire_set(wire, sets[i].name, sets[i].value, &err);

		print_message("# row %zu: %s\n", i, sets[i].name);
		assert_int_equal(kind, sets[i].says ? ERR_USAGE : ERR_OK);
		if (sets[i].says)
			assert_non_null(strstr(err.msg, sets[i].says));
	}
}

static void too_long_is_refused(void **state)
{
	_cleanup_(freep_wire) struct wire *wire = defaults();
	char value[2000];
	struct err err;

	(void)state;
	memset(value, 'a', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	assert_int_equal(wire_set(wire, "cluster", value, &err), ERR_USAGE);
	assert_string_equal(wire->region, "cn");
}

static void a_base_has_no_slash_at_its_end(void **state)
{
	_cleanup_(freep_wire) struct wire *wire = defaults();
	struct err err;

	(void)state;
	assert_int_equal(
	    wire_set(wire, "api_base", "http://127.0.0.1:8080//", &err), ERR_OK);
	assert_string_equal(wire->api_base, "http://127.0.0.1:8080");
	wire_free(NULL);
}

static void set(struct wire *wire, const char *name, const char *value)
{
	struct err err;

	assert_int_equal(wire_set(wire, name, value, &err), ERR_OK);
}

/* PROTOCOL B14, and what the clients have whose authors live there. */
static const struct {
	const char *name, *api, *commerce, *code;
} overseas[] = {
	{ "us", "https://dreamina-api.us.capcut.com",
	    "https://commerce-us-ttp2.us.capcut.com", "US" },
	{ "US-ttp2", "https://dreamina-api-us-ttp2.us.capcut.com",
	    "https://commerce-us-ttp2.us.capcut.com", "US" },
	{ "sg", "https://mweb-api-sg.capcut.com", "https://commerce-api-sg.capcut.com",
	    "SG" },
	{ "sg-ttp2", "https://mweb-api-sg-ttp2.capcut.com",
	    "https://commerce-api-sg.capcut.com", "SG" },
	{ "jp", "https://mweb-api-jp.capcut.com", "https://commerce-api-jp.capcut.com",
	    "JP" },
	{ "jp-ttp2", "https://mweb-api-jp-ttp2.capcut.com",
	    "https://commerce-api-jp.capcut.com", "JP" },
	{ "eu", "https://mweb-api-eu.capcut.com", "https://commerce-api-eu.capcut.com",
	    "EU" },
};

static void a_region_brings_what_belongs_to_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(overseas) / sizeof(*overseas); i++) {
		_cleanup_(freep_wire) struct wire *wire = defaults();

		set(wire, "cluster", overseas[i].name);
		assert_string_equal(wire->api_base, overseas[i].api);
		assert_string_equal(wire->commerce_base, overseas[i].commerce);
		assert_string_equal(wire->region, overseas[i].code);
		assert_string_equal(wire->aid, "513641");
		assert_string_equal(wire->appid, "513641");
		assert_string_equal(wire->origin, "https://dreamina.capcut.com");
		assert_string_equal(wire->referer,
		    "https://dreamina.capcut.com/ai-tool/generate?type=image");
		assert_string_equal(wire->cookie_domain, "capcut.com");
		assert_false(wire->has_submits);
		assert_string_equal(wire->submit_via, "web");
		set(wire, "cluster", "cn");
		assert_string_equal(wire->aid, "513695");
		assert_string_equal(wire->loc, "cn");
		assert_true(wire->has_submits);
	}
}

static void what_is_told_replaces_the_region(void **state)
{
	_cleanup_(freep_wire) struct wire *wire = defaults();

	(void)state;
	set(wire, "cluster", "sg");
	set(wire, "api_base", "http://127.0.0.1:8080");
	set(wire, "loc", "my");
	set(wire, "submit_base", "http://127.0.0.1:8081");
	assert_string_equal(wire->commerce_base, "http://127.0.0.1:8080");
	assert_string_equal(wire->region, "SG");
	assert_true(wire->has_submits);
	set(wire, "commerce_base", "http://127.0.0.1:8082");
	set(wire, "api_base", "http://127.0.0.1:8083");
	assert_string_equal(wire->commerce_base, "http://127.0.0.1:8082");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_are_the_contract),
		cmocka_unit_test(values_are_checked),
		cmocka_unit_test(too_long_is_refused),
		cmocka_unit_test(a_region_brings_what_belongs_to_it),
		cmocka_unit_test(what_is_told_replaces_the_region),
		cmocka_unit_test(a_base_has_no_slash_at_its_end),
	};

	return cmocka_run_group_tests_name("wire", tests, NULL, NULL);
}
