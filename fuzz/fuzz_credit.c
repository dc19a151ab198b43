/* What commerce says of an account, and the draft of a record: any bytes. */
#include <stdint.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "service/jimeng/read/credit.h"
#include "service/jimeng/send/mode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_content(const cJSON *content)
{
	struct statement statement = { 0 };
	struct balance balance;
	struct err err;

	credit_read(content, &balance);
	if (balance.n_ends > BALANCE_ENDS_MAX || balance.total < -1)
		abort();
	for (size_t i = 1; i < balance.n_ends; i++)
		if (balance.ends[i - 1].at_unix > balance.ends[i].at_unix)
			abort();
	if (credit_read_statement(content, &statement, &err))
		return;
	if (statement.n > STATEMENT_ENTRIES_MAX)
		abort();
	free(statement.entries);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(answer_freep) struct answer *answer = NULL;
	_cleanup_(json_deletep) cJSON *content = NULL;
	struct err err;

	if (answer_decode((const char *)data, size, -1, &answer, &err))
		return 0;
	content = credit_content(answer);
	read_content(content);
	(void)mode_of_record(content, json_get_int(content, "generate_type", 0, NULL));
	return 0;
}
