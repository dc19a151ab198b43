#include "web/token.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/fs.h"
#include "base/text.h"

/* RFC 6750's characters of a bearer token. */
static const char characters[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/=";

enum err_kind token_make(struct secret *ret_token, struct err *err)
{
	uint8_t random[TOKEN_MADE_BYTES / 2];
	char text[TOKEN_MADE_BYTES + 1];
	enum err_kind kind;

	if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
		return err_errno(err, ERR_IO, "can't make a token");
	for (size_t i = 0; i < sizeof(random); i++)
		(void)snprintf(text + 2 * i, 3, "%02x", (unsigned)random[i]);
	kind = secret_make(text, ret_token, err);
	explicit_bzero(text, sizeof(text));
	return kind;
}

enum err_kind token_take(const char *text, struct secret *ret_token, struct err *err)
{
	const size_t len = strlen(text);

	if (len < TOKEN_CHARS_MIN || len > TOKEN_CHARS_MAX)
		return err_set(err, ERR_USAGE,
		    "a token has %d to %d characters; this one has %zu",
		    (int)TOKEN_CHARS_MIN, (int)TOKEN_CHARS_MAX, len);
	if (strspn(text, characters) != len)
		return err_set(err, ERR_USAGE,
		    "a token has letters, digits and -._~+/= only, no blanks");
	return secret_make(text, ret_token, err);
}

enum err_kind token_read(const char *path, struct secret *ret_token, struct err *err)
{
	enum { FILE_MAX = 4096 };
	_cleanup_(buf_release) struct buf file = buf_make(FILE_MAX);
	char *line;
	enum err_kind kind;

	if (fs_read_secret(path, &file, err))
		return err->kind;
	line = file.data;
	line[strcspn(line, "\n")] = '\0';
	line = text_trim(line);
	kind = token_take(line, ret_token, err);
	if (kind)
		err_note(err, "'%s'", path);
	explicit_bzero(file.data, file.len);
	return kind;
}

bool token_equal(const char *ours, const char *theirs)
{
	const size_t len = strlen(ours), their_len = strlen(theirs);
	volatile unsigned char differs = len != their_len;

	/* Somebody else's length decides how long it takes: they know it. */
	for (size_t i = 0; i < their_len; i++)
		differs |= (unsigned char)(ours[len > 0 ? i % len : 0] ^
		    (unsigned char)theirs[i]);
	return !differs && len > 0;
}
