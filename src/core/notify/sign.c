#include "core/notify/sign.h"

#include "base/cleanup.h"
#include "base/hmac.h"
#include "base/redact.h"
#include "core/account/target.h"

enum { SIGNED_MAX = 5 << 20 };

enum err_kind sign_message(
    const char *secrets, const struct message *message, struct buf *into, struct err *err)
{
	_cleanup_(buf_release) struct buf text = buf_make(SIGNED_MAX);
	char sum[HMAC_BASE64_MAX];
	enum err_kind kind = ERR_OK;
	struct target_key key;

	buf_addf(
	    &text, "%s.%lld.%s", message->id, (long long)message->at_unix, message->body);
	if (buf_failed(&text))
		return err_set(err, ERR_NOMEM, "out of memory");
	while (!kind && target_next_key(&secrets, &key)) {
		kind = hmac_sha256(key.bytes, key.len, text.data, text.len, sum, err);
		if (!kind)
			buf_addf(into, "%sv1,%s", into->len ? " " : "", sum);
	}
	redact_wipe(&key, sizeof(key));
	if (!kind && buf_failed(into))
		return err_set(err, ERR_NOMEM, "out of memory");
	return kind;
}
