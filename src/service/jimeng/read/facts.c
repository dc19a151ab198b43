#include "service/jimeng/read/facts.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "service/jimeng/read/expiry.h"

int64_t fact_measure(
    struct fields *fields, const cJSON *object, const char *path, int64_t most)
{
	const int64_t value = json_get_int(object, path, 0, fields->mistyped);

	if (value > 0 && value <= most)
		return value;
	*fields->mistyped += value > most;
	return 0;
}

const char *fact_format(struct fields *fields, const cJSON *object)
{
	const char *format = json_get_string(object, "format", fields->mistyped);
	char lower[9] = "";
	size_t len = 0;

	if (!format || !format[0])
		return NULL;
	for (; format[len]; len++) {
		if (len == sizeof(lower) - 1 || !isalnum((unsigned char)format[len]))
			return NULL;
		lower[len] = text_lower(format[len]);
	}
	return fields_keep(fields, lower);
}

const char *fact_md5(struct fields *fields, const cJSON *object)
{
	const char *md5 = json_get_string(object, "md5", fields->mistyped);
	char lower[33] = "";

	if (!md5 || strlen(md5) != 32)
		return NULL;
	for (size_t i = 0; i < 32; i++) {
		if (!isxdigit((unsigned char)md5[i]))
			return NULL;
		lower[i] = text_lower(md5[i]);
	}
	return fields_keep(fields, lower);
}

int64_t fact_expiry(
    struct fields *fields, const cJSON *holder, const char *link, int64_t assumed_unix)
{
	const int64_t told = expiry_of_link(link);
	const int64_t beside_ms = told ? 0 : fields_time_ms(fields, holder, "url_expire");

	if (told)
		return told;
	return beside_ms ? beside_ms / 1000 : assumed_unix;
}
