/*
 * addr.h - is an address out in the public internet? Pure: text or sockaddr in,
 * verdict out.
 *
 * An IPv6 address that only wraps an IPv4 one (mapped, compatible, NAT64, 6to4) is
 * judged by what it wraps. Anything not known to be public is not public.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

enum addr_kind { ADDR_PUBLIC, ADDR_LOOPBACK, ADDR_PRIVATE };

/* Sixteen bytes for both families: IPv4 sits in ::ffff:0:0/96. */
struct addr {
	uint8_t bytes[16];
};

/*
 * Reads "127.0.0.1", "::1", "[::1]", "fe80::1%eth0", "10.0.0.1."; false when it is a
 * name.
 */
bool addr_parse(const char *literal, struct addr *ret_addr);
/* Returns false when it is neither IPv4 nor IPv6. */
bool addr_of_socket(const struct sockaddr *address, struct addr *ret_addr);

enum addr_kind addr_kind(const struct addr *addr);
/* Is it inside "10.0.0.0/8", "fd00::/8" or equal to "10.1.2.3"? False for nonsense. */
bool addr_is_in(const struct addr *addr, const char *block);
