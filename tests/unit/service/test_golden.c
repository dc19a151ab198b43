/*
 * Every fixture against tests/golden/<fixture>.txt: the answer, each of its
 * tasks with every field, and the states that eight looks, a minute apart,
 * would show; of a page, each of its tasks. GOLDEN_UPDATE=1 writes the files anew; read
 * the difference.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "dump.h"
#include "service/jimeng/read/page.h"

enum { LOOKS = 8, LOOK_S = 60, TEXT_MAX = 4 << 20 };

static struct task *look(struct answer *answer, const char *id,
    struct poll_memory *memory, int i, struct err *err)
{
	struct task *task = NULL;

	memory->asked_as_submit = memory->asked_as_history = true;
	(void)answer_judge(answer, id, (int64_t)i * LOOK_S * 1000, memory, &task, err);
	return task;
}

/* The first poll with everything, the states of all, the last when it says more. */
static void dump_id(struct buf *out, struct answer *answer, const char *id)
{
	struct poll_memory memory = { 0 };
	struct err err = { .kind = ERR_OK };
	enum task_state first = TASK_UNKNOWN;

	for (int i = 0; i < LOOKS; i++) {
		_cleanup_(task_freep) struct task *task =
		    look(answer, id, &memory, i, &err);

		if (!task) {
			buf_addf(out, "task '%s': error %s: %s\n", id,
			    err_kind_name(err.kind), err.msg);
			return;
		}
		if (i == 0) {
			first = task->state;
			if (first == TASK_UNKNOWN)
				buf_addf(out, "task '%s':\n", id);
			else
				dump_task(out, task);
			buf_addf(out, "  looks:");
		}
		buf_addf(out, " %s", task_state_name(task->state));
		if (i == LOOKS - 1) {
			buf_addf(out, "\n");
			if (task->state != first && first != TASK_UNKNOWN)
				dump_task(out, task);
		}
	}
}

static void dump_known(struct buf *out, struct answer *answer, const cJSON *data)
{
	const cJSON *member, *record;

	cJSON_ArrayForEach(member, data) {
		if (!cJSON_IsArray(member) ||
		    strncmp(member->string, "history_", 8) != 0) {
			dump_id(out, answer, member->string);
			continue;
		}
		cJSON_ArrayForEach(record, member)
			dump_id(out, answer, json_get_string(record, "submit_id", NULL));
	}
}

static const char *const class_names[] = {
	[RET_OK] = "ok",
	[RET_LOGIN] = "login",
	[RET_CALLER] = "caller",
	[RET_QUOTA] = "quota",
	[RET_RISK] = "risk",
	[RET_SLOW_DOWN] = "slow_down",
	[RET_CONTENT] = "content",
	[RET_TRANSIENT] = "transient",
};

static void dump_answer(struct buf *out, struct answer *answer, const struct buf *text)
{
	_cleanup_(json_deletep) cJSON *json = cJSON_Parse(text->data);
	const cJSON *data = cJSON_GetObjectItem(json, "data");
	struct err err = { .kind = ERR_OK };

	(void)answer_error(answer, &err);
	buf_addf(out, "answer: ret %s, %s, server time %" PRId64 "\n", answer_ret(answer),
	    class_names[answer_class(answer)], answer_server_unix_ms(answer));
	if (err.kind)
		buf_addf(out, "error %s: %s\n", err_kind_name(err.kind), err.msg);
	if (cJSON_IsObject(data) && !err.kind)
		dump_known(out, answer, data);
	if (!err.kind)
		dump_id(out, answer, "no-such-id");
	buf_addf(out, "odd: %s\n", answer_mistyped(answer) ? "yes" : "no");
}

static void dump_page(struct buf *out, const struct answer *answer)
{
	struct page page;
	struct err err = { .kind = ERR_OK };

	if (page_read(answer, 0, &page, &err)) {
		buf_addf(out, "error %s: %s\n", err_kind_name(err.kind), err.msg);
		return;
	}
	buf_addf(out, "page: %zu, %s, next %s, unreadable %zu, nameless %zu\n", page.n,
	    page.has_more ? "more" : "the last", page.next ? page.next : "-",
	    page.unreadable, page.nameless);
	for (size_t i = 0; i < page.n; i++)
		dump_task(out, page.found[i].task);
	page_release(&page);
}

static void dump_file(struct buf *out, const char *path)
{
	_cleanup_(buf_release) struct buf text = buf_make(TEXT_MAX);
	_cleanup_(answer_freep) struct answer *answer = NULL;
	struct err err = { .kind = ERR_OK };

	assert_int_equal(fs_read_all(path, &text, &err), ERR_OK);
	if (answer_decode(text.data, text.len, -1, &answer, &err))
		buf_addf(out, "error %s: %s\n", err_kind_name(err.kind), err.msg);
	else if (strstr(path, "/page_"))
		dump_page(out, answer);
	else
		dump_answer(out, answer, &text);
	assert_false(buf_failed(out));
}

static void compare(const char *path, const struct buf *got)
{
	_cleanup_(buf_release) struct buf wanted = buf_make(TEXT_MAX);
	struct err err;

	if (getenv("GOLDEN_UPDATE")) {
		assert_int_equal(
		    fs_write_atomic(path, got->data, got->len, 0644, &err), ERR_OK);
		return;
	}
	if (fs_read_all(path, &wanted, &err))
		fail_msg("%s; GOLDEN_UPDATE=1 makes it", err.msg);
	assert_string_equal(got->data, wanted.data);
}

static void check_fixture(const char *folder, const char *name)
{
	const size_t stem = strlen(name) - strlen(".json");
	_cleanup_(buf_release) struct buf got = buf_make(TEXT_MAX);
	_cleanup_free_ char *path = fs_join(folder, name);
	char golden[4096];

	print_message("# %s\n", name);
	assert_true(snprintf(golden, sizeof(golden), "%s/../golden/%.*s.txt", folder,
			(int)stem, name) < (int)sizeof(golden));
	dump_file(&got, path);
	/* No link of a fixture may get through: they have signatures like this. */
	assert_null(strstr(got.data, "xxxxxxxx"));
	assert_null(strstr(got.data, "secretsecret"));
	assert_null(strstr(got.data, "x-signature"));
	compare(golden, &got);
}

static int is_fixture(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return dot && !strcmp(dot, ".json");
}

static void fixtures_decode_to_golden_tasks(void **state)
{
	const char *folder = getenv("FIXTURES");
	struct dirent **entries = NULL;
	int n;

	(void)state;
	assert_non_null(folder);
	if (!folder)
		return;
	n = scandir(folder, &entries, is_fixture, alphasort);
	assert_true(n >= 50);
	for (int i = 0; i < n; i++) {
		check_fixture(folder, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(fixtures_decode_to_golden_tasks),
	};

	return cmocka_run_group_tests_name("golden", tests, NULL, NULL);
}
