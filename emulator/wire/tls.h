/*
 * tls.h - a self-signed certificate for localhost and 127.0.0.1, made at the start.
 */
#pragma once

#include "common/err.h"
#include "common/text.h"

/* PEM texts; the caller releases both. */
enum err_kind tls_make(struct text *ret_key, struct text *ret_cert, struct err *err);
