#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "web/listen.h"

static void only_loopback_is_listened_at(void **state)
{
	static const struct {
		const char *where, *address;
	} rows[] = {
		{ "127.0.0.1:0", "127.0.0.1" },
		{ "localhost:0", "127.0.0.1" },
		{ "127.1.2.3:0", "127.1.2.3" },
		{ "0.0.0.0:0", NULL },
		{ "[::]:0", NULL },
		{ "10.0.0.1:0", NULL },
		{ "example.com:0", NULL },
		{ "localhost.:0", NULL },
		{ "127.0.0.1", NULL },
		{ "127.0.0.1:", NULL },
		{ "127.0.0.1:65536", NULL },
		{ "127.0.0.1:-1", NULL },
		{ "127.0.0.1:8x", NULL },
		{ ":0", NULL },
		{ "0", NULL },
		{ "", NULL },
		{ "::1:0", NULL },
		{ "a-name-that-is-much-longer-than-any-address:0", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct listen_at at = { .fd = -1 };
		struct err err = { .kind = ERR_OK };
		const enum err_kind kind = listen_open(rows[i].where, &at, &err);

		assert_int_equal(kind, rows[i].address ? ERR_OK : ERR_USAGE);
		if (kind)
			continue;
		assert_string_equal(at.address, rows[i].address);
		assert_true(at.port > 0);
		(void)close(at.fd);
	}
}

static void a_port_that_is_taken_is_told(void **state)
{
	struct listen_at first, second;
	struct err err;
	char where[40];

	(void)state;
	assert_int_equal(listen_open("127.0.0.1:0", &first, &err), ERR_OK);
	(void)snprintf(where, sizeof(where), "127.0.0.1:%u", (unsigned)first.port);
	assert_int_equal(listen_open(where, &second, &err), ERR_IO);
	assert_non_null(strstr(err.msg, where));
	(void)close(first.fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_loopback_is_listened_at),
		cmocka_unit_test(a_port_that_is_taken_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
