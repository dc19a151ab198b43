/*
 * rawserver_tls.h - what a raw server needs to speak TLS: a key and a certificate, which
 * vouches for itself, made anew each time. For rawserver.c.
 */
#pragma once

#include <openssl/ssl.h>
#include <stdbool.h>

/* Ends the test when it is not: what a server of tests can't do without. */
void raw_must(bool is_true, const char *what);

/*
 * A context with a certificate for `name` and 127.0.0.1, which is written into `ca_file`
 * for clients. Both are the caller's to remove.
 */
SSL_CTX *raw_tls_new(const char *name, const char *ca_file);
