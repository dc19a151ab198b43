#include "base/hmac.h"

#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/crypto.h"
#include "base/redact.h"

enum { SUM_BYTES = 32, READ_MAX = 3 * 1024 };

enum err_kind hmac_sha256(const void *key, size_t key_len, const void *bytes, size_t len,
    char ret_base64[HMAC_BASE64_MAX], struct err *err)
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	if (crypto_start(err))
		return err->kind;
	if (!HMAC(EVP_sha256(), key, (int)key_len, bytes, len, sum, &n) || n != SUM_BYTES)
		return err_set(err, ERR_NOMEM, "out of memory for a checksum");
	(void)EVP_EncodeBlock((unsigned char *)ret_base64, sum, SUM_BYTES);
	return ERR_OK;
}

/* OpenSSL passes over blanks, and takes a '=' for a letter. */
static bool is_base64(const char *text, size_t len, size_t *ret_padding)
{
	static const char letters[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t n = 0;

	while (n < len && text[n] && strchr(letters, text[n]))
		n++;
	*ret_padding = len - n;
	for (size_t i = n; i < len; i++)
		if (text[i] != '=')
			return false;
	return len > 0 && len % 4 == 0 && *ret_padding <= 2;
}

bool base64_read(
    const char *text, size_t text_len, unsigned char *into, size_t room, size_t *ret_len)
{
	unsigned char all[READ_MAX];
	size_t padding, n;
	bool fits;

	if (text_len / 4 * 3 > sizeof(all) || !is_base64(text, text_len, &padding))
		return false;
	if (EVP_DecodeBlock(all, (const unsigned char *)text, (int)text_len) < 0)
		return false;
	n = text_len / 4 * 3 - padding;
	fits = n <= room;
	if (fits) {
		memcpy(into, all, n);
		*ret_len = n;
	}
	redact_wipe(all, sizeof(all));
	return fits;
}
