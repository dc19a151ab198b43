#include "ledger/rules/message.h"

#include <stdint.h>
#include <stdio.h>
#include <sys/random.h>

bool message_random(char into[MESSAGE_RANDOM_LEN + 1])
{
	uint64_t random[2];

	if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
		return false;
	(void)snprintf(into, MESSAGE_RANDOM_LEN + 1, "%016llx%016llx",
	    (unsigned long long)random[0], (unsigned long long)random[1]);
	return true;
}

bool message_name(char into[MESSAGE_NAME_MAX + 1])
{
	char random[MESSAGE_RANDOM_LEN + 1];

	if (!message_random(random))
		return false;
	(void)snprintf(into, MESSAGE_NAME_MAX + 1, "msg_%s", random);
	return true;
}

const char *message_event(enum task_state state)
{
	return state == TASK_SUCCEEDED ? "done" : "failed";
}
