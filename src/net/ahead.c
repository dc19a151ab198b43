#include "net/ahead.h"

#include <curl/curl.h>
#include <signal.h>
#include <stddef.h>

#include "base/crypto.h"

static void *start_libraries(void *payload)
{
	struct err err;

	/* In the order of net_new(): curl starts OpenSSL without asking for its failure.
	 */
	if (crypto_start(&err) || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return NULL;
	return payload;
}

void net_ahead_begin(struct net_ahead *ahead)
{
	sigset_t all, before;

	if (ahead->is_begun)
		return;
	/* Signals are for the thread that waits for the network. */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	ahead->is_begun = !pthread_create(&ahead->thread, NULL, start_libraries, ahead);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void net_ahead_end(struct net_ahead *ahead)
{
	void *curl_is_counted = NULL;

	if (!ahead->is_begun)
		return;
	ahead->is_begun = false;
	(void)pthread_join(ahead->thread, &curl_is_counted);
	if (curl_is_counted)
		curl_global_cleanup();
}
