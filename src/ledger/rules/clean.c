#include "ledger/rules/clean.h"

#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/redact.h"
#include "ledger/rules/limits.h"

enum {
	TEXT_BYTES_MAX = 1000, /* bytes of a message that are kept */
	URI_BYTES_MAX = 1000, /* longer names are not taken as names */
	WORD_BYTES_MAX = 200, /* models, formats */
	CLEAN_BYTES_MAX = 16 * TEXT_BYTES_MAX, /* before it is cut again */
	MD5_HEX = 32,
};

static enum err_kind no_memory(struct err *err)
{
	return err_set(err, ERR_NOMEM, "out of memory for a text of the service");
}

/* A name that stays the same when the link is made anew, or NULL. */
static const char *stable_name(const char *text, size_t max)
{
	if (!text || !*text || strnlen(text, max + 1) > max || strstr(text, "://") ||
	    strchr(text, '?'))
		return NULL;
	return text;
}

const char *clean_uri(const char *uri)
{
	return stable_name(uri, URI_BYTES_MAX);
}

const char *clean_word(const char *word)
{
	return stable_name(word, WORD_BYTES_MAX);
}

const char *clean_choice(const char *choice)
{
	return choice && strnlen(choice, LEDGER_CHOICE_MAX + 1) <= LEDGER_CHOICE_MAX
	    ? choice
	    : NULL;
}

const char *clean_md5(const char *md5)
{
	if (!md5 || strnlen(md5, MD5_HEX + 1) != MD5_HEX ||
	    strspn(md5, "0123456789abcdef") != MD5_HEX)
		return NULL;
	return md5;
}

size_t clean_length(const char *text, size_t max)
{
	size_t len = strnlen(text, max + 1);

	if (len <= max)
		return len;
	for (len = max; len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80;)
		len--;
	return len;
}

enum err_kind clean_text(
    const char *text, struct arena *arena, const char **ret_text, struct err *err)
{
	_cleanup_(buf_release) struct buf clean = buf_make(CLEAN_BYTES_MAX);
	const char *piece, *copy;

	if (!text) {
		*ret_text = NULL;
		return ERR_OK;
	}
	piece = arena_strndup(arena, text, clean_length(text, TEXT_BYTES_MAX));
	if (!piece)
		return no_memory(err);
	redact_text(&clean, piece);
	if (buf_failed(&clean))
		return no_memory(err);
	copy = arena_strndup(arena, clean.data, clean_length(clean.data, TEXT_BYTES_MAX));
	if (!copy)
		return no_memory(err);
	*ret_text = copy;
	return ERR_OK;
}

enum err_kind clean_fail(const struct task_fail *fail, struct arena *arena,
    struct task_fail *ret_fail, struct err *err)
{
	struct task_fail clean = *fail;

	if (clean_text(fail->code, arena, &clean.code, err) ||
	    clean_text(fail->message, arena, &clean.message, err))
		return err->kind;
	*ret_fail = clean;
	return ERR_OK;
}
