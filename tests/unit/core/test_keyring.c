/* What a call of the keyring leaves behind, where there is no libsecret: nothing. (A real
 * keyring, and a bus that is silent, are in tests/run/auth.t.) */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "core/account/keyring.h"

/* What a library has kept for the thread goes when the thread does, and not at once. */
static pthread_key_t kept;
static atomic_bool is_gone;

static void let_go(void *value)
{
	(void)value;
	(void)usleep(50000);
	atomic_store(&is_gone, true);
}

/* Is called for the dlopen() of libsecret.c, on the thread of the call. */
void *__wrap_dlopen(const char *name, int flags);
void *__wrap_dlopen(const char *name, int flags)
{
	(void)flags;
	assert_string_equal(name, "libsecret-1.so.0");
	(void)pthread_setspecific(kept, &kept);
	return NULL;
}

static int set_up(void **state)
{
	(void)state;
	return setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere", 1) ||
	    pthread_key_create(&kept, let_go);
}

/* Who goes on, or ends the process, finds no thread that is still about to end. */
static void the_thread_has_ended_when_its_call_has(void **state)
{
	struct secret cookie = { 0 };
	struct err err;

	(void)state;
	assert_int_equal(keyring_load("default", NULL, &cookie, &err), ERR_AUTH);
	assert_true(atomic_exchange(&is_gone, false));
	assert_non_null(strstr(err.msg, "libsecret, which is not installed"));
	assert_int_equal(keyring_store("default", "sessionid=abc", NULL, &err), ERR_AUTH);
	assert_true(atomic_exchange(&is_gone, false));
	assert_int_equal(keyring_remove("default", NULL, &err), ERR_AUTH);
	assert_true(atomic_exchange(&is_gone, false));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_thread_has_ended_when_its_call_has),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
