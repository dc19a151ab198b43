/* What is sent as the web page sends it, and what can't be said so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "service/jimeng/send/client.h"
#include "service/jimeng/send/route.h"

#define ID "b02d84e4-7cd0-4007-8952-e2d835f3855f"

static struct wire *wire;

static int set_up(void **state)
{
	struct err err;

	(void)state;
	return wire_new(&wire, &err) != ERR_OK ||
	    wire_set(wire, "submit_via", "web", &err) != ERR_OK;
}

static int tear_down(void **state)
{
	(void)state;
	wire_free(wire);
	return 0;
}

static char *body_of(struct service_request request)
{
	char *body = NULL;
	struct err err = { .kind = ERR_OK };

	if (!request.submit_id)
		request.submit_id = ID;
	if (request.kind == MEDIA_UNKNOWN)
		request.kind = MEDIA_IMAGE;
	if (api_submit_body(wire, &request, &body, &err))
		fail_msg("%s", err.msg);
	return body;
}

static cJSON *parsed(const char *text)
{
	struct err err = { .kind = ERR_OK };
	cJSON *json = NULL;

	if (json_parse(text, strlen(text), &json, &err))
		fail_msg("%s: %s", err.msg, text);
	return json;
}

/* The abilities of the draft in this body; of `ret_draft`, which the caller deletes. */
static const cJSON *abilities_of(const char *body, cJSON **ret_draft)
{
	_cleanup_(json_deletep) cJSON *json = parsed(body);

	*ret_draft = parsed(json_get_string(json, "draft_content", NULL));
	return json_get_object(
	    cJSON_GetArrayItem(json_get_array(*ret_draft, "component_list", NULL), 0),
	    "abilities", NULL);
}

static void the_fields_beside_the_draft(void **state)
{
	_cleanup_free_ char *body = body_of(
	    (struct service_request){ .prompt = "a cat", .made_unix_ms = 1757778120598 });
	char *draft = strstr(body, "\"draft_content\":\"");
	char *behind = strstr(body, ",\"http_common_info\"");

	(void)state;
	assert_non_null(draft);
	assert_non_null(behind);
	assert_string_equal(behind, ",\"http_common_info\":{\"aid\":513695}}");
	*draft = '\0';
	assert_string_equal(body,
	    "{\"extend\":{\"root_model\":\"high_aes_general_v40\",\"workspace_id\":0},"
	    "\"submit_id\":\"" ID "\",\"metrics_extra\":\"{\\\"templateId\\\":\\\"\\\","
	    "\\\"generateCount\\\":1,\\\"promptSource\\\":\\\"custom\\\","
	    "\\\"templateSource\\\":\\\"\\\",\\\"lastRequestId\\\":\\\"\\\","
	    "\\\"originRequestId\\\":\\\"\\\"}\",");
}

static void what_is_asked_for_stands_in_the_draft(void **state)
{
	static const char *const sets[] = { "seed=7", "negative_prompt=dogs",
		"resolution_type=4k", "generate_num=1", "sample_strength=0.25", NULL };
	_cleanup_free_ char *body = body_of((struct service_request){
	    .prompt = "a cat", .model = "m", .ratio = "16:9", .sets = sets });
	_cleanup_(json_deletep) cJSON *draft = NULL;
	const cJSON *all = abilities_of(body, &draft);
	const cJSON *core = json_get_object(all, "generate.core_param", NULL);

	(void)state;
	assert_non_null(strstr(body, "{\"root_model\":\"m\","));
	assert_string_equal(json_get_string(core, "model", NULL), "m");
	assert_string_equal(json_get_string(core, "prompt", NULL), "a cat");
	assert_string_equal(json_get_string(core, "negative_prompt", NULL), "dogs");
	assert_int_equal(json_get_int(core, "seed", 0, NULL), 7);
	assert_non_null(strstr(body, "\\\"sample_strength\\\":0.25,"));
	assert_int_equal(json_get_int(core, "image_ratio", 0, NULL), 103);
	assert_int_equal(json_get_int(core, "large_image_info.width", 0, NULL), 5120);
	assert_int_equal(json_get_int(core, "large_image_info.height", 0, NULL), 2880);
	assert_int_equal(json_get_int(all, "gen_option.gen_count", 0, NULL), 1);
}

static void without_wishes_there_is_no_number(void **state)
{
	_cleanup_free_ char *body =
	    body_of((struct service_request){ .prompt = "a cat" });
	_cleanup_(json_deletep) cJSON *draft = NULL;
	const cJSON *all = abilities_of(body, &draft);

	(void)state;
	assert_null(json_find(all, "gen_option"));
	assert_string_equal(
	    json_get_string(
		all, "generate.core_param.large_image_info.resolution_type", NULL),
	    "2k");
}

static void what_stands_beside_may_be_the_users(void **state)
{
	_cleanup_free_ char *body = body_of((struct service_request){ .prompt = "a cat",
	    .extra_json = "{\"draft_content\":\"{\\\"x\\\": 1}\",\"extend\":{\"big\":"
			  "12345678901234567890123}}" });
	_cleanup_(json_deletep) cJSON *json = parsed(body);

	(void)state;
	assert_non_null(strstr(body, "\"extend\":{\"big\":12345678901234567890123},"));
	assert_string_equal(json_get_string(json, "draft_content", NULL), "{\"x\": 1}");
	assert_string_equal(json_get_string(json, "submit_id", NULL), ID);
}

static const struct {
	struct service_request request;
	const char *set, *says;
} bad[] = {
	{ { .prompt = "p" }, "generate_type=seedEdit40",
	    "no place for 'generate_type'; it has generate_num, negative_prompt, "
	    "resolution_type, sample_strength, seed, extend, metrics_extra, "
	    "draft_content, http_common_info" },
	{ { .prompt = "p" }, "resource_uri_list=[\"x\"]", "'resource_uri_list'" },
	{ { .prompt = "p" }, "submit_id=x", "submit_id" },
	{ { .prompt = "p" }, "seed=-1", "'seed' must be a whole number" },
	{ { .prompt = "p" }, "seed=1.5", "not '1.5'" },
	{ { .prompt = "p" }, "seed=4294967296", "seed" },
	{ { .prompt = "p" }, "seed=\"7\"", "seed" },
	{ { .prompt = "p" }, "generate_num=0", "'generate_num' must be 1 to 4" },
	{ { .prompt = "p" }, "generate_num=5", "not '5'" },
	{ { .prompt = "p" }, "negative_prompt=7", "a text of up to" },
	{ { .prompt = "p" }, "resolution_type=3k", "1k, 2k or 4k" },
	{ { .prompt = "p" }, "sample_strength=2", "0 to 1" },
	{ { .prompt = "p" }, "extend=x", "'extend' must be a JSON object" },
	{ { .prompt = "p" }, "draft_content={}", "'draft_content' must be a text" },
	{ { .prompt = "p", .ratio = "1:1" }, "draft_content=\"{}\"", "--ratio" },
	{ { .prompt = "p", .extra_json = "{\"draft_content\":\"{}\"}" }, "seed=1",
	    "'seed' would be lost" },
	{ { .prompt = "p", .ratio = "5:4" }, NULL, "'5:4'" },
	{ { .prompt = " " }, NULL, "prompt is empty" },
	{ { .prompt = "p", .kind = MEDIA_VIDEO }, NULL, "--submit-via agent" },
};

static void what_can_not_be_said_is_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		const char *const list[] = { bad[i].set, NULL };
		struct service_request request = bad[i].request;
		struct err err = { .kind = ERR_OK };
		char *body = NULL;

		print_message("# row %zu: %s\n", i, bad[i].says);
		request.submit_id = ID;
		request.sets = list;
		if (request.kind == MEDIA_UNKNOWN)
			request.kind = MEDIA_IMAGE;
		assert_int_equal(api_submit_body(wire, &request, &body, &err), ERR_USAGE);
		assert_null(body);
		if (!strstr(err.msg, bad[i].says))
			fail_msg("%s", err.msg);
	}
}

/* --- another task's ---------------------------------------------------------------- */

static void a_renamed_one_is_as_if_made_for_it(void **state)
{
	static const char *const seeds[] = { "seed=7", NULL };
	const char *const *sets[] = { NULL, seeds };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct service_request request = { .prompt =
						       "a cat \"created_time_in_ms\":"
						       "\"1757778120598\" " ID,
			.made_unix_ms = 1757778120598,
			.sets = sets[i] };
		_cleanup_free_ char *body = body_of(request), *wanted = NULL,
				    *renamed = NULL;
		struct err err;

		assert_int_equal(service_rename(&service_jimeng, body, "other",
				     1757778120777, &renamed, &err),
		    ERR_OK);
		request.submit_id = "other";
		request.made_unix_ms = 1757778120777;
		wanted = body_of(request);
		assert_string_equal(renamed, wanted);
	}
}

/* --- which way a body is of ------------------------------------------------------- */

static void each_way_has_its_name_and_knows_its_bodies(void **state)
{
	(void)state;
	for (size_t i = 0; wire_vias[i]; i++) {
		const struct route *route = route_find(wire_vias[i]);
		_cleanup_(json_deletep) cJSON *json = NULL;
		_cleanup_free_ char *body = NULL;
		struct err err;

		assert_non_null(route);
		assert_string_equal(route->name, wire_vias[i]);
		assert_int_equal(
		    wire_set(wire, "submit_via", wire_vias[i], &err), ERR_OK);
		body = body_of((struct service_request){ .prompt = "a cat" });
		json = parsed(body);
		assert_ptr_equal(route_of(json), route);
	}
	assert_null(route_find("captcha"));
	assert_ptr_equal(route_of(NULL), &route_agent);
}

/* A field that a user has added to one does not make it the other. */
static void a_field_of_the_other_way_does_not_turn_it(void **state)
{
	_cleanup_(json_deletep) cJSON *json =
	    parsed("{\"generate_type\":\"text2imageV2\",\"draft_content\":\"x\"}");

	(void)state;
	assert_ptr_equal(route_of(json), &route_agent);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_fields_beside_the_draft),
		cmocka_unit_test(what_is_asked_for_stands_in_the_draft),
		cmocka_unit_test(without_wishes_there_is_no_number),
		cmocka_unit_test(what_stands_beside_may_be_the_users),
		cmocka_unit_test(what_can_not_be_said_is_named),
		cmocka_unit_test(a_renamed_one_is_as_if_made_for_it),
		cmocka_unit_test(each_way_has_its_name_and_knows_its_bodies),
		cmocka_unit_test(a_field_of_the_other_way_does_not_turn_it),
	};

	return cmocka_run_group_tests_name("web_body", tests, set_up, tear_down);
}
