/* Jimeng, as the emulator plays it. DREAMQ_EMULATOR names the program. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "world.h"

struct emulator {
	pid_t pid;
	FILE *out;
};

static pid_t spawn(const char *program, int out)
{
	const pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid > 0)
		return pid;
	(void)dup2(out, STDOUT_FILENO);
	(void)execl(program, program, "--port", "0", "--seed", "1", (char *)NULL);
	_exit(127);
}

/* POST to the emulator itself. */
static void tell(struct world *world, const char *path, const char *body)
{
	const struct net_config config = { .allow_private_cdn = true };
	struct net *net = harness_net(&config);
	struct outcome outcome = { 0 };
	char url[200];
	const struct net_spec spec = { .role = NET_API,
		.method = "POST",
		.url = url,
		.body = body,
		.body_len = strlen(body),
		.max_body_bytes = BODY_MAX };

	(void)snprintf(url, sizeof(url), "%s/_emulator/%s", world->address, path);
	harness_run(net, &spec, &outcome);
	if (outcome.err.kind || outcome.head.status != 200)
		fail_msg("the emulator refuses '%s': %s", body, outcome.err.msg);
	outcome_release(&outcome);
	net_free(net);
}

static void open_emulator(struct world *world)
{
	static const char said[] = "listening on ";
	const char *program = getenv("DREAMQ_EMULATOR");
	struct emulator *emulator = calloc(1, sizeof(*emulator));
	char line[300], *at = NULL;
	int ends[2];

	assert_non_null(emulator);
	if (!program)
		fail_msg("DREAMQ_EMULATOR is not set");
	assert_int_equal(pipe(ends), 0);
	emulator->pid = spawn(program, ends[1]);
	assert_int_equal(close(ends[1]), 0);
	emulator->out = fdopen(ends[0], "r");
	assert_non_null(emulator->out);
	while (!at && fgets(line, sizeof(line), emulator->out))
		at = strstr(line, said);
	assert_non_null(at);
	at += sizeof(said) - 1;
	at[strcspn(at, " \r\n")] = '\0';
	(void)snprintf(world->address, sizeof(world->address), "%s", at);
	world->payload = emulator;
	tell(world, "tasks",
	    "{\"account\":\"alice\",\"ids\":[\"task-1\",\"task-2\",\"task-3\"],"
	    "\"age_seconds\":600,\"prompt\":\"a fox [items=1]\"}");
}

static void close_emulator(struct world *world)
{
	struct emulator *emulator = world->payload;
	int status;

	assert_int_equal(kill(emulator->pid, SIGTERM), 0);
	assert_int_equal(waitpid(emulator->pid, &status, 0), emulator->pid);
	(void)fclose(emulator->out);
	free(emulator);
}

static void fail_next(struct world *world, const char *what)
{
	char line[100];

	(void)snprintf(line, sizeof(line), "on=%s times=1 : status 503\n", what);
	tell(world, "script", line);
}

static void refuse_login(struct world *world)
{
	tell(world, "accounts", "{\"account\":\"alice\",\"state\":\"expired\"}");
}

#define WORLD                                                                      \
	.ops = &service_jimeng, .login = "sessionid=alice", .open = open_emulator, \
	.close = close_emulator, .fail_next = fail_next, .refuse_login = refuse_login

const struct world world_jimeng = { WORLD };
/* Submitted as the web page does. */
const struct world world_jimeng_web = { WORLD, .via = "web" };
