#include "decoding.h"

static void test_films(void **state)
{
	static const struct {
		const char *name;
		enum thumb_result result;
	} rows[] = {
		{ "film.mp4", THUMB_DONE },
		{ "faststart.mp4", THUMB_DONE },
		{ "fragments.mp4", THUMB_DONE },
		{ "film.mov", THUMB_DONE },
		{ "film.webm", THUMB_DONE },
		{ "live.webm", THUMB_DONE },
		{ "sound.m4a", THUMB_UNSUPPORTED },
		{ "picture.png", THUMB_UNKNOWN },
		{ "sound.mp3", THUMB_UNKNOWN },
	};

	(void)state;
	prepare_posters();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct shrink picture = { 0 };
		size_t size;
		uint8_t *bytes = fixture(rows[i].name, &size);

		if (decode_bytes(decode_poster, bytes, size, 320, &picture) !=
		    rows[i].result)
			fail_msg("%s", rows[i].name);
		shrink_release(&picture);
		free(bytes);
	}
}

static void test_damaged(void **state)
{
	static const char *const names[] = { "film.mp4", "film.webm" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t size;
		uint8_t *bytes = fixture(names[i], &size);

		try_damage(decode_poster, bytes, size, 7);
		free(bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_films),
		cmocka_unit_test(test_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
