#include "model/tag.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fold.h"
#include "base/text.h"

enum { GIVEN_MAX = 4 * TAG_MAX /* bytes, before it is folded */ };

/* Would it look otherwise than it is, or be taken for two? */
static bool is_odd(const char *tag)
{
	char shown[TAG_MAX + 1];

	(void)snprintf(shown, sizeof(shown), "%s", tag);
	text_make_printable(shown);
	return strpbrk(tag, " ,\t\r\n") || strcmp(shown, tag) != 0;
}

enum err_kind tag_make(const char *text, char ret_tag[TAG_MAX + 1], struct err *err)
{
	_cleanup_(buf_release) struct buf folded = buf_make(GIVEN_MAX);

	if (!*text)
		return err_set(err, ERR_USAGE, "a tag has no letters");
	if (strnlen(text, GIVEN_MAX + 1) <= GIVEN_MAX)
		fold_add(&folded, text);
	if (folded.len == 0 || folded.len > TAG_MAX || buf_failed(&folded))
		return err_set(err, ERR_USAGE,
		    "the tag '%.40s' is too long, or has nothing to see; at most %d "
		    "bytes",
		    text, TAG_MAX);
	if (!text_is_utf8(folded.data, folded.len) || is_odd(folded.data) ||
	    strchr("+-", folded.data[0]))
		return err_set(err, ERR_USAGE,
		    "'%s' is no tag: it has blanks, commas or what can't be seen, or "
		    "begins with '+' or '-'",
		    text);
	memcpy(ret_tag, folded.data, folded.len + 1);
	return ERR_OK;
}
