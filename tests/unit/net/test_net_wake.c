/* An idle loop waits, and is woken from wherever. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "harness.h"

#define NET _cleanup_(harness_netp) struct net *

static const struct net_config local = { .allow_private_cdn = true };

static void step(struct net *net, int timeout_ms)
{
	struct err err = { 0 };

	if (net_step(net, timeout_ms, &err) != ERR_OK)
		fail_msg("net_step: %s", err.msg);
}

static void an_idle_step_waits(void **state)
{
	NET net = harness_net(&local);
	const int64_t begun_ms = clock_mono_ms();

	(void)state;
	step(net, 60);
	assert_true(clock_mono_ms() - begun_ms >= 59);
	step(net, 0);
	step(net, -1); /* nonsense is no reason to wait for ever */
}

static void *wake_later(void *payload)
{
	(void)usleep(30 * 1000);
	net_wake(payload);
	return NULL;
}

static void wake_from_a_thread(void **state)
{
	NET net = harness_net(&local);
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, wake_later, net), 0);
	step(net, FOR_EVER_MS);
	assert_int_equal(pthread_join(thread, NULL), 0);
}

static void wake_before_the_wait(void **state)
{
	NET net = harness_net(&local);
	int64_t begun_ms;

	(void)state;
	for (int i = 0; i < 1000; i++)
		net_wake(net);
	step(net, FOR_EVER_MS);
	begun_ms = clock_mono_ms();
	step(net, 60); /* all of them are one */
	assert_true(clock_mono_ms() - begun_ms >= 59);
}

/* A signal handler has no payload. */
static struct net *to_wake;

static void on_alarm(int number)
{
	(void)number;
	errno = EDOM;
	net_wake(to_wake);
	if (errno != EDOM)
		abort();
}

static void wake_from_a_signal(void **state)
{
	const struct itimerval soon = { .it_value = { .tv_usec = 30 * 1000 } };
	struct sigaction action = { .sa_handler = on_alarm }, before;
	NET net = harness_net(&local);

	(void)state;
	to_wake = net;
	assert_int_equal(sigaction(SIGALRM, &action, &before), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &soon, NULL), 0);
	step(net, FOR_EVER_MS);
	assert_int_equal(sigaction(SIGALRM, &before, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_idle_step_waits),
		cmocka_unit_test(wake_from_a_thread),
		cmocka_unit_test(wake_before_the_wait),
		cmocka_unit_test(wake_from_a_signal),
	};

	return cmocka_run_group_tests_name("net_wake", tests, harness_clear_env, NULL);
}
