/*
 * network.h - how a session talks to the network, where that is not as usual.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* All 0 and NULL is as usual. Everything is copied by dq_open(), which checks it. */
struct dq_network {
	size_t size_bytes; /* sizeof(struct dq_network) */
	/*
	 * Bytes a second of all downloads of the session together: "2M", "500k", and by
	 * hours of the local day "2M,22:00-07:00=off,12:00-13:00=500k"; k, M, G are 1024
	 * times the one before. Each download gets its turn.
	 */
	const char *limit_rate;
	/*
	 * http://HOST:PORT, https, socks4, socks4a, socks5 (the name is looked up here)
	 * or socks5h (there), with NAME:PASSWORD@ before the host, which no message
	 * repeats.
	 * "": none; NULL: that of https_proxy, all_proxy. Loopback is never asked through
	 * it.
	 */
	const char *proxy;
	const char *no_proxy; /* names, addresses, blocks, by commas; NULL: $no_proxy */
	const char *interface; /* a name ("eth0"), or an address of this machine */
	/* Certificates to trust beside the system's; NULL: those of DREAMQ_CA_FILE,
	 * CURL_CA_BUNDLE, SSL_CERT_FILE. */
	const char *ca_file;
	const char *doh_url; /* look names up there, by DNS over HTTPS */
	unsigned ip_version; /* 4, 6; 0: either */
	unsigned connections_per_host; /* at most; 0: 16 */
	int64_t connect_timeout_ms; /* 0: 15 s */
	int64_t
	    stall_timeout_ms; /* without a byte; 0: as long as is usual, by what it is */
};

#ifdef __cplusplus
}
#endif
