#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/sqlite/handle.h"
#include "world.h"

static char folder[64];

const char *world_begin(void)
{
	static char url[128];

	strcpy(folder, "/tmp/dreamq-suite-XXXXXX");
	if (!mkdtemp(folder))
		abort();
	(void)snprintf(url, sizeof(url), "sqlite:%s/ledger.db", folder);
	return url;
}

static int remove_entry(
    const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void world_end(void)
{
	(void)nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

/* The kernel drops the lock; the row in `owners` stays. */
void world_kill(struct ledger *base)
{
	struct sqlite_ledger *ledger = sqlite_of(base);

	ledger->is_owner = false;
	ledger_close(base);
}
