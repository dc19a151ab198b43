#include "service/jimeng/read/verdict.h"

enum {
	STATUS_FAILED_EARLY = -1,
	STATUS_INIT = 0,
	STATUS_QUEUED = 10, /* or a reject: content decides */
	STATUS_SUBMITTED = 20,
	STATUS_FAILED = 30,
	STATUS_REJECTED = 40,
	STATUS_THINKING = 42,
	STATUS_PARTIAL = 45,
	STATUS_DONE = 50,
	STATUS_DELETED = 100,
};

enum { QUEUE_WAITING = 1, QUEUE_ENDED = 3 };

static bool is_failure(int64_t status)
{
	return status == STATUS_FAILED || status == STATUS_REJECTED ||
	    status == STATUS_DELETED || status == STATUS_FAILED_EARLY;
}

static bool is_running(int64_t status)
{
	return status == STATUS_INIT || status == STATUS_SUBMITTED ||
	    status == STATUS_THINKING || status == STATUS_PARTIAL;
}

static bool says_done(const struct facts *facts)
{
	if (facts->status == STATUS_DONE || facts->status == STATUS_QUEUED)
		return true;
	return facts->task_status == STATUS_DONE && !is_failure(facts->status);
}

static bool has_files(const struct facts *facts, const struct poll_memory *memory)
{
	(void)memory;
	return facts->usable > 0;
}

static bool is_finished(const struct facts *facts, const struct poll_memory *memory)
{
	if (!has_files(facts, memory))
		return false;
	return says_done(facts) ||
	    (facts->usable == facts->total && facts->has_finish_time);
}

static bool is_cancelled(const struct facts *facts, const struct poll_memory *memory)
{
	(void)memory;
	return facts->status == STATUS_FAILED && facts->task_status == STATUS_FAILED &&
	    facts->queue_status == QUEUE_ENDED && !facts->fail_code && !facts->fail_key;
}

static bool says_failed(const struct facts *facts)
{
	if (is_failure(facts->status) || is_failure(facts->task_status))
		return true;
	if (facts->usable > 0 && is_running(facts->status) && !facts->has_finish_time)
		return false;
	if (facts->fail_code)
		return true;
	return (facts->fail_key || facts->fail_message) && facts->has_finish_time;
}

/*
 * A failure that gives neither a reason nor a time was once the first state of a task
 * that ended well: it is believed when it stays.
 */
static bool is_bare_failure(const struct facts *facts)
{
	return !facts->fail_code && !facts->has_finish_time && says_failed(facts);
}

static bool is_unproven(const struct facts *facts, const struct poll_memory *memory)
{
	return is_bare_failure(facts) &&
	    (memory->bare_failures < BARE_POLLS ||
		memory->last_ms - memory->first_bare_ms < BARE_MS);
}

static bool is_unproven_with_files(
    const struct facts *facts, const struct poll_memory *memory)
{
	return facts->usable > 0 && is_unproven(facts, memory);
}

static bool is_failed(const struct facts *facts, const struct poll_memory *memory)
{
	(void)memory;
	return says_failed(facts);
}

static bool is_settled(const struct facts *facts, const struct poll_memory *memory)
{
	if (facts->usable == 0 || memory->settled_partials < SETTLED_POLLS)
		return false;
	return facts->told == facts->total ||
	    memory->last_ms - memory->first_settled_ms >= UNTOLD_MS;
}

static bool is_queued(const struct facts *facts, const struct poll_memory *memory)
{
	(void)memory;
	return facts->queue_status == QUEUE_WAITING || facts->status == STATUS_QUEUED ||
	    facts->status == STATUS_INIT;
}

static bool is_empty_success(const struct facts *facts, const struct poll_memory *memory)
{
	return facts->status == STATUS_DONE && memory->empty_successes > GRACE_POLLS;
}

static bool is_anything(const struct facts *facts, const struct poll_memory *memory)
{
	(void)facts;
	(void)memory;
	return true;
}

static const struct rule {
	bool (*applies)(const struct facts *facts, const struct poll_memory *memory);
	enum task_state state;
} rules[] = {
	{ is_finished, TASK_SUCCEEDED },
	{ is_unproven_with_files, TASK_PARTIAL },
	{ is_unproven, TASK_GENERATING },
	{ is_cancelled, TASK_CANCELLED },
	{ is_failed, TASK_FAILED },
	{ is_settled, TASK_SUCCEEDED },
	{ has_files, TASK_PARTIAL },
	{ is_queued, TASK_QUEUED },
	{ is_empty_success, TASK_FAILED },
	{ is_anything, TASK_GENERATING },
};

/* The id is there: count what has to last for some polls in a row. */
static void remember(
    const struct facts *facts, int64_t now_ms, struct poll_memory *memory)
{
	const bool is_empty = facts->status == STATUS_DONE && facts->usable == 0;
	const bool is_settling =
	    facts->usable > 0 && facts->usable + facts->failed == facts->total;
	bool is_short;

	if (!is_settling || memory->settled_usable != facts->usable)
		memory->settled_partials = 0;
	memory->settled_usable = facts->usable;
	if (is_settling && memory->settled_partials++ == 0)
		memory->first_settled_ms = now_ms;
	memory->empty_successes = is_empty ? memory->empty_successes + 1 : 0;
	if (!is_bare_failure(facts))
		memory->bare_failures = 0;
	else if (memory->bare_failures++ == 0)
		memory->first_bare_ms = now_ms;
	is_short = says_done(facts) && facts->usable > 0 &&
	    facts->usable + facts->failed < facts->told;
	memory->short_successes = is_short ? memory->short_successes + 1 : 0;
	memory->last_ms = now_ms;
	memory->polls++;
	memory->was_shown = true;
	memory->absences = 0;
	memory->asked_as_submit = false;
	memory->asked_as_history = false;
}

struct verdict verdict_of(
    const struct facts *facts, int64_t now_ms, struct poll_memory *memory)
{
	const struct rule *rule = rules;
	bool is_doubted;

	remember(facts, now_ms, memory);
	while (!rule->applies(facts, memory))
		rule++;
	is_doubted =
	    rule->applies == is_unproven || rule->applies == is_unproven_with_files;
	return (struct verdict){
		.state = rule->state,
		.is_empty_success = rule->applies == is_empty_success,
		.is_unproven = is_doubted,
		.is_hasty = rule->applies == is_finished && memory->short_successes > 0 &&
		    memory->short_successes <= GRACE_POLLS,
		.may_have_ended =
		    is_doubted || says_done(facts) || facts->has_finish_time,
	};
}

int64_t verdict_absence_ms(bool was_shown)
{
	return was_shown ? SHOWN_ABSENCE_MS : ABSENCE_MS;
}

enum task_state verdict_absent(int64_t now_ms, struct poll_memory *memory)
{
	const unsigned polls = memory->was_shown ? SHOWN_ABSENCE_POLLS : ABSENCE_POLLS;

	memory->polls++;
	memory->empty_successes = 0;
	memory->settled_partials = 0;
	memory->bare_failures = 0;
	if (memory->absences++ == 0)
		memory->first_absence_ms = now_ms;
	if (memory->absences < polls ||
	    now_ms - memory->first_absence_ms < verdict_absence_ms(memory->was_shown))
		return TASK_UNKNOWN;
	return memory->asked_as_submit && memory->asked_as_history ? TASK_NOT_FOUND
								   : TASK_UNKNOWN;
}

bool verdict_knows_status(int64_t status)
{
	return is_failure(status) || is_running(status) || status == STATUS_QUEUED ||
	    status == STATUS_DONE;
}
