/*
 * ledger.c - a ledger of n tasks: heard of, seen ended, their files brought home; then
 * read as `list` and `wait` read it. Of a hundred tasks one has failed, one is being
 * generated still, and the others have an image each.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "ledger/list.h"
#include "parts.h"

enum { OF_ONE_POLL = 50, ROWS_SHOWN = 50, OF_ONE_GROUP = 500 };

static const char account[] = "default";
static const char sum[] =
    "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
static const int64_t first_ms = INT64_C(1780000000000);

struct filling {
	struct ledger *ledger;
	char (*ids)[48];
	const char **names; /* the same, as calls want them */
	size_t n;
};

/* Ids in no order, as uuids are; or in theirs. */
static void name_tasks(struct filling *filling, bool in_order)
{
	for (size_t i = 0; i < filling->n; i++) {
		const unsigned mixed = (unsigned)i * (in_order ? 1 : 2654435761u);

		(void)snprintf(filling->ids[i], sizeof(*filling->ids),
		    "%08x-5555-4555-8555-%012x", mixed, (unsigned)i);
		filling->names[i] = filling->ids[i];
	}
}

static enum task_state state_of(size_t i)
{
	if (i % 100 == 1)
		return TASK_FAILED;
	return i % 100 == 2 ? TASK_GENERATING : TASK_SUCCEEDED;
}

static void add_image(struct task *task)
{
	char uri[80];

	task->assets = arena_alloc(&task->arena, sizeof(*task->assets));
	(void)snprintf(uri, sizeof(uri), "tos-cn-i-bench/%s", task->submit_id);
	if (!task->assets)
		abort();
	task->assets[0] = (struct asset){ .kind = MEDIA_IMAGE,
		.state = ASSET_WANTED,
		.uri = arena_strdup(&task->arena, uri),
		.width = 2048,
		.height = 2048,
		.duration_ms = -1,
		.format = "png",
		.size_bytes = -1,
		.stored_bytes = -1 };
	task->n_assets = 1;
}

static struct task *seen_task(const struct filling *filling, size_t i)
{
	struct task *task = task_new();

	if (!task)
		abort();
	task->submit_id = arena_strdup(&task->arena, filling->ids[i]);
	task->state = state_of(i);
	task->kind = MEDIA_IMAGE;
	task->status = task->state == TASK_SUCCEEDED ? 50 : 45;
	task->total = 1;
	task->created_unix_ms = first_ms + (int64_t)i;
	task->prompt = "a cat on a wall, at night, seen from below";
	if (task->state == TASK_GENERATING)
		return task;
	task->finished_unix_ms = task->created_unix_ms + 30000;
	if (task->state == TASK_SUCCEEDED)
		add_image(task);
	else
		task->fail = (struct task_fail){ .class = FAIL_CONTENT,
			.code = "2038",
			.message = "the input was refused" };
	task->finished = (int64_t)task->n_assets;
	return task;
}

/* The oldest are of another account, behind whose few the crowd stands. */
static void adopt_others(const struct filling *filling)
{
	static const char *const ids[] = { "other-1", "other-2", "other-3" };
	struct err err;

	ok_or_die(ledger_adopt(filling->ledger, "other", ids, sizeof(ids) / sizeof(*ids),
		      first_ms, &err),
	    &err);
}

static void adopt(const struct filling *filling)
{
	struct err err;

	ok_or_die(ledger_adopt(filling->ledger, account, filling->names, filling->n,
		      first_ms, &err),
	    &err);
}

/* As polls tell of them. */
static void observe(const struct filling *filling)
{
	for (size_t i = 0; i < filling->n; i += OF_ONE_POLL) {
		struct task *seen[OF_ONE_POLL];
		struct err err;
		size_t n = 0;

		for (; n < OF_ONE_POLL && i + n < filling->n; n++)
			seen[n] = seen_task(filling, i + n);
		ok_or_die(ledger_observe(
			      filling->ledger, account, seen, NULL, n, first_ms, &err),
		    &err);
		for (size_t k = 0; k < n; k++)
			task_free(seen[k]);
	}
}

static void move_files(
    const struct filling *filling, size_t from, size_t to, enum asset_state state)
{
	struct ledger_entry entries[OF_ONE_GROUP];
	struct asset assets[OF_ONE_GROUP];
	char uris[OF_ONE_GROUP][80], paths[OF_ONE_GROUP][80];
	struct err err;
	size_t n = 0;

	for (size_t i = from; i < to; i++) {
		if (state_of(i) != TASK_SUCCEEDED)
			continue;
		(void)snprintf(
		    uris[n], sizeof(*uris), "tos-cn-i-bench/%s", filling->ids[i]);
		(void)snprintf(
		    paths[n], sizeof(*paths), "/srv/files/%s.png", filling->ids[i]);
		assets[n] = (struct asset){ .kind = MEDIA_IMAGE,
			.uri = uris[n],
			.path = paths[n],
			.stored_bytes = 1000000,
			.sha256 = sum,
			.format = "png" };
		entries[n] = (struct ledger_entry){ .kind = ENTRY_MOVE,
			.move = { filling->ids[i], &assets[n], state } };
		n++;
	}
	if (n == 0)
		return;
	ok_or_die(
	    ledger_commit(filling->ledger, account, entries, n, first_ms, &err), &err);
	for (size_t i = 0; i < n; i++)
		ok_or_die(entries[i].why.kind, &entries[i].why);
}

static void store(const struct filling *filling)
{
	for (size_t i = 0; i < filling->n; i += OF_ONE_GROUP) {
		const size_t end = i + OF_ONE_GROUP;
		const size_t to = end < filling->n ? end : filling->n;

		move_files(filling, i, to, ASSET_FETCHED);
		move_files(filling, i, to, ASSET_STORED);
	}
}

static bool count_row(void *payload, const struct task *task)
{
	(void)task;
	++*(size_t *)payload;
	return true;
}

/* The newest of those that failed. */
static void list(const struct filling *filling)
{
	const struct ledger_filter filter = { .account = account,
		.has_state = true,
		.state = TASK_FAILED,
		.limit = ROWS_SHOWN };
	struct err err;
	size_t n = 0;

	ok_or_die(ledger_list(filling->ledger, &filter, count_row, &n, &err), &err);
}

static bool count_open(void *payload, const struct open_task *task)
{
	(void)task;
	++*(size_t *)payload;
	return true;
}

static void follow(const struct filling *filling)
{
	struct err err;
	size_t n = 0;

	ok_or_die(
	    ledger_open_tasks(filling->ledger, account, count_open, &n, &err), &err);
}

static struct spent spent_by(
    void (*work)(const struct filling *filling), const struct filling *filling)
{
	const struct spent from = spent_now();

	work(filling);
	return spent_since(from);
}

static double mib_of(const char *path)
{
	struct stat st;

	return stat(path, &st) ? 0 : (double)st.st_size / (1 << 20);
}

/* Seconds of the clock and of the processor for what writes, milliseconds for what reads.
 */
static void print_row(const struct filling *filling, const char *path)
{
	static void (*const writes[])(const struct filling *) = { adopt, observe, store };
	static void (*const reads[])(const struct filling *) = { list, follow };

	(void)printf("%-10zu", filling->n);
	for (size_t i = 0; i < sizeof(writes) / sizeof(*writes); i++) {
		const struct spent spent = spent_by(writes[i], filling);

		(void)printf(" %7.2f %7.2f", spent.wall_s, spent.cpu_s);
	}
	for (size_t i = 0; i < sizeof(reads) / sizeof(*reads); i++)
		(void)printf(" %8.2f", spent_by(reads[i], filling).wall_s * 1000);
	ledger_tidy(filling->ledger);
	(void)printf(" %8.0f %8.0f\n", mib_of(path), peak_mib());
}

static struct filling begin(const char *path, size_t n, bool in_order)
{
	struct filling filling = { .n = n,
		.ids = calloc(n + 1, sizeof(*filling.ids)),
		.names = calloc(n + 1, sizeof(*filling.names)) };
	struct err err;

	if (!filling.ids || !filling.names)
		abort();
	name_tasks(&filling, in_order);
	ok_or_die(ledger_open(path, &filling.ledger, &err), &err);
	return filling;
}

static int end(struct filling *filling)
{
	ledger_close(filling->ledger);
	free(filling->ids);
	free(filling->names);
	return EXIT_SUCCESS;
}

int table_ledger(const char *path, size_t n)
{
	struct filling filling = begin(path, n, false);

	adopt_others(&filling);
	print_row(&filling, path);
	return end(&filling);
}

int table_heard(const char *path, size_t n)
{
	struct filling filling = begin(path, n, true);
	const struct spent spent = spent_by(adopt, &filling);

	(void)printf("%-10zu %7.2f %7.2f\n", n, spent.wall_s, spent.cpu_s);
	return end(&filling);
}
