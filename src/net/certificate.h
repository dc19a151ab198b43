/*
 * certificate.h - until when does the peer's certificate hold? For net/ only.
 */
#pragma once

#include <curl/curl.h>
#include <stdint.h>

/*
 * Returns the end of the chain's certificate that ends first; -1: the connection has
 * none, is an old one, or was made without CURLOPT_CERTINFO.
 */
int64_t certificate_end_unix_ms(CURL *easy);
