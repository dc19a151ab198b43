#include <stdio.h>

#include "memory.h"
#include "world.h"

const char *world_begin(void)
{
	static char url[32];
	static int n;

	ledger_add_back_end(&ledger_memory);
	(void)snprintf(url, sizeof(url), "memory:%d", ++n);
	return url;
}

void world_end(void)
{
	memory_forget_all();
}

void world_kill(struct ledger *ledger)
{
	memory_abandon(ledger);
}
