/* A file gets its location: chosen, committed, never over another. */
#include "suite.h"

static void what_is_committed_is_there(void **state)
{
	struct room *room = *state;
	TEXT expected = at(room, "a/b/x.gif");
	TEXT place = at(room, "a/b");
	TEXT location = store(room, "id.0", PICTURE("1"), "a/b/x.gif");
	TEXT lies_in = location_place(location);

	assert_string_equal(location, expected);
	assert_picture(room, location, PICTURE("1"));
	assert_there(room, 1, 0);
	assert_true(sink_is_below(room->sink, location));
	assert_string_equal(location_below(room->place, location), "a/b/x.gif");
	assert_string_equal(lies_in, place);
	assert_true(location_go_up(lies_in) && location_go_up(lies_in));
	assert_string_equal(lies_in, room->place);
	assert_int_equal(scan(room, room->place, false).files, 0);
	assert_int_equal(scan(room, place, false).files, 1);
}

static void choosing_stores_nothing(void **state)
{
	struct room *room = *state;
	struct partial *partial = begin_picture(room, "id.0", PICTURE("1"));
	struct sealed sealed;
	TEXT location = choose(partial, "x.gif", &sealed);

	assert_int_equal(stored_size(room->sinks, location, -1), -1);
	partial_close(partial);
	assert_there(room, 0, 1);
}

static void nothing_is_overwritten(void **state)
{
	struct room *room = *state;
	TEXT mine = at(room, "x.gif");
	TEXT location = NULL;

	world.put(mine, "precious", 8);
	location = store(room, "id.0", PICTURE("1"), "x.gif");
	assert_string_not_equal(location, mine);
	assert_picture(room, location, PICTURE("1"));
	assert_int_equal(state_of(room, mine, "precious", 8), FILE_GOOD);
}

static void the_same_bytes_need_no_second_file(void **state)
{
	struct room *room = *state;
	TEXT first = store(room, "id.0", PICTURE("1"), "x.gif");
	TEXT again = store(room, "id.0", PICTURE("1"), "x.gif");
	TEXT other = store(room, "id.0", PICTURE("2"), "x.gif");
	TEXT other_again = store(room, "id.1", PICTURE("2"), "x.gif");

	assert_string_equal(first, again);
	assert_string_equal(other, other_again);
	assert_string_not_equal(first, other);
	assert_there(room, 2, 0);
}

static void a_location_that_is_taken_meanwhile(void **state)
{
	struct room *room = *state;
	struct partial *partial = begin_picture(room, "id.0", PICTURE("1"));
	struct sealed sealed;
	bool is_taken = false;
	TEXT location = choose(partial, "x.gif", &sealed);
	TEXT other = NULL;

	world.put(location, "somebody else's", 15);
	assert_int_equal(
	    steps_commit(partial, location, &sealed, &is_taken, &err), ERR_OK);
	assert_true(is_taken);
	assert_int_equal(state_of(room, location, "somebody else's", 15), FILE_GOOD);
	assert_int_equal(partial_choose(partial, "x.gif", &sealed, &other, &err), ERR_OK);
	assert_int_equal(steps_commit(partial, other, &sealed, &is_taken, &err), ERR_OK);
	assert_false(is_taken);
	assert_picture(room, other, PICTURE("1"));
	partial_discard(partial); /* committed: must not touch anything */
	assert_picture(room, other, PICTURE("1"));
	assert_there(room, 2, 0);
}

static void a_discard_after_a_commit_spares_the_next_partial(void **state)
{
	struct room *room = *state;
	struct partial *partial = begin_picture(room, "id.0", PICTURE("1")), *next;
	struct sealed sealed;
	bool is_taken;
	TEXT location = choose(partial, "x.gif", &sealed);

	assert_int_equal(
	    steps_commit(partial, location, &sealed, &is_taken, &err), ERR_OK);
	next = begin(room, "id.0", 0);
	write_to(next, "abc", 3);
	partial_discard(partial);
	partial_close(next);
	partial_discard(begin(room, "id.0", 3));
}

static void a_location_of_another_place_is_chosen_again(void **state)
{
	struct room *room = *state;
	struct partial *partial = begin_picture(room, "id.0", PICTURE("1"));
	struct sealed sealed;
	bool is_taken = false;
	TEXT longer = NULL;

	assert_true(asprintf(&longer, "%s-more/x.gif", room->place) > 0);
	assert_false(sink_is_below(room->sink, longer));
	assert_null(location_below(room->place, longer));
	assert_int_equal(steps_seal(partial, &sealed, &err), ERR_OK);
	assert_int_equal(steps_commit(partial, longer, &sealed, &is_taken, &err), ERR_OK);
	assert_true(is_taken);
	partial_discard(partial);
}

static void names_do_not_lead_out(void **state)
{
	static const char *const bad[] = { "../x.gif", "a/../../x.gif", "/x.gif",
		"a//x.gif", "a/", "", ".", "..", "a/..", "./x.gif" };
	struct room *room = *state;
	struct partial *partial = begin_picture(room, "id.0", PICTURE("1"));
	struct sealed sealed;
	char *location = NULL;

	assert_int_equal(steps_seal(partial, &sealed, &err), ERR_OK);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(
		    partial_choose(partial, bad[i], &sealed, &location, &err), ERR_USAGE);
	assert_null(location);
	partial_discard(partial);
}

/* Two with one wish, before either has its location. */
static void what_is_chosen_is_not_chosen_again(void **state)
{
	struct room *room = *state;
	struct partial *first = begin_picture(room, "id.0", PICTURE("1"));
	struct partial *second = begin_picture(room, "id.1", PICTURE("2"));
	struct partial *same = begin_picture(room, "id.2", PICTURE("1"));
	struct sealed sealed;
	TEXT a = choose(first, "x.gif", &sealed);
	TEXT again = choose(first, "x.gif", &sealed);
	TEXT b = choose(second, "x.gif", &sealed);
	TEXT c = choose(same, "x.gif", &sealed);

	assert_string_equal(a, again);
	assert_string_not_equal(a, b);
	assert_string_equal(a, c);
	partial_discard(first);
	partial_discard(same);
	free(TAKE_PTR(b));
	b = choose(second, "x.gif", &sealed);
	assert_string_equal(a, b);
	partial_discard(second);
}

static void what_need_not_be_durable_is_there_all_the_same(void **state)
{
	struct room *room = *state;
	TEXT location = NULL;
	TEXT again = NULL;

	sink_no_sync(room->sink);
	location = store(room, "id.0", PICTURE("1"), "a/x.gif");
	again = store(room, "id.1", PICTURE("1"), "a/x.gif");
	assert_string_equal(location, again);
	assert_picture(room, location, PICTURE("1"));
	assert_there(room, 1, 0);
}

/* Each has its own outcome; those of one folder may share what makes them durable. */
static void several_are_committed_at_once(void **state)
{
	enum { N = 6 };
	static const char *const names[N] = { "d/a.gif", "d/b.gif", "c.gif", "d/e/f.gif",
		"taken.gif", "d/g.gif" };
	struct room *room = *state;
	struct commit commits[N] = { 0 };
	struct sealed sealed[N];
	char *locations[N], key[8], picture[PICTURE_LEN];

	for (size_t i = 0; i < N; i++) {
		(void)snprintf(key, sizeof(key), "id.%zu", i);
		memcpy(picture, PICTURE("1"), PICTURE_LEN);
		picture[PICTURE_LEN - 3] = (char)('a' + i);
		commits[i].partial = begin_picture(room, key, picture);
		commits[i].sealed = &sealed[i];
		locations[i] = choose(commits[i].partial, names[i], &sealed[i]);
		commits[i].location = locations[i];
	}
	world.put(locations[4], "somebody else's", 15);
	commits[5].location = locations[0]; /* two with one wish */
	sink_flush(room->sink, &(struct flush){ .commits = commits, .n_commits = N });
	for (size_t i = 0; i < N; i++) {
		assert_int_equal(commits[i].err.kind, ERR_OK);
		assert_int_equal(commits[i].is_taken, i >= 4);
	}
	for (size_t i = 0; i < N; i++) {
		picture[PICTURE_LEN - 3] = (char)('a' + i);
		if (i < 4)
			assert_picture(room, locations[i], picture);
		partial_close(commits[i].partial);
		free(locations[i]);
	}
	assert_there(room, 5, 2);
	sink_flush(room->sink, &(struct flush){ 0 });
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		ROW(what_is_committed_is_there),
		ROW(choosing_stores_nothing),
		ROW(nothing_is_overwritten),
		ROW(the_same_bytes_need_no_second_file),
		ROW(a_location_that_is_taken_meanwhile),
		ROW(a_discard_after_a_commit_spares_the_next_partial),
		ROW(a_location_of_another_place_is_chosen_again),
		ROW(names_do_not_lead_out),
		ROW(what_is_chosen_is_not_chosen_again),
		ROW(what_need_not_be_durable_is_there_all_the_same),
		ROW(several_are_committed_at_once),
	};

	return cmocka_run_group_tests_name(world.name, tests, NULL, NULL);
}
