/*
 * consent.c - papers that name what a person was asked: "1.UNTIL.NONCE.SUM", where the
 * sum is over the rest of it, the profile and what it is about.
 */
#include "dreamq/consent.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include <openssl/crypto.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/hmac.h"
#include "base/text.h"
#include "core/account/session.h"

enum { NONCE_BYTES = 16, HEAD_MAX = 64, ABOUT_MAX = 1 << 20 };

static enum err_kind sign(struct dq *dq, const char *head, const char *what,
    char ret_sum[HMAC_BASE64_MAX], struct err *err)
{
	_cleanup_(buf_release) struct buf about = buf_make(ABOUT_MAX);
	char secret[LEDGER_SECRET_MAX];

	if (session_ledger(dq, err) || ledger_secret(dq->ledger, "consent", secret, err))
		return err->kind;
	/* No head and no profile has a '\n'. */
	buf_addf(&about, "%s\n%s\n", head, dq->profile);
	buf_add(&about, what, strlen(what));
	if (buf_failed(&about))
		return err_set(err, ERR_NOMEM, "no memory for a signature");
	return hmac_sha256(secret, strlen(secret), about.data, about.len, ret_sum, err);
}

static enum err_kind make(
    struct dq *dq, const char *what, char ret_paper[DQ_CONSENT_MAX], struct err *err)
{
	const int64_t until_unix_s = clock_unix_ms() / 1000 + DQ_CONSENT_LIFE_S;
	unsigned char bytes[NONCE_BYTES];
	char nonce[2 * NONCE_BYTES + 1], head[HEAD_MAX], sum[HMAC_BASE64_MAX];

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return err_errno(err, ERR_IO, "no random bytes for a signature");
	for (size_t i = 0; i < sizeof(bytes); i++)
		(void)snprintf(nonce + 2 * i, 3, "%02x", bytes[i]);
	(void)snprintf(head, sizeof(head), "1.%" PRId64 ".%s", until_unix_s, nonce);
	if (sign(dq, head, what, sum, err))
		return err->kind;
	(void)snprintf(ret_paper, DQ_CONSENT_MAX, "%s.%s", head, sum);
	return ERR_OK;
}

enum dq_status dq_consent_make(struct dq *dq, const char *what,
    char ret_paper[DQ_CONSENT_MAX], struct dq_error *ret_error)
{
	struct err err;

	ret_paper[0] = '\0';
	return make(dq, what, ret_paper, &err) ? session_fail(&err, ret_error) : DQ_OK;
}

/* Until when it is good, by its head; 0: that does not say. */
static int64_t until_of(const char *head)
{
	char digits[24] = "";
	uint64_t value = 0;
	size_t len;

	if (strncmp(head, "1.", 2) != 0)
		return 0;
	len = strcspn(head + 2, ".");
	if (len >= sizeof(digits))
		return 0;
	memcpy(digits, head + 2, len);
	return text_uint(digits, 0, INT64_MAX, &value) ? (int64_t)value : 0;
}

/* The sum is behind the last dot: base64 has none. */
static enum err_kind check(
    struct dq *dq, const char *what, const char *paper, struct err *err)
{
	const char *dot = strrchr(paper, '.');
	char head[HEAD_MAX], sum[HMAC_BASE64_MAX];

	if (strlen(paper) >= DQ_CONSENT_MAX || !dot ||
	    dot - paper >= (ptrdiff_t)sizeof(head))
		return err_set(err, ERR_USAGE, "this is no word of consent");
	(void)snprintf(head, sizeof(head), "%.*s", (int)(dot - paper), paper);
	if (sign(dq, head, what, sum, err))
		return err->kind;
	if (strlen(dot + 1) != strlen(sum) ||
	    CRYPTO_memcmp(dot + 1, sum, strlen(sum)) != 0)
		return err_set(err, ERR_USAGE,
		    "the word of consent was altered, or was given for something else");
	if (clock_unix_ms() / 1000 >= until_of(head))
		return err_set(err, ERR_NOT_FOUND,
		    "the word of consent is older than %d minutes",
		    DQ_CONSENT_LIFE_S / 60);
	return ERR_OK;
}

enum dq_status dq_consent_check(
    struct dq *dq, const char *what, const char *paper, struct dq_error *ret_error)
{
	struct err err;

	return check(dq, what, paper, &err) ? session_fail(&err, ret_error) : DQ_OK;
}
