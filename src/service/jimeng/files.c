/*
 * files.c - files by their names: the originals of films, whose records may show a sample
 * only, and what has lost its record.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "service/jimeng/jimeng.h"
#include "service/jimeng/read/offers.h"
#include "service/jimeng/send/client.h"
#include "service/jimeng/send/files_body.h"

enum { VID_MIN = 8 /* characters */ };

/* What was asked for; one for each file. */
struct asked {
	enum service_files which;
	struct service_file files[];
};

static void finish_files(struct exchange *exchange, const struct reply *reply)
{
	_cleanup_(api_outcome_release) struct api_outcome outcome =
	    api_read_query(exchange, reply);
	const struct asked *asked = exchange->notes;
	_cleanup_(offers_release) struct offers offers = { 0 };
	struct service_offered offered = { .err = outcome.err, .server_unix_ms = -1 };

	if (!outcome.err.kind) {
		offered.server_unix_ms = answer_server_unix_ms(outcome.answer);
		(void)offers_read(outcome.answer, asked->which, asked->files, exchange->n,
		    &offers, &offered.err);
	}
	offered.offers = offers.all;
	offered.n = offers.n;
	offered.asks_login = outcome.is_empty_body || outcome.err.kind == ERR_AUTH;
	offered.could_be_size = outcome.could_be_size;
	offered.is_lag = outcome.is_lag;
	/* What the request is called wrong for is that it has none of these. */
	if (offered.err.kind == ERR_USAGE)
		offered.err.kind = ERR_NOT_FOUND;
	exchange_offered(exchange, &offered);
}

/* "tos-cn-i-tb4s082cfz/0123…" is a picture's; a film has one word, its vid (B9). */
enum media_kind jimeng_kind_of_uri(const char *uri)
{
	const size_t len = strcspn(uri, "/");

	if (!files_is_name(uri) || len == 0 || strstr(uri, "://") || strchr(uri, '?'))
		return MEDIA_UNKNOWN;
	if (!uri[len])
		return len >= VID_MIN ? MEDIA_VIDEO : MEDIA_UNKNOWN;
	return uri[len + 1] ? MEDIA_IMAGE : MEDIA_UNKNOWN;
}

enum err_kind jimeng_files(struct exchange *exchange, enum service_files which,
    const struct service_file *files, struct err *err)
{
	const size_t bytes = exchange->n * sizeof(*files);
	struct asked *asked = malloc(sizeof(*asked) + bytes);

	exchange->notes = asked;
	if (!asked)
		return err_set(err, ERR_NOMEM, "out of memory for a request");
	asked->which = which;
	memcpy(asked->files, files, bytes);
	return api_files(exchange, which, files, finish_files, err);
}
