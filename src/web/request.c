#include "web/request.h"

#include <string.h>
#include <strings.h>

const char *web_field(const struct web_request *request, const char *name, size_t *ret_n)
{
	const size_t kept =
	    request->n_fields < WEB_FIELDS_MAX ? request->n_fields : WEB_FIELDS_MAX;
	const char *first = NULL;
	size_t n = 0;

	for (size_t i = 0; i < kept; i++) {
		if (strcasecmp(request->fields[i].name, name) != 0)
			continue;
		if (n++ == 0)
			first = request->fields[i].value;
	}
	if (ret_n)
		*ret_n = n;
	return first;
}

/* What stands in front of the parameters, without blanks around it. */
static size_t type_length(const char *value)
{
	size_t len = strcspn(value, ";,");

	while (len > 0 && (value[len - 1] == ' ' || value[len - 1] == '\t'))
		len--;
	return len;
}

static bool is_same(const char *value, const char *type)
{
	const size_t len = type_length(value);

	return len == strlen(type) && !strncasecmp(value, type, len);
}

bool web_is_type(const char *value, const char *type)
{
	value += strspn(value, " \t");
	return is_same(value, type) && !strchr(value, ',');
}

/* "text/plain" lies in "text/plain", in "text/" and a star, and in two stars. */
static bool has_range(const char *range, const char *type)
{
	const size_t len = type_length(range);
	const size_t main_len = strcspn(type, "/") + 1;

	if (is_same(range, type) || is_same(range, "*/*"))
		return true;
	return len == main_len + 1 && range[main_len] == '*' &&
	    !strncasecmp(range, type, main_len);
}

bool web_accepts(const struct web_request *request, const char *type)
{
	size_t n = 0;

	(void)web_field(request, "Accept", &n);
	for (size_t i = 0; n > 0 && i < request->n_fields && i < WEB_FIELDS_MAX; i++) {
		const char *at = request->fields[i].value;

		if (strcasecmp(request->fields[i].name, "Accept") != 0)
			continue;
		for (;;) {
			at += strspn(at, " \t,");
			if (!*at)
				break;
			if (has_range(at, type))
				return true;
			at += strcspn(at, ",");
		}
	}
	return n == 0;
}
