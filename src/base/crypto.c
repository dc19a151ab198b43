#include "base/crypto.h"

#include <stdbool.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <pthread.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool is_ready;

/* Starts them in the order in which one needs the other. */
static void start(void)
{
	is_ready = OSSL_LIB_CTX_get0_global_default() != NULL &&
	    OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CONFIG, NULL) == 1 &&
	    RAND_status() == 1;
	ERR_clear_error();
}

enum err_kind crypto_start(struct err *err)
{
	if (pthread_once(&once, start) || !is_ready)
		return err_set(err, ERR_NOMEM, "OpenSSL can't start: out of memory?");
	return ERR_OK;
}
