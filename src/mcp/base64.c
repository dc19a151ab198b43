#include "mcp/base64.h"

#include <limits.h>
#include <stdlib.h>

#include <openssl/evp.h>

char *base64(const void *bytes, size_t len)
{
	char *text = len <= INT_MAX / 2 ? malloc((len + 2) / 3 * 4 + 1) : NULL;

	if (text)
		(void)EVP_EncodeBlock((unsigned char *)text, bytes, (int)len);
	return text;
}
