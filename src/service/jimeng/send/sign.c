#include "service/jimeng/send/sign.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"

enum { PATH_TAIL = 7, TEXT_MAX = 1024 };

enum err_kind sign_make(const char *path, const char *appvr, int64_t device_time,
    char ret_sign[HASH_HEX_MAX], struct err *err)
{
	_cleanup_(buf_release) struct buf text = buf_make(TEXT_MAX);
	const size_t len = strlen(path);
	const char *tail = len > PATH_TAIL ? path + len - PATH_TAIL : path;

	buf_addf(
	    &text, "9e2c|%s|" SIGN_PF "|%s|%" PRId64 "||11ac", tail, appvr, device_time);
	if (buf_failed(&text))
		return err_set(err, ERR_NOMEM, "no memory for a signature");
	return hash_text(HASH_MD5, text.data, text.len, ret_sign, err);
}
