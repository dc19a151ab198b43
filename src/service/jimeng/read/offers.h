/*
 * offers.h - an answer about files by their names (PROTOCOL B8): items by their ids,
 * pictures by their uris, films by their vids.
 *
 * Each is found by its name alone, and read as what a record lists is. One that names
 * another file than was asked for is no answer; what is not there, or can't be used, is
 * missing, and the others stand.
 */
#pragma once

#include "service/jimeng/read/answer.h"

struct offers {
	struct arena arena; /* of the assets */
	struct service_offer *all; /* one for each file; malloc'ed */
	size_t n;
};

/*
 * ERR_CONTRACT: there is no list of this kind at all, or more in it than
 * ANSWER_RECORDS_MAX; ERR_NOMEM. An answer without data has nothing of any file.
 */
enum err_kind offers_read(const struct answer *answer, enum service_files which,
    const struct service_file *files, size_t n, struct offers *ret_offers,
    struct err *err);
void offers_release(struct offers *offers); /* a zeroed one owns nothing */
