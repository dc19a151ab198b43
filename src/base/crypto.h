/*
 * crypto.h - the crypto library, ready or refused.
 *
 * OpenSSL 3 makes its context and its sources of random numbers when they are first
 * needed, tries that once, and later goes through what is not there: a process that had
 * no memory at that moment crashes at its next checksum or handshake, inside OpenSSL or
 * curl. So whoever is about to use either asks here first; the parts are made one by one,
 * each in a way that reports its failure.
 *
 * Both may be called from any thread, as often as one likes; after the first time they
 * cost an atomic read. ERR_NOMEM: that part could not start, and will not in this
 * process.
 */
#pragma once

#include "base/err.h"

/*
 * Nobody else uses OpenSSL in this process, nor has so far: it need not take itself apart
 * when the process ends.
 */
void crypto_own_process(void);

/* For checksums. */
enum err_kind crypto_start(struct err *err);
/* For handshakes, too: the sources of random numbers take longer than all the rest. */
enum err_kind crypto_start_random(struct err *err);
