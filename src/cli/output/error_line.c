#include "cli/output/error_line.h"

#include <stddef.h>

#include "cli/term/i18n.h"
#include "dreamq/dreamq.h"

static const struct kind {
	int status;
	const char *sentence, *todo;
} kinds[] = {
	{ DQ_FAILED, N_("a task has failed, or the service does not know it"),
	    N_("'dreamq list' names the tasks that are known, 'dreamq show ID' tells "
	       "why one has failed") },
	{ DQ_USAGE, N_("the command line is wrong"),
	    N_("correct the command; 'dreamq help VERB' lists what it takes") },
	{ DQ_AUTH, N_("the cookie is missing, refused or expired"),
	    N_("bring a fresh cookie ('dreamq auth import'), then run the same command "
	       "again") },
	{ DQ_NETWORK, N_("the network or the service can't be reached"),
	    N_("run the same command again later; nothing is lost") },
	{ DQ_STORAGE, N_("trouble with the disk, a permission or the ledger"),
	    N_("put the disk or the permission right, then run the same command again") },
	{ DQ_CONTRACT, N_("the service's answer makes no sense"),
	    N_("run the same command again later; if it stays so, look at it with -v") },
	{ DQ_ACCOUNT, N_("the service has stopped the account"),
	    N_("see on the service's site what it wants, then run the same command "
	       "again") },
	{ DQ_INTERRUPTED, N_("interrupted, and nothing is lost"),
	    N_("run the same command again") },
};

static const struct kind *kind_of(int status)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].status == status)
			return &kinds[i];
	return NULL;
}

bool error_line_is_for(int status)
{
	return kind_of(status) != NULL;
}

const char *error_line_sentence(int status)
{
	const struct kind *kind = kind_of(status);

	return kind ? kind->sentence : NULL;
}

const char *error_line_todo(int status)
{
	const struct kind *kind = kind_of(status);

	return kind ? kind->todo : NULL;
}
