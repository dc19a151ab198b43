/*
 * test_crypto.c - checksums don't wait for random numbers, handshakes do; and what could
 * not start is refused for good. RAND_status() is ours here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/crypto.h"
#include "base/hash.h"

static int n_asked, answer = 1;

int __wrap_RAND_status(void);

int __wrap_RAND_status(void)
{
	n_asked++;
	return answer;
}

static void a_checksum_asks_for_no_numbers(void **state)
{
	char hex[HASH_HEX_MAX] = "";
	struct err err;

	(void)state;
	assert_int_equal(hash_text(HASH_MD5, "a", 1, hex, &err), ERR_OK);
	assert_string_equal(hex, "0cc175b9c0f1b6a831c399e269772661");
	assert_int_equal(n_asked, 0);
}

/* What is tried once can be tried once a process only. */
static int in_a_child(int numbers)
{
	struct err err = { 0 };
	int status = 0;
	const pid_t child = fork();

	if (child == 0) {
		answer = numbers;
		(void)crypto_start_random(&err);
		_exit((crypto_start_random(&err) ? 10 : 0) + n_asked);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void numbers_are_asked_for_once(void **state)
{
	(void)state;
	assert_int_equal(in_a_child(1), 1);
	assert_int_equal(in_a_child(0), 10 + 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_checksum_asks_for_no_numbers),
		cmocka_unit_test(numbers_are_asked_for_once),
	};

	return cmocka_run_group_tests_name("crypto", tests, NULL, NULL);
}
