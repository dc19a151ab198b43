/*
 * A file on its way: begun, written, trusted, sealed, committed, and killed in between.
 */
#include "suite.h"

/* --- partials ---------------------------------------------------------------------- */

static void the_seal_tells_what_is_there(void **state)
{
	struct room *room = *state;
	struct partial *partial = begin_picture(room, "id.0", PICTURE("1"));
	char md5[HASH_HEX_MAX];
	struct sealed sealed;

	assert_int_equal(steps_seal(partial, &sealed, &err), ERR_OK);
	assert_int_equal(sealed.size_bytes, PICTURE_LEN);
	assert_string_equal(sealed.sha256, want_of(PICTURE("1"), PICTURE_LEN).sha256);
	assert_int_equal(
	    hash_text(HASH_MD5, PICTURE("1"), PICTURE_LEN, md5, &err), ERR_OK);
	assert_string_equal(sealed.md5, md5);
	assert_string_equal(sealed.type->format, "gif");
	assert_there(room, 0, 1);
	partial_discard(partial);
	assert_there(room, 0, 0);
}

static void bad_bytes_stay_in_the_partial(void **state)
{
	struct room *room = *state;
	struct partial *partial = begin(room, "id.0", 0);
	struct sealed sealed = { .size_bytes = 77 };

	write_to(partial, "<html>", 6);
	assert_int_equal(steps_seal(partial, &sealed, &err), ERR_CONTRACT);
	assert_int_equal(sealed.size_bytes, 77);
	partial_close(partial);
	partial = begin(room, "id.0", 6);
	assert_int_equal(partial_truncate(partial, 0, &err), ERR_OK);
	write_to(partial, PICTURE("1"), PICTURE_LEN);
	assert_int_equal(steps_seal(partial, &sealed, &err), ERR_OK);
	partial_discard(partial);
}

static void a_partial_goes_on_where_it_stopped(void **state)
{
	struct room *room = *state;
	struct partial *partial = begin(room, "id.0", 0);
	char bytes[PICTURE_LEN] = "";

	write_to(partial, PICTURE("1"), 10);
	partial_close(partial);
	partial = begin(room, "id.0", 10);
	assert_int_equal(partial_truncate(partial, 11, &err), ERR_USAGE);
	assert_int_equal(partial_truncate(partial, 7, &err), ERR_OK);
	write_to(partial, &PICTURE("1")[7], PICTURE_LEN - 7);
	assert_int_equal(partial_read(partial, 0, bytes, PICTURE_LEN, &err), ERR_OK);
	assert_memory_equal(bytes, PICTURE("1"), PICTURE_LEN);
	assert_int_equal(partial_read(partial, 5, bytes, 3, &err), ERR_OK);
	assert_memory_equal(bytes, &PICTURE("1")[5], 3);
	assert_int_equal(partial_read(partial, PICTURE_LEN, bytes, 1, &err), ERR_IO);
	partial_discard(partial);
}

static void nothing_written_leaves_nothing(void **state)
{
	struct room *room = *state;

	partial_close(begin(room, "id.0", 0));
	assert_there(room, 0, 0);
	partial_close(NULL);
	partial_discard(NULL);
	sink_free(NULL);
	sinks_free(NULL);
}

static void keys_are_checked(void **state)
{
	static const char *const bad[] = { "", "a/b", "../x", "a b", "a\n", "图", "a:b" };
	struct room *room = *state;
	struct partial *partial = NULL;
	char longest[202] = "";
	uint64_t size;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(
		    partial_begin(room->sink, bad[i], &partial, &size, &err), ERR_USAGE);
	memset(longest, 'x', 201);
	assert_int_equal(
	    partial_begin(room->sink, longest, &partial, &size, &err), ERR_USAGE);
	assert_null(partial);
	longest[200] = '\0';
	partial_close(begin(room, longest, 0));
}

static void a_second_owner_is_told_so(void **state)
{
	struct room *room = *state;
	struct partial *partial = begin(room, "id.0", 0), *other = NULL;
	struct sink *second = NULL;
	uint64_t size = 5;

	assert_int_equal(sink_open(room->place, &second, &err), ERR_OK);
	assert_int_equal(
	    partial_begin(room->sink, "id.0", &other, &size, &err), ERR_BUSY);
	assert_int_equal(partial_begin(second, "id.0", &other, &size, &err), ERR_BUSY);
	assert_int_equal(size, 5);
	assert_null(other);
	partial_close(begin(room, "id.1", 0));
	write_to(partial, "abc", 3);
	partial_close(partial);
	assert_int_equal(partial_begin(second, "id.0", &other, &size, &err), ERR_OK);
	assert_int_equal(size, 3);
	partial_discard(other);
	sink_free(second);
}

/* --- what may be built upon ------------------------------------------------------ */

static void trust(struct room *room, const struct synced *synced, uint64_t there_bytes,
    uint64_t left_bytes)
{
	struct partial *partial = begin(room, "id.0", there_bytes);
	uint64_t left = 99;

	assert_int_equal(partial_trust(partial, synced, &left, &err), ERR_OK);
	assert_int_equal(left, left_bytes);
	partial_close(partial);
}

/* A partial with a picture, of which 10 bytes are synced. */
static struct synced leave_synced(struct room *room)
{
	struct partial *partial = begin(room, "id.0", 0);
	struct synced synced = { 0 };

	write_to(partial, PICTURE("1"), 10);
	assert_int_equal(partial_sync(partial, 10, &synced, &err), ERR_OK);
	assert_int_equal(synced.size_bytes, 10);
	assert_string_equal(synced.sha256, want_of(PICTURE("1"), 10).sha256);
	write_to(partial, &PICTURE("1")[10], PICTURE_LEN - 10);
	partial_close(partial);
	return synced;
}

static void what_is_synced_is_as_much_as_was_asked_or_more(void **state)
{
	struct room *room = *state;
	struct partial *partial = begin_picture(room, "id.0", PICTURE("1"));
	struct synced synced = { 0 };

	assert_int_equal(partial_sync(partial, 10, &synced, &err), ERR_OK);
	assert_in_range(synced.size_bytes, 10, PICTURE_LEN);
	assert_string_equal(
	    synced.sha256, want_of(PICTURE("1"), synced.size_bytes).sha256);
	partial_close(partial);
	trust(room, &synced, PICTURE_LEN, synced.size_bytes);
}

static void what_was_synced_is_trusted_and_no_more(void **state)
{
	struct room *room = *state;
	const struct synced synced = leave_synced(room), nothing = { 0 };

	trust(room, &synced, PICTURE_LEN, 10);
	trust(room, &synced, 10, 10);
	trust(room, &nothing, 10, 0);
	assert_there(room, 0, 0);
}

static void other_bytes_are_not_trusted(void **state)
{
	struct room *room = *state;
	TEXT partial = stored_partial_at(room->sinks, room->place, "id.0");
	struct synced synced = leave_synced(room);

	world.damage(partial, 9);
	trust(room, &synced, PICTURE_LEN, 0);
	assert_there(room, 0, 0);
	synced = leave_synced(room);
	world.cut(partial, 9);
	trust(room, &synced, 9, 0);
	assert_there(room, 0, 0);
	synced = leave_synced(room);
	world.damage(partial, 10); /* behind what is vouched for */
	trust(room, &synced, PICTURE_LEN, 10);
}

static void the_sum_goes_on_behind_what_is_trusted(void **state)
{
	struct room *room = *state;
	struct synced synced = leave_synced(room);
	struct partial *partial = begin(room, "id.0", PICTURE_LEN);
	uint64_t left = 0;

	assert_int_equal(partial_trust(partial, &synced, &left, &err), ERR_OK);
	write_to(partial, &PICTURE("1")[10], PICTURE_LEN - 10);
	assert_int_equal(partial_sync(partial, PICTURE_LEN, &synced, &err), ERR_OK);
	assert_string_equal(synced.sha256, want_of(PICTURE("1"), PICTURE_LEN).sha256);
	partial_discard(partial);
}

/* --- killed between two steps ---------------------------------------------------- */

struct killed {
	const char *place;
	unsigned steps; /* that are done before the end */
};

enum { STEPS = 7 };

static void go_some_steps(void *payload)
{
	const struct killed *killed = payload;
	struct partial *partial = NULL;
	struct sink *sink = NULL;
	struct synced synced;
	struct sealed sealed;
	TEXT location = NULL;
	bool is_taken;
	uint64_t size;
	struct err why;

	if (sink_open(killed->place, &sink, &why) ||
	    partial_begin(sink, "id.0", &partial, &size, &why))
		return;
	for (unsigned step = 1; step < killed->steps; step++) {
		switch (step) {
		case 1:
			(void)partial_write(partial, PICTURE("1"), 10, &why);
			break;
		case 2:
			(void)partial_sync(partial, 10, &synced, &why);
			break;
		case 3:
			(void)partial_write(
			    partial, &PICTURE("1")[10], PICTURE_LEN - 10, &why);
			break;
		case 4:
			(void)steps_seal(partial, &sealed, &why);
			break;
		case 5:
			(void)partial_choose(partial, "x.gif", &sealed, &location, &why);
			break;
		case 6:
			(void)steps_commit(partial, location, &sealed, &is_taken, &why);
			break;
		default:
			break;
		}
	}
}

/* What a run does that knows of the 10 bytes. */
static void go_on_after(struct room *room, unsigned steps)
{
	const struct synced known = want_of(PICTURE("1"), 10);
	struct partial *partial = NULL;
	struct sealed sealed;
	TEXT location = NULL;
	uint64_t left = 0;
	bool is_taken = true;

	assert_int_equal(
	    partial_begin(room->sink, "id.0", &partial, &left, &err), ERR_OK);
	assert_int_equal(partial_trust(partial, &known, &left, &err), ERR_OK);
	assert_int_equal(left, steps > 2 && steps <= 6 ? 10 : left);
	assert_true(left == 0 || left == 10);
	write_to(partial, &PICTURE("1")[left], PICTURE_LEN - left);
	location = choose(partial, "x.gif", &sealed);
	assert_int_equal(
	    steps_commit(partial, location, &sealed, &is_taken, &err), ERR_OK);
	assert_false(is_taken);
	partial_close(partial);
	assert_picture(room, location, PICTURE("1"));
	assert_there(room, 1, 0);
}

static void killed_between_two_steps(void **state)
{
	struct room *room = *state;

	for (unsigned steps = 1; steps <= STEPS; steps++) {
		TEXT place = NULL;
		struct room inner = { .sinks = room->sinks };
		struct killed killed = { .steps = steps };

		assert_true(asprintf(&place, "%s/%u", room->place, steps) > 0);
		(void)strcpy(inner.place, place);
		killed.place = place;
		sink_free(TAKE_PTR(room->sink)); /* it would be killed, too */
		world.killed_after(go_some_steps, &killed);
		assert_int_equal(sink_open(room->place, &room->sink, &err), ERR_OK);
		assert_int_equal(sink_open(place, &inner.sink, &err), ERR_OK);
		go_on_after(&inner, steps);
		sink_free(inner.sink);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		ROW(the_seal_tells_what_is_there),
		ROW(bad_bytes_stay_in_the_partial),
		ROW(a_partial_goes_on_where_it_stopped),
		ROW(nothing_written_leaves_nothing),
		ROW(keys_are_checked),
		ROW(a_second_owner_is_told_so),
		ROW(what_was_synced_is_trusted_and_no_more),
		ROW(what_is_synced_is_as_much_as_was_asked_or_more),
		ROW(other_bytes_are_not_trusted),
		ROW(the_sum_goes_on_behind_what_is_trusted),
		ROW(killed_between_two_steps),
	};

	return cmocka_run_group_tests_name(world.name, tests, NULL, NULL);
}
