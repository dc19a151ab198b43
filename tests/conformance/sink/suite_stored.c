/* What is stored, wherever: looked at, copied, noted, looked through, moved. */
#include "suite.h"

/* --- what is stored -------------------------------------------------------------- */

static void what_is_there_is_told(void **state)
{
	struct room *room = *state;
	TEXT location = store(room, "id.0", PICTURE("1"), "x.gif");
	TEXT gone = at(room, "gone.gif");
	const struct synced want = want_of(PICTURE("1"), PICTURE_LEN);
	_Atomic uint64_t bytes = 5;
	atomic_bool is_stopped = false;
	const struct file_watch watch = { &is_stopped, &bytes };
	struct file_found found;

	assert_int_equal(
	    stored_check(room->sinks, location, &want, &watch, &found, &err), ERR_OK);
	assert_int_equal(found.state, FILE_GOOD);
	assert_int_equal(found.bytes, PICTURE_LEN);
	assert_string_equal(found.sha256, want.sha256);
	assert_int_equal(atomic_load(&bytes), 5 + PICTURE_LEN);
	atomic_store(&is_stopped, true);
	assert_int_equal(stored_check(room->sinks, location, &want, &watch, &found, &err),
	    ERR_CANCELLED);
	assert_int_equal(
	    state_of(room, location, PICTURE("2"), PICTURE_LEN), FILE_OTHER_BYTES);
	assert_int_equal(state_of(room, location, PICTURE("1"), 5), FILE_OTHER_SIZE);
	assert_int_equal(state_of(room, gone, PICTURE("1"), PICTURE_LEN), FILE_MISSING);
	assert_int_equal(stored_size(room->sinks, gone, -1), -1);
	assert_false(stored_place_is_gone(room->sinks, location));
}

static void the_same_bytes_are_settled(void **state)
{
	struct room *room = *state;
	TEXT location = store(room, "id.0", PICTURE("1"), "a/x.gif");
	TEXT gone = at(room, "gone.gif");
	struct synced want = want_of(PICTURE("1"), PICTURE_LEN);
	bool matches = false;

	assert_int_equal(stored_settle(room->sinks, location, PICTURE_LEN, want.sha256,
			     &matches, &err),
	    ERR_OK);
	assert_true(matches);
	assert_int_equal(stored_settle(room->sinks, location, PICTURE_LEN + 1,
			     want.sha256, &matches, &err),
	    ERR_OK);
	assert_false(matches);
	matches = true;
	assert_int_equal(
	    stored_settle(room->sinks, gone, PICTURE_LEN, want.sha256, &matches, &err),
	    ERR_OK);
	assert_false(matches);
	want.sha256[0] = want.sha256[0] == 'a' ? 'b' : 'a';
	matches = true;
	assert_int_equal(stored_settle(room->sinks, location, PICTURE_LEN, want.sha256,
			     &matches, &err),
	    ERR_OK);
	assert_false(matches);
}

static void bytes_are_copied_between_places(void **state)
{
	struct room *room = *state;
	TEXT from = store(room, "id.0", PICTURE("1"), "here/x.gif");
	TEXT gone = at(room, "gone.gif");
	TEXT there = at(room, "there");
	struct room other = { .sinks = room->sinks };
	struct partial *partial;
	struct sealed sealed;

	(void)strcpy(other.place, there);
	assert_int_equal(sink_open(there, &other.sink, &err), ERR_OK);
	partial = begin(&other, "id.0", 0);
	assert_int_equal(stored_copy(room->sinks, gone, partial, &err), ERR_IO);
	assert_int_equal(stored_copy(room->sinks, from, partial, &err), ERR_OK);
	assert_int_equal(steps_seal(partial, &sealed, &err), ERR_OK);
	assert_string_equal(sealed.sha256, want_of(PICTURE("1"), PICTURE_LEN).sha256);
	partial_discard(partial);
	assert_picture(room, from, PICTURE("1"));
	sink_free(other.sink);
}

static void notes_lie_beside_files(void **state)
{
	struct room *room = *state;
	TEXT a = at(room, "a.json");
	TEXT b = at(room, "b.json");
	TEXT mine = at(room, "mine.json");
	const char *const locations[] = { a, mine, b };
	struct note note = { locations, 3, "{id-1: one}\n", "id-1" };
	struct err taken = { .kind = ERR_NET };

	world.put(mine, "precious", 8);
	assert_int_equal(stored_note(room->sinks, &note, &taken, &err), ERR_OK);
	assert_int_equal(taken.kind, ERR_IO);
	assert_non_null(strstr(taken.msg, "mine.json"));
	assert_int_equal(state_of(room, mine, "precious", 8), FILE_GOOD);
	assert_int_equal(state_of(room, a, note.text, strlen(note.text)), FILE_GOOD);
	assert_int_equal(state_of(room, b, note.text, strlen(note.text)), FILE_GOOD);
	note.text = "{id-1: more than one}\n";
	note.n = 1;
	assert_int_equal(stored_note(room->sinks, &note, &taken, &err), ERR_OK);
	assert_int_equal(taken.kind, ERR_OK);
	assert_int_equal(state_of(room, a, note.text, strlen(note.text)), FILE_GOOD);
	assert_int_equal(stored_note(room->sinks, &note, &taken, &err), ERR_OK);
	note.n = 0;
	assert_int_equal(stored_note(room->sinks, &note, &taken, &err), ERR_OK);
	assert_there(room, 3, 0);
}

/* --- looking through ------------------------------------------------------------- */

static void a_scan_finds_what_was_stored_and_every_partial(void **state)
{
	struct room *room = *state;
	TEXT a = store(room, "id.0", PICTURE("1"), "a.gif");
	TEXT b = store(room, "id.1", PICTURE("2"), "d/b.gif");
	TEXT partial = stored_partial_at(room->sinks, room->place, "id_1-X.12");
	TEXT nowhere = at(room, "nowhere");
	struct seen seen;

	partial_close(begin_picture(room, "id_1-X.12", PICTURE("3")));
	partial_close(begin_picture(room, "of-no-file", PICTURE("3")));
	seen = scan(room, room->place, false);
	assert_int_equal(seen.files, 1);
	assert_int_equal(seen.partials, 1);
	assert_string_equal(seen.location, partial);
	assert_string_equal(seen.id, "id_1-X");
	assert_int_equal(seen.index, 12);
	assert_there(room, 2, 1);
	seen = scan(room, nowhere, true);
	assert_int_equal(seen.files + seen.partials, 0);
	seen = (struct seen){ .max = 1 };
	assert_int_equal(
	    stored_scan(room->sinks, room->place, true, see, &seen, &err), ERR_OK);
	assert_int_equal(seen.files + seen.partials, 1);
}

static bool yes(void *payload)
{
	return *(bool *)payload;
}

static void only_what_nobody_holds_is_removed(void **state)
{
	struct room *room = *state;
	TEXT location = stored_partial_at(room->sinks, room->place, "id.0");
	struct partial *partial = begin_picture(room, "id.0", PICTURE("1"));
	bool may_go = true, is_removed = true;

	assert_true(stored_is_held(room->sinks, location));
	assert_int_equal(
	    stored_remove(room->sinks, location, yes, &may_go, &is_removed, &err),
	    ERR_OK);
	assert_false(is_removed);
	partial_close(partial);
	assert_false(stored_is_held(room->sinks, location));
	may_go = false;
	assert_int_equal(
	    stored_remove(room->sinks, location, yes, &may_go, &is_removed, &err),
	    ERR_OK);
	assert_false(is_removed);
	assert_there(room, 0, 1);
	may_go = true;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(
		    stored_remove(room->sinks, location, yes, &may_go, &is_removed, &err),
		    ERR_OK);
		assert_int_equal(is_removed, i == 0);
	}
	assert_there(room, 0, 0);
}

static void moving_replaces_nothing(void **state)
{
	struct room *room = *state;
	TEXT a = store(room, "id.0", PICTURE("1"), "a.gif");
	TEXT b = store(room, "id.1", PICTURE("2"), "b.gif");
	TEXT aside = at(room, "a.gif.altered");
	TEXT copy = at(room, "new/a.gif");
	bool exists = false;

	assert_int_equal(stored_move(room->sinks, a, b, &exists, &err), ERR_OK);
	assert_true(exists);
	assert_picture(room, a, PICTURE("1"));
	assert_picture(room, b, PICTURE("2"));
	assert_int_equal(stored_move(room->sinks, a, aside, &exists, &err), ERR_OK);
	assert_false(exists);
	assert_int_equal(stored_size(room->sinks, a, -1), -1);
	assert_picture(room, aside, PICTURE("1"));
	assert_int_equal(stored_duplicate(room->sinks, aside, copy, &err), ERR_OK);
	assert_picture(room, aside, PICTURE("1"));
	assert_picture(room, copy, PICTURE("1"));
	assert_int_equal(stored_duplicate(room->sinks, aside, b, &err), ERR_IO);
	assert_picture(room, b, PICTURE("2"));
	assert_int_not_equal(stored_duplicate(room->sinks, a, b, &err), ERR_OK);
}

static void files_get_other_places(void **state)
{
	struct room *room = *state;
	TEXT a = store(room, "id.0", PICTURE("1"), "old/a.gif");
	TEXT b = store(room, "id.1", PICTURE("2"), "old/b.gif");
	TEXT new_a = at(room, "new/deep/a.gif");
	TEXT gone = at(room, "gone.gif");
	struct relocation moves[] = { { .from = a, .to = new_a }, { .from = a, .to = b },
		{ .from = gone, .to = a }, { .from = a, .to = "x" } };

	assert_int_equal(stored_look(room->sinks, gone, NULL), STORED_NOTHING);
	assert_int_equal(stored_look(room->sinks, a, b), STORED_OTHER);
	stored_give(room->sinks, room->place, moves, 4);
	assert_int_equal(moves[0].err.kind, ERR_OK);
	assert_false(moves[0].is_taken);
	assert_true(moves[1].is_taken);
	assert_int_not_equal(moves[2].err.kind, ERR_OK);
	assert_int_equal(moves[3].err.kind, ERR_USAGE);
	assert_picture(room, a, PICTURE("1"));
	assert_picture(room, new_a, PICTURE("1"));
	assert_picture(room, b, PICTURE("2"));
	assert_int_equal(stored_look(room->sinks, new_a, a), STORED_SAME);
	stored_give(room->sinks, room->place, moves, 1); /* as after a kill */
	assert_int_equal(moves[0].err.kind, ERR_OK);
	assert_false(moves[0].is_taken);

	stored_take(room->sinks, room->place, moves, 2); /* b is another file */
	assert_int_equal(moves[0].err.kind, ERR_OK);
	assert_int_equal(stored_size(room->sinks, a, -1), -1);
	assert_picture(room, new_a, PICTURE("1"));
	assert_picture(room, b, PICTURE("2"));
	moves[0].from = b;
	stored_take(room->sinks, room->place, moves, 1);
	assert_picture(room, b, PICTURE("2"));
}

/* Where capitals count, two names that differ by them are two, and the old one goes. */
static void capitals_are_changed(void **state)
{
	struct room *room = *state;
	TEXT old = store(room, "id.0", PICTURE("1"), "Cats/A \xc3\x89.gif");
	TEXT new = at(room, "Cats/a \xc3\xa9.gif");
	TEXT below = at(room, "cats/a \xc3\xa9.gif");
	struct relocation moves[] = { { .from = old, .to = new } };

	stored_give(room->sinks, room->place, moves, 1);
	stored_take(room->sinks, room->place, moves, 1);
	assert_int_equal(moves[0].err.kind, ERR_OK);
	assert_int_equal(stored_size(room->sinks, old, -1), -1);
	assert_picture(room, new, PICTURE("1"));
	moves[0] = (struct relocation){ .from = new, .to = below };
	stored_give(room->sinks, room->place, moves, 1);
	stored_take(room->sinks, room->place, moves, 1);
	assert_int_equal(moves[0].err.kind, ERR_OK);
	assert_int_equal(stored_size(room->sinks, new, -1), -1);
	assert_picture(room, below, PICTURE("1"));
}

static void the_end_of_a_file_is_told(void **state)
{
	struct room *room = *state;
	TEXT location = store(room, "id.0", PICTURE("1"), "a.gif");
	TEXT gone = at(room, "gone.gif");
	const struct media_type *type = NULL;
	bool tells = false;

	assert_int_equal(
	    stored_tells_end(room->sinks, location, PICTURE_LEN, &type, &tells, &err),
	    ERR_OK);
	assert_string_equal(type->format, "gif");
	assert_true(tells);
	assert_int_equal(
	    stored_tells_end(room->sinks, gone, PICTURE_LEN, &type, &tells, &err),
	    ERR_NOT_FOUND);
}

static void places_are_what_they_are(void **state)
{
	struct room *room = *state;
	TEXT place = NULL;
	TEXT again = NULL;
	TEXT below = at(room, "a/b");

	assert_string_equal(sink_place(room->sink), room->place);
	assert_int_equal(place_of_url(room->place, &place, &err), ERR_OK);
	assert_string_equal(place, room->place);
	again = stored_true_place(room->sinks, place);
	assert_string_equal(again, place);
	assert_true(stored_reaches(room->sinks, room->place, below));
	assert_int_equal(sink_check(room->sink, &err), ERR_OK);
	assert_true(sink_free_bytes(room->sink) >= -1);
}

static void what_no_kind_has_is_refused(void **state)
{
	static const char location[] = "nowhere://CANARY@host/x.gif";
	const struct room *room = *state;
	const struct file_watch watch = { 0 };
	const struct synced want = { 0 };
	struct sink *sink = NULL;
	struct file_found found;
	TEXT place = NULL;

	assert_int_equal(sink_open(location, &sink, &err), ERR_USAGE);
	assert_null(strstr(err.msg, "CANARY"));
	assert_int_equal(place_of_url(location, &place, &err), ERR_USAGE);
	assert_int_equal(stored_size(room->sinks, location, 7), -1);
	assert_int_equal(
	    stored_check(room->sinks, location, &want, &watch, &found, &err), ERR_USAGE);
	assert_true(stored_is_held(room->sinks, location));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		ROW(what_is_there_is_told),
		ROW(the_same_bytes_are_settled),
		ROW(bytes_are_copied_between_places),
		ROW(notes_lie_beside_files),
		ROW(a_scan_finds_what_was_stored_and_every_partial),
		ROW(only_what_nobody_holds_is_removed),
		ROW(moving_replaces_nothing),
		ROW(files_get_other_places),
		ROW(capitals_are_changed),
		ROW(the_end_of_a_file_is_told),
		ROW(places_are_what_they_are),
		ROW(what_no_kind_has_is_refused),
	};

	return cmocka_run_group_tests_name(world.name, tests, NULL, NULL);
}
