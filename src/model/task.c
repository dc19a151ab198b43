#include "model/task.h"

#include <stdlib.h>
#include <string.h>

#define BIT(n) (1u << (n))
#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* Room for what a decoded record keeps; whoever knows better sets the arena's ceiling. */
enum { TASK_STRINGS_MAX = 4 << 20 };

static const struct {
	const char *name;
	bool is_final;
} states[] = {
#define X(name, text, is_final) [TASK_##name] = { text, is_final },
	TASK_STATES(X)
#undef X
};
_Static_assert(COUNT(states) == TASK_STATE_COUNT, "a row for each state");

enum {
	ENDED = BIT(TASK_SUCCEEDED) | BIT(TASK_FAILED) | BIT(TASK_CANCELLED),
	FILES = BIT(TASK_SUCCEEDED) | BIT(TASK_PARTIAL),
	SEEN = BIT(TASK_QUEUED) | BIT(TASK_GENERATING) | BIT(TASK_PARTIAL) | ENDED,
};

/*
 * Where each state may go. A poll may come late, so stages are skipped; a
 * queue may take a task back; files once seen are not unseen (partial stays);
 * what the service has shown never becomes unknown again. An end is corrected by
 * what refutes it: not_found by a poll that finds the task after all, failed and
 * cancelled by files that can be had. (A failure without a proof is one only as long as
 * the service says so: ledger/rules/merge.h.)
 */
static const unsigned state_moves[] = {
	[TASK_SUBMITTING] = BIT(TASK_UNKNOWN) | SEEN,
	[TASK_UNKNOWN] = BIT(TASK_NOT_FOUND) | SEEN,
	[TASK_QUEUED] = BIT(TASK_NOT_FOUND) | SEEN,
	[TASK_GENERATING] = BIT(TASK_NOT_FOUND) | SEEN,
	[TASK_PARTIAL] = BIT(TASK_NOT_FOUND) | ENDED,
	[TASK_NOT_FOUND] = SEEN,
	[TASK_SUCCEEDED] = 0,
	[TASK_FAILED] = FILES,
	[TASK_CANCELLED] = FILES,
};
_Static_assert(COUNT(state_moves) == TASK_STATE_COUNT, "moves for each state");

static const char *const media_kinds[] = {
	[MEDIA_IMAGE] = "image",
	[MEDIA_VIDEO] = "video",
	[MEDIA_AUDIO] = "audio",
};

static const char *const task_modes[] = {
	[MODE_EDIT] = "edit",
	[MODE_SUPER_RESOLUTION] = "super_resolution",
	[MODE_MULTI_FRAME] = "multi_frame",
	[MODE_DRAFT] = "draft",
	[MODE_FINAL] = "final",
	[MODE_AGENT] = "agent",
};

static const struct {
	const char *name;
	unsigned moves;
} asset_states[] = {
	[ASSET_WANTED] = { "wanted", BIT(ASSET_FETCHED) | BIT(ASSET_LOST) },
	/* fetched: renamed, or found never to have been. */
	[ASSET_FETCHED] = { "fetched",
	    BIT(ASSET_STORED) | BIT(ASSET_WANTED) | BIT(ASSET_LOST) },
	/* stored: somebody removed the file. */
	[ASSET_STORED] = { "stored", BIT(ASSET_WANTED) },
	/* lost: the service shows it again. */
	[ASSET_LOST] = { "lost", BIT(ASSET_WANTED) },
};

static const char *const fail_classes[] = {
	[FAIL_CONTENT] = "content",
	[FAIL_SERVICE] = "service",
	[FAIL_QUOTA] = "quota",
	[FAIL_RISK] = "risk",
	[FAIL_CONTRACT] = "contract",
	[FAIL_LOGIN] = "login",
	[FAIL_CALLER] = "caller",
	[FAIL_DELETED] = "deleted",
};

/*
 * Returns the index of `name`; 0, which has no name in these tables, when it is none of
 * them.
 */
static size_t find_name(const char *const *names, size_t n, const char *name)
{
	for (size_t i = 1; name && i < n; i++)
		if (!strcmp(names[i], name))
			return i;
	return 0;
}

const char *task_state_name(enum task_state state)
{
	return states[state].name;
}

bool task_state_parse(const char *name, enum task_state *ret_state)
{
	for (size_t i = 0; name && i < COUNT(states); i++) {
		if (!strcmp(states[i].name, name)) {
			*ret_state = (enum task_state)i;
			return true;
		}
	}
	return false;
}

bool task_state_is_final(enum task_state state)
{
	return states[state].is_final;
}

bool task_state_may_become(enum task_state from, enum task_state to)
{
	return from == to || (state_moves[from] & BIT(to));
}

const char *media_kind_name(enum media_kind kind)
{
	return media_kinds[kind];
}

enum media_kind media_kind_parse(const char *name)
{
	return (enum media_kind)find_name(media_kinds, COUNT(media_kinds), name);
}

const char *task_mode_name(enum task_mode mode)
{
	return task_modes[mode];
}

enum task_mode task_mode_parse(const char *name)
{
	return (enum task_mode)find_name(task_modes, COUNT(task_modes), name);
}

const char *asset_state_name(enum asset_state state)
{
	return asset_states[state].name;
}

bool asset_state_parse(const char *name, enum asset_state *ret_state)
{
	for (size_t i = 0; name && i < COUNT(asset_states); i++) {
		if (!strcmp(asset_states[i].name, name)) {
			*ret_state = (enum asset_state)i;
			return true;
		}
	}
	return false;
}

bool asset_state_may_become(enum asset_state from, enum asset_state to)
{
	return from == to || (asset_states[from].moves & BIT(to));
}

const char *fail_class_name(enum fail_class class)
{
	return fail_classes[class];
}

enum fail_class fail_class_parse(const char *name)
{
	return (enum fail_class)find_name(fail_classes, COUNT(fail_classes), name);
}

bool task_end_is_doubtful(const struct task *task)
{
	const struct task_fail *fail = &task->fail;
	const bool is_bare = !(fail->code && *fail->code) && task->finished_unix_ms == 0;

	return task->state == TASK_FAILED &&
	    (fail->class == FAIL_CONTRACT || (fail->class == FAIL_SERVICE && is_bare));
}

/* Lost by what the service says, and not because somebody has given it up. */
static bool was_refused(const struct asset *asset)
{
	return asset->state == ASSET_LOST &&
	    !(asset->lost_reason && !strcmp(asset->lost_reason, LOST_FORGOTTEN));
}

bool task_end_may_change(const struct task *task)
{
	if (task->state != TASK_SUCCEEDED)
		return task->state == TASK_NOT_FOUND || task_end_is_doubtful(task);
	for (size_t i = 0; i < task->n_assets; i++)
		if (was_refused(&task->assets[i]))
			return true;
	return task->finished < task->total || task->finished_unix_ms == 0;
}

struct task *task_new(void)
{
	struct task *task = calloc(1, sizeof(*task));

	if (!task)
		return NULL;
	task->arena = arena_make(TASK_STRINGS_MAX);
	task->state = TASK_UNKNOWN;
	task->status = INT64_MIN;
	task->queue = (struct task_queue){ -1, -1, -1 };
	task->forecast_generate_s = -1;
	task->forecast_queue_s = -1;
	task->polls = -1;
	task->requests_micro = -1;
	return task;
}

struct asset *task_asset(const struct task *task, int index)
{
	for (size_t i = 0; i < task->n_assets; i++)
		if (task->assets[i].index == index)
			return &task->assets[i];
	return NULL;
}

void task_free(struct task *task)
{
	if (!task)
		return;
	arena_release(&task->arena);
	free(task);
}

void task_freep(struct task **task)
{
	task_free(*task);
	*task = NULL;
}
