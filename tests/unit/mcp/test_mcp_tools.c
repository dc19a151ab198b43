#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dreamq/dreamq.h"
#include "mcp/tool.h"

/* No client shows more of a description to a model, or takes a longer name. */
enum { DESCRIPTION_MAX = 300, NAME_MAX_CHARS = 48, ALL_BYTES_MAX = 16000 };

static const struct mcp_may all = { .submit = true, .remove = true },
			    nothing = { .submit = false };

static void each_row_is_whole_and_sorted(void **state)
{
	(void)state;
	for (const struct tool *const *at = tools; *at; at++) {
		const struct tool *tool = *at;
		cJSON *output;

		assert_memory_equal(tool->name, "dreamq_", strlen("dreamq_"));
		assert_true(strlen(tool->name) <= NAME_MAX_CHARS);
		assert_true(at == tools || strcmp(at[-1]->name, tool->name) < 0);
		assert_true(*tool->title && tool->run && tool->params);
		assert_in_range(strlen(tool->description), 40, DESCRIPTION_MAX);
		assert_int_equal(tool->description[strlen(tool->description) - 1], '.');
		assert_ptr_equal(tool_find(&all, tool->name), tool);
		assert_ptr_equal(tool_find(&nothing, tool->name),
		    tool->needs == NEEDS_NOTHING ? tool : NULL);
		if (!tool->output) /* pictures are dropped beside structured content */
			continue;
		output = shape_schema(tool->output);
		assert_non_null(output);
		assert_string_equal(
		    cJSON_GetObjectItemCaseSensitive(output, "type")->valuestring,
		    "object");
		cJSON_Delete(output);
	}
	assert_null(tool_find(&all, "dreamq_"));
	assert_null(tool_find(&all, ""));
}

/* Each property that an output requires is one of it, at every level. */
static void check_required(const cJSON *schema)
{
	const cJSON *properties = cJSON_GetObjectItemCaseSensitive(schema, "properties");
	const cJSON *required = cJSON_GetObjectItemCaseSensitive(schema, "required"),
		    *item;

	cJSON_ArrayForEach(item, required)
		assert_non_null(
		    cJSON_GetObjectItemCaseSensitive(properties, item->valuestring));
	cJSON_ArrayForEach(item, schema)
		if (cJSON_IsObject(item))
			check_required(item);
}

static void outputs_require_what_they_have(void **state)
{
	(void)state;
	for (const struct tool *const *at = tools; *at; at++) {
		cJSON *output = (*at)->output ? shape_schema((*at)->output) : NULL;

		check_required(output);
		cJSON_Delete(output);
	}
}

static void all_of_them_are_few_bytes(void **state)
{
	cJSON *json = tools_json(&nothing);
	char *text = cJSON_PrintUnformatted(json);

	(void)state;
	assert_non_null(text);
	assert_true(strlen(text) <= ALL_BYTES_MAX);
	free(text);
	cJSON_Delete(json);
}

/* What may be listed is a state of the library's, or "unfinished". */
static void every_state_can_be_listed(void **state)
{
	const char *const *names = dq_state_names();
	const struct param *param = tool_list.params;
	size_t n = 0;

	(void)state;
	assert_string_equal(param->name, "state");
	for (; names[n]; n++)
		assert_string_equal(param->choices()[n], names[n]);
	assert_string_equal(param->choices()[n], "unfinished");
	assert_null(param->choices()[n + 1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_row_is_whole_and_sorted),
		cmocka_unit_test(outputs_require_what_they_have),
		cmocka_unit_test(all_of_them_are_few_bytes),
		cmocka_unit_test(every_state_can_be_listed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
