#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/hash.h"

static const struct {
	enum hash_kind kind;
	const char *text, *hex;
} known[] = {
	{ HASH_SHA256, "",
	    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
	{ HASH_SHA256, "abc",
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	{ HASH_MD5, "", "d41d8cd98f00b204e9800998ecf8427e" },
	{ HASH_MD5, "abc", "900150983cd24fb0d6963f7d28e17f72" },
};

static void known_answers(void **state)
{
	char hex[HASH_HEX_MAX];
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		assert_int_equal(hash_text(known[i].kind, known[i].text,
				     strlen(known[i].text), hex, &err),
		    ERR_OK);
		assert_string_equal(hex, known[i].hex);
	}
}

static void pieces_are_the_same_as_the_whole(void **state)
{
	static char bytes[100000];
	char whole[HASH_HEX_MAX], pieces[HASH_HEX_MAX];
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(i * 31 >> 3);
	for (int kind = HASH_SHA256; kind <= HASH_MD5; kind++) {
		_cleanup_(hash_freep) struct hash *hash = NULL;

		assert_int_equal(hash_new((enum hash_kind)kind, &hash, &err), ERR_OK);
		for (size_t at = 0, n = 1; at < sizeof(bytes);
		     at += n, n = n * 3 % 4099) {
			n = n < sizeof(bytes) - at ? n : sizeof(bytes) - at;
			hash_add(hash, bytes + at, n);
			hash_add(hash, NULL, 0);
		}
		hash_finish(hash, pieces);
		hash_text((enum hash_kind)kind, bytes, sizeof(bytes), whole, &err);
		assert_string_equal(whole, pieces);
	}
}

static void free_accepts_nothing(void **state)
{
	(void)state;
	hash_free(NULL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_answers),
		cmocka_unit_test(pieces_are_the_same_as_the_whole),
		cmocka_unit_test(free_accepts_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
