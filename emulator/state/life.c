#include "state/life.h"

#include <math.h>

#include "common/hash.h"

/* What the seed is mixed with, so that choices do not depend on each other. */
enum choice {
	CHOICE_DURATION = 1,
	CHOICE_SHAPE,
	CHOICE_QUEUE,
	CHOICE_LENGTH,
	CHOICE_FORECAST,
	CHOICE_THINK,
};

/* How an image task runs: fractions of its length, and how often it is so. */
static const struct shape {
	double share; /* upper end of the draw */
	int items;
	double think, partial, first_item;
} shapes[] = {
	{ 0.55, 4, 0.07, 0.22, 0.55 },
	{ 0.80, 1, 0.00, 0.10, 0.80 },
	{ 0.90, 1, 0.08, 0.28, 0.82 },
	{ 1.00, 4, 1.00, 1.00, 1.00 },
};

static const struct life_failure failures[] = {
	{ OUTCOME_REJECT_TEXT, 10, "2038", "InputTextRisk",
	    "web_text_violates_community_guidelines_toast",
	    "你输入的文字不符合平台规则，请修改后重试" },
	{ OUTCOME_REJECT_OUTPUT, 40, "2041", "OutputImageRisk",
	    "web_image_violates_community_guidelines_toast", "生成的图片未通过审核" },
	{ OUTCOME_FAIL, 30, "100402", "GenerateFailed", "web_fail2generate_input_retry",
	    "生成失败，请重试" },
	{ OUTCOME_FAIL_EMPTY_CODE, 30, "", "", "web_fail2generate_copyright_block",
	    "内容可能涉及版权，请修改后重试" },
	{ OUTCOME_FAIL_WITH_ITEMS, 30, "100402", "GenerateFailed",
	    "web_fail2generate_input_retry", "生成失败，请重试" },
	{ OUTCOME_CANCEL, 30, NULL, NULL, "", "" },
	{ OUTCOME_DELETED, 100, "0", "Success", "", "" },
};

static const struct life_failure *failure_of(enum outcome outcome)
{
	for (unsigned i = 0; i < sizeof(failures) / sizeof(failures[0]); i++)
		if (failures[i].outcome == outcome)
			return &failures[i];
	return NULL;
}

/* Seconds that a queue of this length takes: 500 to 900 a minute when it is long. */
static double queue_seconds(int place)
{
	double rate = 1.0 + place / 100.0;

	return place / (rate < 12.0 ? rate : 12.0);
}

static int first_place(const struct wishes *wishes, enum task_kind kind, uint64_t seed)
{
	if (wishes->queue >= 0)
		return wishes->queue;
	if (!kind_row(kind)->queues)
		return 0;
	return 1 + (int)hash_below(hash_mix(seed, CHOICE_QUEUE), 24);
}

static const struct shape *shape_of(uint64_t seed)
{
	double draw = hash_unit(hash_mix(seed, CHOICE_SHAPE));
	const struct shape *shape = shapes;

	while (draw >= shape->share)
		shape++;
	return shape;
}

/* When the task ends, as a fraction of the length a good one would have. */
static double end_fraction(enum outcome outcome, double length)
{
	switch (outcome) {
	case OUTCOME_REJECT_TEXT:
		return length > 8.0 ? 2.0 / length : 0.25;
	case OUTCOME_CANCEL:
		return 0.3;
	case OUTCOME_SUCCESS:
	case OUTCOME_REJECT_OUTPUT:
	case OUTCOME_FAIL:
	case OUTCOME_FAIL_EMPTY_CODE:
	case OUTCOME_FAIL_WITH_ITEMS:
	case OUTCOME_DELETED:
	case OUTCOME_ONE_MISSING:
	case OUTCOME_NO_ASSETS:
		return 1.0;
	case OUTCOME_STUCK:
		break;
	}
	return HUGE_VAL;
}

struct life life_make(const struct clock *clock, enum task_kind kind,
    const struct wishes *wishes, uint64_t seed, int64_t created_ms)
{
	const struct kind_row *row = kind_row(kind);
	const struct shape *shape = shape_of(seed);
	uint64_t draw = hash_mix(seed, CHOICE_DURATION);
	double length = wishes->seconds > 0.0
	    ? wishes->seconds
	    : hash_lognormal(draw, row->median_s, row->sigma);
	double end = end_fraction(wishes->outcome, length);
	struct life life = {
		.kind = kind,
		.outcome = wishes->outcome,
		.seed = seed,
		.created_ms = created_ms,
		.queue_start = first_place(wishes, kind, seed),
		.items = kind == KIND_IMAGE && wishes->items ? wishes->items
		    : row->items			     ? row->items
							     : shape->items,
		.odd_status = wishes->odd_status,
		.final_status = wishes->final_status,
		.duplicates = wishes->duplicates,
	};
	int64_t start =
	    created_ms + clock_span_ms(clock, queue_seconds(life.queue_start));

	life.queued_until = start;
	life.think_at = start + clock_span_ms(clock, length * shape->think);
	life.partial_at = start + clock_span_ms(clock, length * shape->partial);
	life.first_item_at = start + clock_span_ms(clock, length * shape->first_item);
	life.end_at =
	    end == HUGE_VAL ? INT64_MAX : start + clock_span_ms(clock, length * end);
	return life;
}

/* A falling place that is now and then higher than a moment ago: others push in. */
static void look_queue(const struct life *life, int64_t now, struct life_view *view)
{
	int64_t total = life->queued_until - life->created_ms;
	double left = (double)(life->queued_until - now) / (double)total;
	uint64_t bucket = (uint64_t)((1.0 - left) * 24.0);
	double push = hash_unit(hash_mix(hash_mix(life->seed, CHOICE_QUEUE), bucket));
	int place =
	    (int)(life->queue_start * left + push * 0.08 * life->queue_start * left);

	view->queue_status = 1;
	view->queue_idx = place < 1 ? 1 : place;
	view->queue_length = view->queue_idx +
	    (int)hash_below(
		hash_mix(life->seed, CHOICE_LENGTH), (uint32_t)life->queue_start * 3 + 1);
}

static int items_by(const struct life *life, int64_t now)
{
	int64_t last = life->end_at == INT64_MAX
	    ? INT64_MAX
	    : life->end_at - (life->end_at - life->first_item_at) / 8;
	int64_t step;
	int64_t count;

	if (now < life->first_item_at || last == INT64_MAX)
		return 0;
	if (life->outcome != OUTCOME_SUCCESS && life->outcome != OUTCOME_ONE_MISSING)
		return 0;
	if (life->items == 1)
		return 1;
	step = (last - life->first_item_at) / (life->items - 1);
	count = step > 0 ? 1 + (now - life->first_item_at) / step : life->items;
	return count < life->items ? (int)count : life->items;
}

int64_t life_first_item_ms(const struct life *life)
{
	if (life->kind != KIND_IMAGE || life->first_item_at >= life->end_at ||
	    items_by(life, life->first_item_at) == 0)
		return INT64_MAX;
	return life->first_item_at;
}

static void look_running(const struct life *life, int64_t now, struct life_view *view)
{
	view->status = 20;
	if (now < life->queued_until) {
		look_queue(life, now, view);
	} else {
		view->queue_status = 2;
		if (life->kind == KIND_IMAGE) {
			if (now >= life->partial_at)
				view->status = 45;
			else if (now >= life->think_at)
				view->status = 42;
			view->items = items_by(life, now);
		}
		if (life->odd_status)
			view->status = life->odd_status;
	}
	if (life->outcome == OUTCOME_ONE_MISSING && view->items == life->items)
		view->items--;
	view->task_status = view->status;
}

static void look_ended(const struct life *life, struct life_view *view)
{
	view->is_ended = true;
	view->finish_ms = life->end_at;
	view->queue_status = 3;
	view->failure = failure_of(life->outcome);
	if (view->failure) {
		view->task_status = view->failure->task_status;
		view->status = view->task_status == 100 ? 100 : 30;
		if (life->outcome == OUTCOME_FAIL_WITH_ITEMS)
			view->items = (life->items + 1) / 2;
		return;
	}
	view->status = life->final_status ? life->final_status : 50;
	view->task_status = view->status;
	view->items = life->items;
	view->is_empty = life->outcome == OUTCOME_NO_ASSETS;
	if (life->outcome == OUTCOME_ONE_MISSING) {
		view->items--;
		view->failed_items = 1;
	}
}

struct life_view life_look(const struct life *life, int64_t now_ms)
{
	double spread = 0.8 + 0.8 * hash_unit(hash_mix(life->seed, CHOICE_FORECAST));
	int64_t length = life->first_item_at - life->queued_until;
	struct life_view view = { 0 };

	if (life->end_at != INT64_MAX)
		length = life->end_at - life->queued_until;
	view.forecast_s = 1 + (int)((double)length / 1000.0 * 1.5 * spread);
	if (now_ms >= life->end_at)
		look_ended(life, &view);
	else
		look_running(life, now_ms, &view);
	return view;
}
