#include "cli/term/signals.h"

#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <unistd.h>

#include "dreamq/dreamq.h"

static const int watched[] = { SIGINT, SIGTERM, SIGHUP };
enum { N_WATCHED = sizeof(watched) / sizeof(watched[0]) };

/* A signal handler gets no argument of ours: the one mutable global there is. */
static struct {
	_Atomic(struct dq *) dq;
	atomic_bool was_told;
	atomic_bool wants_reload;
	_Atomic int64_t grace_ms; /* -1: interrupt */
} target = { .grace_ms = -1 };

static void handle(int number)
{
	struct dq *dq = atomic_load(&target.dq);
	const int64_t grace_ms = atomic_load(&target.grace_ms);

	if (!dq || atomic_exchange(&target.was_told, true))
		_exit(DQ_INTERRUPTED);
	if (number == SIGINT || grace_ms < 0) {
		dq_interrupt(dq);
		return;
	}
	if (number == SIGHUP && !isatty(STDERR_FILENO)) {
		atomic_store(&target.wants_reload, true);
		dq_drain(dq, 0);
	} else {
		dq_drain(dq, grace_ms);
	}
}

void signals_drain(int64_t grace_ms)
{
	atomic_store(&target.grace_ms, grace_ms);
}

bool signals_was_told(void)
{
	return atomic_load(&target.was_told);
}

bool signals_wants_reload(void)
{
	return atomic_load(&target.wants_reload);
}

static bool is_ignored(int number)
{
	struct sigaction old;

	return sigaction(number, NULL, &old) == 0 && old.sa_handler == SIG_IGN;
}

void signals_prepare(void)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	(void)sigaction(SIGPIPE, &ignore, NULL);
	(void)sigaction(SIGXFSZ, &ignore, NULL); /* a write says EFBIG then */
	/* Else the ledger could be opened as descriptor 1, and get our output. */
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			(void)open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

void signals_watch(struct dq *dq)
{
	struct sigaction action = { .sa_handler = dq ? handle : SIG_DFL };

	atomic_store(&target.dq, dq);
	for (size_t i = 0; i < N_WATCHED; i++)
		if (!is_ignored(watched[i]))
			(void)sigaction(watched[i], &action, NULL);
}
