#include "core/browser/unseal.h"

#include <stdbool.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

#include "base/crypto.h"
#include "base/redact.h"

enum { BLOCK = 16, VALUE_MAX = 16 * 1024 };

static const char fixed_password[] = "peanuts";
static const char salt[] = "saltysalt";

enum err_kind unseal_make_key(
    const char *password, uint8_t ret_key[UNSEAL_KEY_BYTES], struct err *err)
{
	if (crypto_start(err))
		return err->kind;
	if (!password)
		password = fixed_password;
	if (PKCS5_PBKDF2_HMAC_SHA1(password, (int)strlen(password),
		(const unsigned char *)salt, (int)sizeof(salt) - 1, 1, UNSEAL_KEY_BYTES,
		ret_key) == 1)
		return ERR_OK;
	ERR_clear_error();
	return err_set(err, ERR_NOMEM, "OpenSSL can't make a key");
}

static enum err_kind refuse(struct err *err)
{
	ERR_clear_error();
	return err_set(err, ERR_AUTH, "a cookie can't be decrypted");
}

/* Returns the length; -1: the padding is wrong, as it is with another key. */
static int decrypt(const struct sealed *sealed, const uint8_t *key, uint8_t *plain)
{
	uint8_t iv[BLOCK];
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	int len = 0, rest = 0;
	bool is_good;

	memset(iv, ' ', sizeof(iv));
	is_good = context &&
	    EVP_DecryptInit_ex(context, EVP_aes_128_cbc(), NULL, key, iv) == 1 &&
	    EVP_DecryptUpdate(context, plain, &len, sealed->bytes, (int)sealed->len) ==
		1 &&
	    EVP_DecryptFinal_ex(context, plain + len, &rest) == 1;
	EVP_CIPHER_CTX_free(context);
	return is_good ? len + rest : -1;
}

/* How many bytes before the value are the sum of its host; -1: they are another's. */
static int hashed_len(const struct sealed *sealed, const uint8_t *plain, int len)
{
	uint8_t sum[SHA256_DIGEST_LENGTH];

	if (sealed->version < UNSEAL_HASHED_VERSION)
		return 0;
	if (len < (int)sizeof(sum) ||
	    !SHA256((const unsigned char *)sealed->host, strlen(sealed->host), sum) ||
	    memcmp(sum, plain, sizeof(sum)) != 0)
		return -1;
	return (int)sizeof(sum);
}

enum err_kind unseal(const struct sealed *sealed, const uint8_t key[UNSEAL_KEY_BYTES],
    char *into, size_t room, struct err *err)
{
	uint8_t plain[VALUE_MAX + 2 * BLOCK];
	enum err_kind kind = ERR_OK;
	int len, skipped;

	if (sealed->len == 0 || sealed->len > VALUE_MAX || sealed->len % BLOCK != 0)
		return refuse(err);
	len = decrypt(sealed, key, plain);
	skipped = len < 0 ? -1 : hashed_len(sealed, plain, len);
	if (skipped < 0 || (size_t)(len - skipped) >= room ||
	    memchr(plain + skipped, '\0', (size_t)(len - skipped))) {
		kind = refuse(err);
	} else {
		memcpy(into, plain + skipped, (size_t)(len - skipped));
		into[len - skipped] = '\0';
	}
	redact_wipe(plain, sizeof(plain));
	return kind;
}
