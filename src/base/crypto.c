#include "base/crypto.h"

#include <stdatomic.h>
#include <stdbool.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <pthread.h>

struct part {
	pthread_once_t once;
	bool is_ready;
};
static struct part library = { .once = PTHREAD_ONCE_INIT };
static struct part numbers = { .once = PTHREAD_ONCE_INIT };

static atomic_bool is_ours;

/* How it ends is settled by the first call. */
static void start_library(void)
{
	if (atomic_load(&is_ours))
		(void)OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL);
	library.is_ready = OSSL_LIB_CTX_get0_global_default() != NULL &&
	    OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CONFIG, NULL) == 1;
	ERR_clear_error();
}

static void start_numbers(void)
{
	numbers.is_ready = RAND_status() == 1;
	ERR_clear_error();
}

static enum err_kind start(struct part *part, void (*how)(void), struct err *err)
{
	if (pthread_once(&part->once, how) || !part->is_ready)
		return err_set(err, ERR_NOMEM, "OpenSSL can't start: out of memory?");
	return ERR_OK;
}

void crypto_own_process(void)
{
	atomic_store(&is_ours, true);
}

enum err_kind crypto_start(struct err *err)
{
	return start(&library, start_library, err);
}

enum err_kind crypto_start_random(struct err *err)
{
	return crypto_start(err) ? err->kind : start(&numbers, start_numbers, err);
}
