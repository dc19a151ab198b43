#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ledger/rules/clean.h"
#include "ledger/rules/merge.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

enum { SHOWN_MAX = 5 };

/* An asset in one line: index, uri, state. */
struct short_asset {
	int index;
	const char *uri;
	enum asset_state state;
};

static struct asset asset_of(const struct short_asset *row)
{
	struct asset asset = { .index = row->index,
		.uri = row->uri,
		.state = row->state,
		.kind = MEDIA_IMAGE,
		.duration_ms = -1,
		.size_bytes = -1,
		.stored_bytes = -1 };

	return asset;
}

static struct task task_of(enum task_state state, struct asset *assets,
    const struct short_asset *rows, size_t n_rows)
{
	struct task task = {
		.submit_id = "x", .state = state, .status = INT64_MIN, .assets = assets
	};

	for (size_t i = 0; i < n_rows && (rows[i].uri || rows[i].index >= 0); i++)
		assets[task.n_assets++] = asset_of(&rows[i]);
	return task;
}

#define END                 \
	{                   \
		.index = -1 \
	}

static const struct {
	const char *what;
	struct short_asset known[SHOWN_MAX], shown[SHOWN_MAX], after[SHOWN_MAX];
} matches[] = {
	{ "first sight", { END }, { { 0, "a", 0 }, { 1, "b", 0 }, END },
	    { { 0, "a", 0 }, { 1, "b", 0 }, END } },
	{ "the same again", { { 0, "a", 0 }, END }, { { 0, "a", 0 }, END },
	    { { 0, "a", 0 }, END } },
	{ "the uri wins over the place", { { 0, "a", 0 }, { 1, "b", 0 }, END },
	    { { 0, "b", 0 }, { 1, "a", 0 }, END },
	    { { 0, "a", 0 }, { 1, "b", 0 }, END } },
	{ "one in front of a known one", { { 0, "b", 0 }, END },
	    { { 0, "a", 0 }, { 1, "b", 0 }, END },
	    { { 0, "b", 0 }, { 1, "a", 0 }, END } },
	{ "made anew while wanted", { { 0, "old", ASSET_WANTED }, END },
	    { { 0, "new", 0 }, END }, { { 0, "new", 0 }, END } },
	{ "made anew while fetched", { { 0, "old", ASSET_FETCHED }, END },
	    { { 0, "new", 0 }, END },
	    { { 0, "old", ASSET_FETCHED }, { 1, "new", ASSET_WANTED }, END } },
	{ "made anew when stored", { { 0, "old", ASSET_STORED }, END },
	    { { 0, "new", 0 }, END },
	    { { 0, "old", ASSET_STORED }, { 1, "new", ASSET_WANTED }, END } },
	{ "made anew when lost", { { 0, "old", ASSET_LOST }, END },
	    { { 0, "new", 0 }, END },
	    { { 0, "old", ASSET_LOST }, { 1, "new", ASSET_WANTED }, END } },
	{ "a lost one is shown again", { { 0, "a", ASSET_LOST }, END },
	    { { 0, "a", 0 }, END }, { { 0, "a", ASSET_LOST }, END } },
	{ "one is not shown any more", { { 0, "a", 0 }, { 1, "b", 0 }, END },
	    { { 0, "a", 0 }, END }, { { 0, "a", 0 }, { 1, "b", 0 }, END } },
	{ "one uri twice", { END }, { { 0, "a", 0 }, { 1, "a", 0 }, END },
	    { { 0, "a", 0 }, END } },
	{ "no uri: by place", { { 0, NULL, 0 }, END },
	    { { 0, NULL, 0 }, { 1, NULL, 0 }, END },
	    { { 0, NULL, 0 }, { 1, NULL, 0 }, END } },
	{ "no uri: one place twice", { END }, { { 0, NULL, 0 }, { 0, NULL, 0 }, END },
	    { { 0, NULL, 0 }, END } },
	{ "a name comes later", { { 0, NULL, ASSET_STORED }, END },
	    { { 0, "a", 0 }, END }, { { 0, "a", ASSET_STORED }, END } },
	{ "a name is left out once", { { 0, "a", 0 }, END }, { { 0, NULL, 0 }, END },
	    { { 0, "a", 0 }, END } },
	{ "a link is no name", { { 0, NULL, 0 }, END },
	    { { 0, "https://p9.invalid/x?x-signature=1", 0 }, END },
	    { { 0, NULL, 0 }, END } },
	{ "a query is no name", { END }, { { 0, "tos/x?sig=1", 0 }, END },
	    { { 0, NULL, 0 }, END } },
	{ "places with gaps stay", { END }, { { 1, "b", 0 }, END },
	    { { 1, "b", 0 }, END } },
	{ "a gap is filled", { { 1, "b", 0 }, END },
	    { { 0, "a", 0 }, { 1, "b", 0 }, END },
	    { { 0, "a", 0 }, { 1, "b", 0 }, END } },
	{ "mad places", { END }, { { -7, "a", 0 }, { INT32_MAX, "b", 0 }, END },
	    { { 0, "a", 0 }, { 1, "b", 0 }, END } },
	{ "two for one place", { { 0, "a", ASSET_STORED }, END },
	    { { 0, "b", 0 }, { 0, "c", 0 }, END },
	    { { 0, "a", ASSET_STORED }, { 1, "b", 0 }, { 2, "c", 0 }, END } },
};

static void check_assets(
    const char *what, const struct task *got, const struct short_asset *want)
{
	size_t n = 0;

	while (n < SHOWN_MAX && (want[n].uri || want[n].index >= 0))
		n++;
	if (got->n_assets != n)
		fail_msg("%s: %zu assets, not %zu", what, got->n_assets, n);
	for (size_t i = 0; i < n; i++) {
		const struct asset *asset = &got->assets[i];
		const bool is_same_uri = asset->uri == want[i].uri ||
		    (asset->uri && want[i].uri && !strcmp(asset->uri, want[i].uri));

		if (asset->index != want[i].index || asset->state != want[i].state ||
		    !is_same_uri)
			fail_msg("%s: place %zu is %d '%s'", what, i, asset->index,
			    asset->uri ? asset->uri : "(none)");
	}
}

static struct merge merged(
    const struct task *known, const struct task *seen, struct arena *arena)
{
	struct merge merge = { 0 };
	struct err err = { 0 };

	if (merge_poll(known, seen, arena, &merge, &err))
		fail_msg("%s", err.msg);
	return merge;
}

static void assets_are_matched(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(matches); i++) {
		struct arena arena = arena_make(1 << 20);
		struct asset known_assets[SHOWN_MAX], seen_assets[SHOWN_MAX];
		struct task known =
		    task_of(TASK_PARTIAL, known_assets, matches[i].known, SHOWN_MAX);
		struct task seen =
		    task_of(TASK_PARTIAL, seen_assets, matches[i].shown, SHOWN_MAX);
		struct merge first, second;

		for (size_t k = 0; k < seen.n_assets; k++)
			seen.assets[k].url = "https://cdn.invalid/now";
		first = merged(&known, &seen, &arena);
		check_assets(matches[i].what, &first.after, matches[i].after);
		/* The second look at the same changes nothing. */
		second = merged(&first.after, &seen, &arena);
		check_assets(matches[i].what, &second.after, matches[i].after);
		if (merge_is_change(&second))
			fail_msg("%s: changes for ever", matches[i].what);
		arena_release(&arena);
	}
}

/* That it runs on refutes a failure without a proof, unless it may have ended. */
static void a_failure_without_a_proof_is_refuted(void **state)
{
	const struct task bare = { .state = TASK_FAILED, .fail.class = FAIL_SERVICE };
	const struct task proven = { .state = TASK_FAILED,
		.fail = { .class = FAIL_CONTENT, .code = "2038" } };
	struct task seen = { .state = TASK_GENERATING };
	struct arena arena = arena_make(1 << 16);

	(void)state;
	assert_int_equal(merged(&bare, &seen, &arena).after.state, TASK_GENERATING);
	assert_int_equal(merged(&bare, &seen, &arena).after.fail.class, FAIL_NONE);
	assert_int_equal(merged(&proven, &seen, &arena).after.state, TASK_FAILED);
	seen.may_have_ended = true;
	assert_int_equal(merged(&bare, &seen, &arena).after.state, TASK_FAILED);
	arena_release(&arena);
}

/* Every pair: the state after is the poll's when legal, else the known one. */
static void states_follow_the_table(void **state)
{
	(void)state;
	for (int from = 0; from < TASK_STATE_COUNT; from++) {
		for (int to = 0; to < TASK_STATE_COUNT; to++) {
			struct arena arena = arena_make(1 << 16);
			struct task known = { .state = (enum task_state)from };
			struct task seen = { .state = (enum task_state)to };
			const bool is_silent =
			    to == TASK_UNKNOWN || to == TASK_SUBMITTING;
			const bool is_legal =
			    is_silent || task_state_may_become(known.state, seen.state);
			const struct merge merge = merged(&known, &seen, &arena);

			assert_int_equal(merge.is_move_illegal, !is_legal);
			assert_int_equal(merge.after.state,
			    is_legal && !is_silent ? seen.state : known.state);
			arena_release(&arena);
		}
	}
}

static const struct {
	const char *what;
	enum task_state from, to;
	int64_t known_finished, known_total, seen_finished, seen_total;
	int64_t finished, total;
} counts[] = {
	{ "taken", TASK_QUEUED, TASK_GENERATING, 0, 0, 1, 4, 1, 4 },
	{ "absent stays", TASK_PARTIAL, TASK_PARTIAL, 2, 4, 0, 0, 2, 4 },
	{ "may fall while it runs", TASK_PARTIAL, TASK_PARTIAL, 3, 4, 2, 4, 2, 4 },
	{ "the last word corrects", TASK_PARTIAL, TASK_SUCCEEDED, 3, 8, 4, 4, 4, 4 },
	{ "home never falls", TASK_SUCCEEDED, TASK_SUCCEEDED, 4, 4, 1, 2, 4, 4 },
	{ "home may rise", TASK_SUCCEEDED, TASK_SUCCEEDED, 3, 4, 4, 5, 4, 5 },
	{ "below zero", TASK_QUEUED, TASK_QUEUED, 1, 2, -5, -6, 1, 2 },
	{ "more than promised", TASK_QUEUED, TASK_PARTIAL, 0, 0, 5, 4, 5, 5 },
	{ "illegal", TASK_SUCCEEDED, TASK_FAILED, 4, 4, 9, 9, 4, 4 },
	{ "gone", TASK_GENERATING, TASK_NOT_FOUND, 1, 4, 0, 0, 1, 4 },
};

static void counts_are_merged(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(counts); i++) {
		struct arena arena = arena_make(1 << 16);
		struct task known = { .state = counts[i].from,
			.finished = counts[i].known_finished,
			.total = counts[i].known_total };
		struct task seen = { .state = counts[i].to,
			.finished = counts[i].seen_finished,
			.total = counts[i].seen_total };
		const struct merge merge = merged(&known, &seen, &arena);

		if (merge.after.finished != counts[i].finished ||
		    merge.after.total != counts[i].total)
			fail_msg("%s: %lld of %lld", counts[i].what,
			    (long long)merge.after.finished,
			    (long long)merge.after.total);
		arena_release(&arena);
	}
}

static void unknown_facts_stay_known(void **state)
{
	struct arena arena = arena_make(1 << 16);
	struct task known = { .state = TASK_GENERATING,
		.status = 20,
		.kind = MEDIA_VIDEO,
		.history_id = "123",
		.model = "m",
		.created_unix_ms = 5,
		.finished_unix_ms = 6,
		.is_ours = true,
		.prompt = "p" };
	struct task seen = { .state = TASK_GENERATING,
		.status = INT64_MIN,
		.history_id = "not an id",
		.model = "https://evil.invalid",
		.prompt = "theirs" };
	const struct merge merge = merged(&known, &seen, &arena);

	(void)state;
	assert_false(merge_is_change(&merge));
	assert_int_equal(merge.after.status, 20);
	assert_int_equal(merge.after.kind, MEDIA_VIDEO);
	assert_string_equal(merge.after.history_id, "123");
	assert_string_equal(merge.after.model, "m");
	assert_int_equal(merge.after.created_unix_ms, 5);
	assert_string_equal(merge.after.prompt, "p");
	arena_release(&arena);
}

/* Made elsewhere: what is told of it while it runs may be a draft. */
static void what_the_service_tells_later_counts(void **state)
{
	struct arena arena = arena_make(1 << 16);
	struct task known = { .state = TASK_GENERATING,
		.prompt = "a draft",
		.ratio = "1:1",
		.model = "m" };
	const struct task last = {
		.state = TASK_SUCCEEDED, .prompt = "a cat", .ratio = "16:9", .model = "n"
	};
	const struct task silent = { .state = TASK_SUCCEEDED };
	struct merge merge = merged(&known, &last, &arena);

	(void)state;
	assert_true(merge_is_change(&merge));
	assert_string_equal(merge.after.ratio, "16:9");
	assert_string_equal(merge.after.prompt, "a cat");
	assert_string_equal(merge.after.model, "n");
	merge = merged(&known, &silent, &arena);
	assert_string_equal(merge.after.ratio, "1:1");
	assert_string_equal(merge.after.prompt, "a draft");
	known.is_ours = true;
	merge = merged(&known, &last, &arena);
	assert_string_equal(merge.after.ratio, "1:1");
	assert_string_equal(merge.after.prompt, "a draft");
	arena_release(&arena);
}

static void held_assets_keep_their_facts(void **state)
{
	struct arena arena = arena_make(1 << 16);
	struct asset mine = { .uri = "a",
		.state = ASSET_STORED,
		.format = "webp",
		.width = 10,
		.size_bytes = 99,
		.duration_ms = -1,
		.path = "/p",
		.sha256 = "s",
		.stored_bytes = 99 };
	struct asset theirs = { .uri = "a",
		.format = "png",
		.width = 20,
		.height = 30,
		.size_bytes = 1,
		.duration_ms = 4,
		.stored_bytes = -1,
		.md5 = "0123456789abcdef0123456789abcdef",
		.path = "/etc/passwd" };
	struct task known = { .state = TASK_SUCCEEDED, .assets = &mine, .n_assets = 1 };
	struct task seen = { .state = TASK_SUCCEEDED, .assets = &theirs, .n_assets = 1 };
	const struct merge merge = merged(&known, &seen, &arena);
	const struct asset *after = &merge.after.assets[0];

	(void)state;
	assert_string_equal(after->format, "webp");
	assert_int_equal(after->width, 10);
	assert_int_equal(after->height, 30);
	assert_int_equal(after->size_bytes, 99);
	assert_int_equal(after->duration_ms, 4);
	assert_string_equal(after->path, "/p");
	assert_int_equal(after->stored_bytes, 99);
	assert_int_equal(merge.outcomes[0], MERGE_CHANGED);
	assert_true(merge.after.finished >= 1);
	arena_release(&arena);
}

/* An illegal poll gives links to what is known, and adds nothing. */
static void an_illegal_look_changes_nothing(void **state)
{
	struct arena arena = arena_make(1 << 16);
	struct asset mine = { .uri = "a", .duration_ms = -1, .size_bytes = -1 };
	struct asset theirs[] = { { .uri = "a", .url = "u", .width = 9 },
		{ .index = 1, .uri = "b", .url = "v" } };
	struct task known = { .state = TASK_FAILED,
		.fail = { .class = FAIL_CONTENT, .code = "2038" },
		.assets = &mine,
		.n_assets = 1,
		.total = 1 };
	struct task seen = { .state = TASK_GENERATING, .assets = theirs, .n_assets = 2 };
	const struct merge merge = merged(&known, &seen, &arena);

	(void)state;
	assert_true(merge.is_move_illegal);
	assert_false(merge_is_change(&merge));
	assert_int_equal(merge.after.n_assets, 1);
	assert_string_equal(merge.after.assets[0].url, "u");
	assert_int_equal(merge.after.assets[0].width, 0);
	assert_int_equal(merge.after.fail.class, FAIL_CONTENT);
	arena_release(&arena);
}

/* The truth is what can be downloaded, whoever said that it failed, and why. */
static void files_overrule_a_failure(void **state)
{
	struct arena arena = arena_make(1 << 16);
	struct asset theirs[] = { { .uri = "a", .url = "u" } };
	struct task known = { .state = TASK_FAILED,
		.fail = { .class = FAIL_CONTENT, .code = "2038" } };
	struct task seen = { .state = TASK_SUCCEEDED, .assets = theirs, .n_assets = 1 };
	const struct merge merge = merged(&known, &seen, &arena);

	(void)state;
	assert_false(merge.is_move_illegal);
	assert_int_equal(merge.after.state, TASK_SUCCEEDED);
	assert_int_equal(merge.after.fail.class, FAIL_NONE);
	assert_int_equal(merge.after.n_assets, 1);
	arena_release(&arena);
}

static void a_failure_is_of_the_moment(void **state)
{
	struct arena arena = arena_make(1 << 16);
	struct task known = { .state = TASK_GENERATING };
	struct task seen = { .state = TASK_FAILED,
		.fail = { .class = FAIL_CONTENT,
		    .code = "2038",
		    .message =
			"see https://h.invalid/a?x-signature=SECRET sessionid=abc123" } };
	struct merge merge = merged(&known, &seen, &arena);
	struct task failed = merge.after;

	(void)state;
	assert_true(merge.is_task_changed);
	assert_null(strstr(failed.fail.message, "SECRET"));
	assert_null(strstr(failed.fail.message, "abc123"));
	merge = merged(&failed, &seen, &arena);
	assert_false(merge_is_change(&merge));
	/* The reason is left out next time: it stays. */
	seen.fail = (struct task_fail){ 0 };
	merge = merged(&failed, &seen, &arena);
	assert_false(merge_is_change(&merge));
	assert_string_equal(merge.after.fail.code, "2038");
	arena_release(&arena);
}

static void no_memory_is_an_error(void **state)
{
	struct asset theirs = { .uri = "a" };
	struct task known = { .state = TASK_QUEUED };
	struct task seen = { .state = TASK_QUEUED, .assets = &theirs, .n_assets = 1 };
	struct merge merge = { 0 };
	struct err err = { 0 };

	(void)state;
	for (size_t max = 0; max < 64; max += 16) {
		struct arena arena = arena_make(max);

		assert_int_equal(
		    merge_poll(&known, &seen, &arena, &merge, &err), ERR_NOMEM);
		arena_release(&arena);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(assets_are_matched),
		cmocka_unit_test(a_failure_without_a_proof_is_refuted),
		cmocka_unit_test(states_follow_the_table),
		cmocka_unit_test(counts_are_merged),
		cmocka_unit_test(unknown_facts_stay_known),
		cmocka_unit_test(what_the_service_tells_later_counts),
		cmocka_unit_test(held_assets_keep_their_facts),
		cmocka_unit_test(an_illegal_look_changes_nothing),
		cmocka_unit_test(files_overrule_a_failure),
		cmocka_unit_test(a_failure_is_of_the_moment),
		cmocka_unit_test(no_memory_is_an_error),
	};

	return cmocka_run_group_tests_name("ledger_merge", tests, NULL, NULL);
}
