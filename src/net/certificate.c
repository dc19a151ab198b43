#include "net/certificate.h"

#include <string.h>
#include <strings.h>

/* As each of curl's TLS libraries spells it. */
static const char end_of[] = "Expire date:";

static int64_t end_in(const struct curl_slist *fields)
{
	for (; fields; fields = fields->next)
		if (!strncasecmp(fields->data, end_of, sizeof(end_of) - 1))
			return (int64_t)curl_getdate(
			    fields->data + sizeof(end_of) - 1, NULL);
	return -1;
}

int64_t certificate_end_unix_ms(CURL *easy)
{
	const struct curl_certinfo *chain = NULL;
	int64_t first = -1;

	if (curl_easy_getinfo(easy, CURLINFO_CERTINFO, &chain) || !chain)
		return -1;
	for (int i = 0; i < chain->num_of_certs; i++) {
		const int64_t end = end_in(chain->certinfo[i]);

		if (end >= 0 && (first < 0 || end < first))
			first = end;
	}
	return first < 0 ? -1 : first * 1000;
}
