/*
 * open.c - which back end has the ledger of this name?
 */
#include <string.h>

#include "ledger/ops.h"
#include "ledger/sqlite/sqlite.h"

enum { BACK_ENDS_MAX = 8 };

/* Without a scheme it is of the first. */
static const struct ledger_ops *back_ends[BACK_ENDS_MAX] = { &ledger_sqlite };
static size_t n_back_ends = 1;

void ledger_add_back_end(const struct ledger_ops *ops)
{
	for (size_t i = 0; i < n_back_ends; i++)
		if (back_ends[i] == ops)
			return;
	if (n_back_ends < BACK_ENDS_MAX)
		back_ends[n_back_ends++] = ops;
}

void ledger_own_process(void)
{
	sqlite_own_process();
}

static const struct ledger_ops *find(const char *url)
{
	for (size_t i = 0; i < n_back_ends; i++) {
		const size_t len = strlen(back_ends[i]->scheme);

		if (!strncmp(url, back_ends[i]->scheme, len) && url[len] == ':')
			return back_ends[i];
	}
	return back_ends[0];
}

enum err_kind ledger_open_with(const char *url, const struct ledger_options *options,
    struct ledger **ret_ledger, struct err *err)
{
	return find(url)->open(url, options, ret_ledger, err);
}

enum err_kind ledger_open(const char *url, struct ledger **ret_ledger, struct err *err)
{
	static const struct ledger_options none = { .must_exist = false };

	return ledger_open_with(url, &none, ret_ledger, err);
}

void ledger_close(struct ledger *ledger)
{
	if (ledger)
		ledger->ops->close(ledger);
}
