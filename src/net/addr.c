#include "net/addr.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

struct block {
	uint8_t bytes[16];
	unsigned bits;
};

enum { V4_AT = 12 }; /* where an IPv4 address starts in struct addr */

static const uint8_t v4_mapped[16] = { [10] = 0xff, [11] = 0xff };

#define V4(a, b, c, d, n)                                                  \
	{                                                                  \
		.bytes = { [10] = 0xff, [11] = 0xff, (a), (b), (c), (d) }, \
		.bits = 96 + (n)                                           \
	}

/* The special-purpose registries of IANA, as far as they are not reachable for all. */
static const struct block not_public_v4[] = {
	V4(0, 0, 0, 0, 8), V4(10, 0, 0, 0, 8), V4(100, 64, 0, 0, 10), /* carrier NAT */
	V4(169, 254, 0, 0, 16), /* link-local, cloud metadata */
	V4(172, 16, 0, 0, 12), V4(192, 0, 0, 0, 24),
	V4(192, 0, 2, 0, 24), /* documentation */
	V4(192, 88, 99, 0, 24), /* 6to4 relay */
	V4(192, 168, 0, 0, 16), V4(198, 18, 0, 0, 15), /* benchmarks */
	V4(198, 51, 100, 0, 24), /* documentation */
	V4(203, 0, 113, 0, 24), /* documentation */
	V4(224, 0, 0, 0, 4), /* multicast */
	V4(240, 0, 0, 0, 4), /* reserved, and broadcast */
};

/* Only 2000::/3 is handed out for public use; these parts of it are not. */
static const struct block global_v6 = { { 0x20 }, 3 };
static const struct block not_public_v6[] = {
	{ { 0x20, 0x01, 0x00 }, 23 }, /* protocol assignments: Teredo, ORCHID, ... */
	{ { 0x20, 0x01, 0x0d, 0xb8 }, 32 }, /* documentation */
	{ { 0x3f, 0xff }, 20 }, /* documentation */
};

/* Where an IPv4 address hides in an IPv6 one. */
static const struct {
	struct block block;
	unsigned at;
} wrappers[] = {
	{ { { 0 }, 96 }, 12 }, /* compatible; holds ::1 and :: too, which come first */
	{ { { 0x00, 0x64, 0xff, 0x9b }, 96 }, 12 }, /* NAT64 */
	{ { { 0x20, 0x02 }, 16 }, 2 }, /* 6to4 */
};

static const struct block loopback_v4 = V4(127, 0, 0, 0, 8);
static const struct block loopback_v6 = { { [15] = 1 }, 128 };
static const struct block any_v4 = V4(0, 0, 0, 0, 0);

static bool is_in(const struct addr *addr, const struct block *block)
{
	const unsigned whole = block->bits / 8, rest = block->bits % 8;
	const unsigned mask = 0xff00U >> rest & 0xffU;

	if (memcmp(addr->bytes, block->bytes, whole) != 0)
		return false;
	return rest == 0 || ((addr->bytes[whole] ^ block->bytes[whole]) & mask) == 0;
}

static bool is_in_any(const struct addr *addr, const struct block *blocks, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (is_in(addr, &blocks[i]))
			return true;
	}
	return false;
}

static struct addr from_v4(const uint8_t bytes[4])
{
	struct addr addr;

	memcpy(addr.bytes, v4_mapped, V4_AT);
	memcpy(addr.bytes + V4_AT, bytes, 4);
	return addr;
}

static enum addr_kind kind_of_v4(const struct addr *addr)
{
	const size_t n = sizeof(not_public_v4) / sizeof(not_public_v4[0]);

	if (is_in(addr, &loopback_v4))
		return ADDR_LOOPBACK;
	return is_in_any(addr, not_public_v4, n) ? ADDR_PRIVATE : ADDR_PUBLIC;
}

static enum addr_kind kind_of_wrapped(const struct addr *addr, unsigned at)
{
	const struct addr inner = from_v4(addr->bytes + at);

	/* Only a mapped address really is the loopback; others merely try to be. */
	return kind_of_v4(&inner) == ADDR_PUBLIC ? ADDR_PUBLIC : ADDR_PRIVATE;
}

enum addr_kind addr_kind(const struct addr *addr)
{
	const size_t n = sizeof(not_public_v6) / sizeof(not_public_v6[0]);

	if (is_in(addr, &any_v4))
		return kind_of_v4(addr);
	if (is_in(addr, &loopback_v6))
		return ADDR_LOOPBACK;
	for (size_t i = 0; i < sizeof(wrappers) / sizeof(wrappers[0]); i++) {
		if (is_in(addr, &wrappers[i].block))
			return kind_of_wrapped(addr, wrappers[i].at);
	}
	if (!is_in(addr, &global_v6) || is_in_any(addr, not_public_v6, n))
		return ADDR_PRIVATE;
	return ADDR_PUBLIC;
}

bool addr_parse(const char *literal, struct addr *ret_addr)
{
	const size_t len = strlen(literal);
	char text[INET6_ADDRSTRLEN + 2];
	struct addr addr;
	uint8_t v4[4];
	size_t n = 0;

	for (size_t i = literal[0] == '['; i < len; i++) {
		if (literal[i] == ']' || literal[i] == '%')
			break;
		if (n + 1 == sizeof(text))
			return false;
		text[n++] = literal[i];
	}
	text[n] = '\0';
	if (inet_pton(AF_INET6, text, addr.bytes) == 1) {
		*ret_addr = addr;
		return true;
	}
	if (n > 0 && text[n - 1] == '.') /* resolvers take the dot of a full name away */
		text[n - 1] = '\0';
	if (inet_pton(AF_INET, text, v4) != 1)
		return false;
	*ret_addr = from_v4(v4);
	return true;
}

bool addr_of_socket(const struct sockaddr *address, struct addr *ret_addr)
{
	struct sockaddr_in6 in6;
	struct sockaddr_in in;

	switch (address->sa_family) {
	case AF_INET: {
		uint8_t v4[4];

		memcpy(&in, address, sizeof(in));
		memcpy(v4, &in.sin_addr, sizeof(v4));
		*ret_addr = from_v4(v4);
		return true;
	}
	case AF_INET6:
		memcpy(&in6, address, sizeof(in6));
		memcpy(ret_addr->bytes, &in6.sin6_addr, sizeof(ret_addr->bytes));
		return true;
	default:
		return false;
	}
}

/* Reads "/8" behind an address; without one the whole address counts. */
static bool parse_bits(const char *slash, bool is_v4, unsigned *ret_bits)
{
	const unsigned most = is_v4 ? 32 : 128;
	unsigned long bits = most;
	char *end;

	if (slash) {
		bits = strtoul(slash + 1, &end, 10);
		if (end == slash + 1 || *end != '\0' || bits > most || slash[1] == '-')
			return false;
	}
	*ret_bits = (unsigned)bits + (is_v4 ? 96 : 0);
	return true;
}

bool addr_is_in(const struct addr *addr, const char *text)
{
	const char *slash = strchr(text, '/');
	const size_t len = slash ? (size_t)(slash - text) : strlen(text);
	char literal[INET6_ADDRSTRLEN + 2];
	struct block block;
	struct addr start;

	if (len >= sizeof(literal))
		return false;
	memcpy(literal, text, len);
	literal[len] = '\0';
	if (!addr_parse(literal, &start))
		return false;
	if (!parse_bits(slash, is_in(&start, &any_v4), &block.bits))
		return false;
	memcpy(block.bytes, start.bytes, sizeof(block.bytes));
	return is_in(addr, &block);
}
