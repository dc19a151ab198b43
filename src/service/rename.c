#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "service/plain.h"

enum { RENAMED_FIELDS_MAX = 1000, RENAMED_BYTES_MAX = 4 << 20 };

static bool is_same(struct json_slice a, struct json_slice b)
{
	return a.len == b.len && !memcmp(a.bytes, b.bytes, a.len);
}

static bool is_called(const struct json_member *member, const char *key)
{
	return is_same(member->key, (struct json_slice){ key, strlen(key) });
}

/* The JSON text of the id that the body has now; empty when it has none. */
static struct json_slice id_text(const struct json_member *members, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (is_called(&members[i], "submit_id"))
			return members[i].value;
	return (struct json_slice){ "", 0 };
}

enum err_kind plain_rename(
    const char *body, const char *submit_id, char **ret_body, struct err *err)
{
	const struct json_slice all = { body, strlen(body) };
	_cleanup_(buf_release) struct buf text = buf_make(RENAMED_BYTES_MAX);
	_cleanup_free_ struct json_member *members = NULL;
	struct json_slice old;
	size_t n;

	if (json_scan(all.bytes, all.len, err) ||
	    json_members(all, RENAMED_FIELDS_MAX, &members, &n, err))
		return err_note(err, "the body of the submit");
	old = id_text(members, n);
	for (size_t i = 0; i < n; i++) {
		const struct json_member *member = &members[i];
		const bool is_id = is_called(member, "submit_id") ||
		    (is_called(member, "subject_id") && is_same(member->value, old));

		buf_addf(&text, "%s\"%.*s\":", i ? "," : "{", (int)member->key.len,
		    member->key.bytes);
		if (is_id)
			buf_addf(&text, "\"%s\"", submit_id);
		else
			buf_add(&text, member->value.bytes, member->value.len);
	}
	buf_addf(&text, "%s}", n ? "" : "{");
	*ret_body = buf_take(&text);
	return *ret_body ? ERR_OK : err_set(err, ERR_NOMEM, "no memory for a submit");
}
