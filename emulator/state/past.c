#include "state/past.h"

#include <stdio.h>
#include <string.h>

#include "common/hash.h"
#include "common/text.h"

#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

/* What the records of a part are, drawn from its rows. */
static const struct sort_row {
	enum mix_part part;
	enum task_kind kind;
	const char *prompt;
} sort_rows[] = {
	{ MIX_IMAGES, KIND_IMAGE, "一只可爱的小猫坐在阳光下" },
	{ MIX_IMAGES, KIND_IMAGE, "a lighthouse in the fog, oil on canvas" },
	{ MIX_IMAGES, KIND_IMAGE, "水墨山水，留白 [items=4]" },
	{ MIX_IMAGES, KIND_IMAGE, "logo \"dreamq\" & friends [jpeg]" },
	{ MIX_VIDEOS, KIND_VIDEO, "海浪拍打礁石，慢镜头 [queue=0][seconds=120]" },
	{ MIX_VIDEOS, KIND_VIDEO, "a paper boat in the rain [queue=0][seconds=90]" },
	{ MIX_AUDIO, KIND_AUDIO, "春天来了，万物复苏。[seconds=8]" },
	{ MIX_AUDIO, KIND_AUDIO, "good morning, and welcome [seconds=5]" },
	{ MIX_FAILED, KIND_IMAGE, "[reject-text]" },
	{ MIX_FAILED, KIND_IMAGE, "[reject-output]" },
	{ MIX_FAILED, KIND_IMAGE, "[fail-empty-code]" },
	{ MIX_FAILED, KIND_VIDEO, "[fail][queue=0][seconds=60]" },
	{ MIX_FAILED, KIND_VIDEO, "[cancel][queue=0][seconds=60]" },
	{ MIX_RUNNING, KIND_VIDEO, "夜里的城市 [queue=0][seconds=1d]" },
	{ MIX_DELETED, KIND_IMAGE, "[deleted]" },
	{ MIX_GONE, KIND_IMAGE, "an old map [gone]" },
	{ MIX_GONE, KIND_VIDEO, "snow at night [gone][queue=0][seconds=60]" },
};

static const struct sort_row *draw_sort(enum mix_part part, uint64_t draw)
{
	const struct sort_row *last = &sort_rows[0];
	uint32_t of_part = 0;
	uint32_t skip;

	for (size_t i = 0; i < COUNT_OF(sort_rows); i++)
		of_part += sort_rows[i].part == part;
	skip = hash_below(draw, of_part);
	for (size_t i = 0; i < COUNT_OF(sort_rows); i++) {
		if (sort_rows[i].part != part)
			continue;
		last = &sort_rows[i];
		if (skip-- == 0)
			break;
	}
	return last;
}

/* Whose program made it shows in its submit id: a uuid, 16 hex digits, or none at all. */
enum origin {
	ORIGIN_OURS,
	ORIGIN_CLI,
	ORIGIN_NAMELESS,
};

static enum origin draw_origin(const struct mix *mix, uint64_t draw)
{
	if ((int)hash_below(draw, 100) >= mix->elsewhere)
		return ORIGIN_OURS;
	return hash_mix(draw, 1) & 1 ? ORIGIN_CLI : ORIGIN_NAMELESS;
}

static void write_id(enum origin origin, uint64_t draw, char out[40])
{
	const uint64_t rest = hash_mix(draw, 1);

	if (origin == ORIGIN_CLI)
		(void)snprintf(out, 40, "%016llx", (unsigned long long)draw);
	else
		(void)snprintf(out, 40, "%08x-%04x-4%03x-9%03x-%012llx",
		    (unsigned)(draw >> 32), (unsigned)(draw >> 16) & 0xffff,
		    (unsigned)draw & 0xfff, (unsigned)(rest >> 52),
		    (unsigned long long)(rest & 0xffffffffffff));
}

static void make_record(struct store *store, const struct clock *clock,
    struct account *account, const struct mix *mix, const struct sort_row *sort,
    int64_t created_ms)
{
	const uint64_t key = hash_mix(account->key, 1000 + store_count(store, account));
	const enum origin origin = draw_origin(mix, hash_mix(key, 2));
	const struct task *task;
	struct text prompt = { 0 };
	struct new_task want = {
		.kind = sort->kind,
		.model_key = kind_row(sort->kind)->model_key,
		.width = kind_row(sort->kind)->width,
		.height = kind_row(sort->kind)->height,
		.created_ms = created_ms,
		.is_free = true,
		.was_paid = true,
	};
	char id[40];

	write_id(origin, hash_mix(key, 3), id);
	text_puts(&prompt, sort->prompt);
	if (sort->part == MIX_VIDEOS &&
	    (int)hash_below(hash_mix(key, 4), 100) < mix->samples)
		text_puts(&prompt, " [sample=64k][bytes=320k]");
	if (origin == ORIGIN_NAMELESS)
		text_puts(&prompt, " [no-submit-id]");
	want.submit_id = id;
	want.prompt = text_str(&prompt);
	(void)store_accept(store, clock, account, &want, &task);
	text_release(&prompt);
}

/* Which part the record at each place belongs to, in an order that the seed decides. */
static enum mix_part *shuffle(const struct mix *mix, uint64_t seed, int *ret_count)
{
	const int count = mix_count(mix) - mix->parts[MIX_RUNNING];
	enum mix_part *places = mem_new((size_t)count, sizeof(*places));
	int n = 0;

	for (int part = 0; part < MIX_PARTS; part++)
		for (int i = 0; part != MIX_RUNNING && i < mix->parts[part]; i++)
			places[n++] = (enum mix_part)part;
	for (int i = n - 1; i > 0; i--) {
		const uint32_t other =
		    hash_below(hash_mix(seed, (uint64_t)i), (uint32_t)i + 1);
		const enum mix_part moved = places[i];

		places[i] = places[other];
		places[other] = moved;
	}
	*ret_count = n;
	return places;
}

void past_make(struct store *store, const struct clock *clock, struct account *account,
    const struct mix *mix, int64_t now_ms)
{
	const uint64_t seed = hash_mix(account->key, store_count(store, account));
	int count = 0;
	_cleanup_free_ enum mix_part *places = shuffle(mix, seed, &count);

	/* The oldest first, as they came about. */
	for (int i = count - 1; i >= 0; i--) {
		const double age_s = mix->age_s + i * mix->step_s;

		make_record(store, clock, account, mix,
		    draw_sort(places[i], hash_mix(seed, 7000000 + (uint64_t)i)),
		    now_ms - clock_span_ms(clock, age_s));
	}
	for (int i = mix->parts[MIX_RUNNING] - 1; i >= 0; i--)
		make_record(store, clock, account, mix, draw_sort(MIX_RUNNING, 0),
		    now_ms - clock_span_ms(clock, i));
}
