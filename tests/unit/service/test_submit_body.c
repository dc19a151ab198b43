#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "service/jimeng/send/client.h"

#define ID "b02d84e4-7cd0-4007-8952-e2d835f3855f"

#define IMAGE(fields, tail)                                                         \
	"{\"generate_type\":\"text2imageV2\",\"agent_scene\":"                      \
	"\"creation_agent_v40\"," fields ",\"model_key\":\"high_aes_general_v40\"," \
	"\"subject_id\":\"default\",\"submit_id\":\"" ID "\"" tail "}"
#define CAT "\"prompt\":\"a cat\",\"ratio\":\"1:1\""

static struct wire *wire;

static int set_up(void **state)
{
	struct err err;

	(void)state;
	return wire_new(&wire, &err) != ERR_OK;
}

static int tear_down(void **state)
{
	(void)state;
	wire_free(wire);
	return 0;
}

static const char *const no_sets[] = { NULL };
static const char *const sets[] = { "seed=7", "note=hello", "flag=true", "list=[1, 2]",
	"big=7549599534490455322", "text=\"7\"", "empty=", "eq=a=b", NULL };
static const char *const over[] = { "ratio=2:3", "generate_type=seedEdit40", NULL };
static const char *const twice[] = { "seed=1", "seed=2", NULL };
static const char *const first_frame[] = { "first_frame_resource_uri=tos-cn-i-x/1",
	NULL };
static const char *const both_frames[] = { "first_frame_resource_uri=tos-cn-i-x/1",
	"last_frame_resource_uri=tos-cn-i-x/2", NULL };
static const char *const own_type[] = { "first_frame_resource_uri=x",
	"generate_type=mine", NULL };

#define VIDEO(type, fields, tail)                                              \
	"{\"generate_type\":\"" type "\",\"agent_scene\":"                     \
	"\"creation_agent_v40\"," fields ",\"model_key\":\"seedance2.0fast\"," \
	"\"subject_id\":\"default\",\"submit_id\":\"" ID "\"" tail "}"

static const struct {
	const char *label;
	struct service_request request;
	const char *body;
} good[] = {
	{ "documented order", { .prompt = "a cat" }, IMAGE(CAT, "") },
	{ "no sets", { .prompt = "a cat", .sets = no_sets }, IMAGE(CAT, "") },
	{ "ratio and prompt", { .prompt = "\"一只猫\"\n\\", .ratio = "21:9" },
	    IMAGE("\"prompt\":\"\\\"一只猫\\\"\\n\\\\\",\"ratio\":\"21:9\"", "") },
	{ "values are JSON when they read as JSON", { .prompt = "a cat", .sets = sets },
	    IMAGE(CAT,
		",\"seed\":7,\"note\":\"hello\",\"flag\":true,\"list\":[1, 2],"
		"\"big\":7549599534490455322,\"text\":\"7\",\"empty\":\"\","
		"\"eq\":\"a=b\"") },
	{ "the last one wins", { .prompt = "a cat", .sets = twice },
	    IMAGE(CAT, ",\"seed\":2") },
	{ "an object is merged, then the sets",
	    { .prompt = "a cat",
		.sets = twice,
		.extra_json = " {\"seed\": 9, \"deep\": {\"a\": [null]}} \n" },
	    IMAGE(CAT, ",\"seed\":2,\"deep\":{\"a\": [null]}") },
	{ "an empty object", { .prompt = "a cat", .extra_json = "{}" }, IMAGE(CAT, "") },
	{ "a video", { .kind = MEDIA_VIDEO, .prompt = "a cat" },
	    VIDEO("text2VideoByConfig", CAT, "") },
	{ "of five seconds", { .kind = MEDIA_VIDEO, .prompt = "a cat", .duration_s = 5 },
	    VIDEO("text2VideoByConfig", CAT ",\"duration\":5", "") },
	{ "from a picture",
	    { .kind = MEDIA_VIDEO, .prompt = "a cat", .sets = first_frame },
	    VIDEO(
		"image2videoV2", CAT, ",\"first_frame_resource_uri\":\"tos-cn-i-x/1\"") },
	{ "from two pictures",
	    { .kind = MEDIA_VIDEO, .prompt = "a cat", .sets = both_frames },
	    VIDEO("startEnd2Video", CAT,
		",\"first_frame_resource_uri\":\"tos-cn-i-x/1\","
		"\"last_frame_resource_uri\":\"tos-cn-i-x/2\"") },
	{ "the user's type stands",
	    { .kind = MEDIA_VIDEO, .prompt = "a cat", .sets = own_type },
	    VIDEO("mine", CAT, ",\"first_frame_resource_uri\":\"x\"") },
};

static void bodies_are_exact(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		struct service_request request = good[i].request;
		_cleanup_free_ char *body = NULL;
		struct err err = { .kind = ERR_OK };

		print_message("# %s\n", good[i].label);
		request.submit_id = ID;
		if (request.kind == MEDIA_UNKNOWN)
			request.kind = MEDIA_IMAGE;
		assert_int_equal(api_submit_body(wire, &request, &body, &err), ERR_OK);
		assert_string_equal(body, good[i].body);
	}
}

static void fields_are_replaced_in_place(void **state)
{
	const struct service_request request = { .submit_id = ID,
		.kind = MEDIA_IMAGE,
		.prompt = "a cat",
		.sets = over,
		.model = "m" };
	_cleanup_free_ char *body = NULL;
	struct err err;

	(void)state;
	assert_int_equal(api_submit_body(wire, &request, &body, &err), ERR_OK);
	assert_string_equal(body,
	    "{\"generate_type\":\"seedEdit40\",\"agent_scene\":\"creation_agent_v40\","
	    "\"prompt\":\"a cat\",\"ratio\":\"2:3\",\"model_key\":\"m\","
	    "\"subject_id\":\"default\",\"submit_id\":\"" ID "\"}");
}

static const struct {
	struct service_request request;
	const char *set;
	const char *says;
} bad[] = {
	{ { .prompt = "" }, NULL, "prompt is empty" },
	{ { .prompt = NULL }, NULL, "prompt is empty" },
	{ { .prompt = " \t\n" }, NULL, "prompt is empty" },
	{ { .prompt = "\u3000\u200b" }, NULL, "prompt is empty" },
	{ { .prompt = "\xff" }, NULL, "UTF-8" },
	{ { .prompt = "p", .ratio = "5:4" }, NULL, "'5:4'" },
	{ { .prompt = "p", .ratio = "" }, NULL, "ratio" },
	{ { .prompt = "p", .duration_s = 5 }, NULL, "only a video" },
	{ { .prompt = "p", .kind = MEDIA_VIDEO, .duration_s = -1 }, NULL, "duration" },
	{ { .prompt = "p", .kind = MEDIA_VIDEO, .duration_s = 99999 }, NULL, "99999" },
	{ { .prompt = "p", .kind = MEDIA_AUDIO }, NULL, "images and videos" },
	{ { .prompt = "p", .submit_id = "a b" }, NULL, "submit id" },
	{ { .prompt = "p", .submit_id = "" }, NULL, "submit id" },
	{ { .prompt = "p", .extra_json = "[]" }, NULL, "not an object" },
	{ { .prompt = "p", .extra_json = "{" }, NULL, "JSON" },
	{ { .prompt = "p", .extra_json = "" }, NULL, "JSON" },
	{ { .prompt = "p", .extra_json = "{} x" }, NULL, "JSON" },
	{ { .prompt = "p", .extra_json = "{\"a\":1,\"a\":2}" }, NULL, "a" },
	{ { .prompt = "p", .extra_json = "{\"submit_id\":\"x\"}" }, NULL, "submit_id" },
	{ { .prompt = "p", .extra_json = "{\"submit\\u005fid\":\"x\"}" }, NULL,
	    "submit_id" },
	{ { .prompt = "p", .extra_json = "{\"a b\":1}" }, NULL, "'a b'" },
	{ { .prompt = "p" }, "submit_id=x", "submit_id" },
	{ { .prompt = "p" }, "novalue", "'novalue'" },
	{ { .prompt = "p" }, "=x", "name of a field" },
	{ { .prompt = "p" }, "a.b=1", "'a.b'" },
	{ { .prompt = "p" }, "a=\xff", "UTF-8" },
};

static void bad_values_are_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		const char *const list[] = { bad[i].set, NULL };
		struct service_request request = bad[i].request;
		struct err err = { .kind = ERR_OK };
		char *body = NULL;

		print_message("# row %zu: %s\n", i, bad[i].says);
		if (!request.submit_id)
			request.submit_id = ID;
		if (request.kind == MEDIA_UNKNOWN)
			request.kind = MEDIA_IMAGE;
		request.sets = list;
		assert_int_equal(api_submit_body(wire, &request, &body, &err), ERR_USAGE);
		assert_null(body);
		assert_non_null(strstr(err.msg, bad[i].says));
	}
}

static void too_much_is_refused(void **state)
{
	enum { MANY = 200, LONG = 2 << 20 };
	char line[MANY][16];
	const char *many[MANY + 1] = { NULL };
	_cleanup_free_ char *text = malloc(LONG + 1);
	const char *const one[] = { text, NULL };
	struct service_request request = {
		.submit_id = ID, .kind = MEDIA_IMAGE, .prompt = "p", .sets = many
	};
	char *body = NULL;
	struct err err;

	(void)state;
	for (int i = 0; i < MANY; i++) {
		(void)snprintf(line[i], sizeof(line[i]), "k%d=1", i);
		many[i] = line[i];
	}
	assert_int_equal(api_submit_body(wire, &request, &body, &err), ERR_USAGE);
	memset(text, 'a', LONG);
	text[LONG] = '\0';
	memcpy(text, "k=", 2);
	request.sets = one;
	assert_int_equal(api_submit_body(wire, &request, &body, &err), ERR_USAGE);
	request.sets = NULL;
	request.prompt = text;
	assert_int_equal(api_submit_body(wire, &request, &body, &err), ERR_USAGE);
	assert_null(body);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(bodies_are_exact),
		cmocka_unit_test(fields_are_replaced_in_place),
		cmocka_unit_test(bad_values_are_named),
		cmocka_unit_test(too_much_is_refused),
	};

	return cmocka_run_group_tests_name("submit_body", tests, set_up, tear_down);
}
