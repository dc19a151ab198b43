#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>

#include "net/addr.h"

enum { PUBLIC = ADDR_PUBLIC, LOOP = ADDR_LOOPBACK, PRIV = ADDR_PRIVATE };

/* The first and last address of each block, and their neighbours outside. */
static const struct {
	const char *text;
	int kind;
} kinds[] = {
	{ "0.0.0.0", PRIV },
	{ "0.255.255.255", PRIV },
	{ "1.0.0.0", PUBLIC },
	{ "9.255.255.255", PUBLIC },
	{ "10.0.0.0", PRIV },
	{ "10.255.255.255", PRIV },
	{ "11.0.0.0", PUBLIC },
	{ "100.63.255.255", PUBLIC },
	{ "100.64.0.0", PRIV },
	{ "100.127.255.255", PRIV },
	{ "100.128.0.0", PUBLIC },
	{ "126.255.255.255", PUBLIC },
	{ "127.0.0.1", LOOP },
	{ "127.255.255.255", LOOP },
	{ "128.0.0.0", PUBLIC },
	{ "169.253.255.255", PUBLIC },
	{ "169.254.169.254", PRIV },
	{ "169.255.0.0", PUBLIC },
	{ "172.15.255.255", PUBLIC },
	{ "172.16.0.0", PRIV },
	{ "172.31.255.255", PRIV },
	{ "172.32.0.0", PUBLIC },
	{ "191.255.255.255", PUBLIC },
	{ "192.0.0.1", PRIV },
	{ "192.0.1.0", PUBLIC },
	{ "192.0.2.1", PRIV },
	{ "192.88.99.1", PRIV },
	{ "192.167.255.255", PUBLIC },
	{ "192.168.0.0", PRIV },
	{ "192.168.255.255", PRIV },
	{ "192.169.0.0", PUBLIC },
	{ "198.17.255.255", PUBLIC },
	{ "198.18.0.0", PRIV },
	{ "198.19.255.255", PRIV },
	{ "198.20.0.0", PUBLIC },
	{ "198.51.100.7", PRIV },
	{ "203.0.113.7", PRIV },
	{ "223.255.255.255", PUBLIC },
	{ "224.0.0.1", PRIV },
	{ "239.255.255.255", PRIV },
	{ "240.0.0.0", PRIV },
	{ "255.255.255.255", PRIV },
	{ "8.8.8.8", PUBLIC },
	{ "8.8.8.8.", PUBLIC },
	{ "10.0.0.1.", PRIV },
	/* IPv6 */
	{ "::", PRIV },
	{ "::1", LOOP },
	{ "[::1]", LOOP },
	{ "::2", PRIV },
	{ "fc00::1", PRIV },
	{ "fdff::1", PRIV },
	{ "fe80::1", PRIV },
	{ "fe80::1%eth0", PRIV },
	{ "[fe80::1%25eth0]", PRIV },
	{ "febf::1", PRIV },
	{ "fec0::1", PRIV },
	{ "ff02::1", PRIV },
	{ "2001:db8::1", PRIV },
	{ "2001:0:1::1", PRIV },
	{ "2001:10::1", PRIV },
	{ "2001:4860:4860::8888", PUBLIC },
	{ "2400:3200::1", PUBLIC },
	{ "3fff::1", PRIV },
	{ "100::1", PRIV },
	{ "4000::1", PRIV },
	{ "64:ff9b:1::1", PRIV },
	/* IPv4 in disguise */
	{ "::ffff:127.0.0.1", LOOP },
	{ "::ffff:10.0.0.1", PRIV },
	{ "::ffff:8.8.8.8", PUBLIC },
	{ "::10.0.0.1", PRIV },
	{ "::127.0.0.1", PRIV },
	{ "::8.8.8.8", PUBLIC },
	{ "64:ff9b::10.0.0.1", PRIV },
	{ "64:ff9b::127.0.0.1", PRIV },
	{ "64:ff9b::8.8.8.8", PUBLIC },
	{ "2002:0a00:0001::1", PRIV },
	{ "2002:7f00:0001::", PRIV },
	{ "2002:0808:0808::1", PUBLIC },
};

static void every_block(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct addr addr;

		if (!addr_parse(kinds[i].text, &addr))
			fail_msg("'%s' isn't read", kinds[i].text);
		if ((int)addr_kind(&addr) != kinds[i].kind)
			fail_msg("'%s' is of kind %d", kinds[i].text, addr_kind(&addr));
	}
}

static void names_are_not_addresses(void **state)
{
	static const char *const names[] = { "", ".", "localhost", "1.2.3", "1.2.3.4.5",
		"1.2.3.256", "0x7f.1", "a.b.c.d", "::g", "[::1", "1.2.3.4..", " 1.2.3.4",
		"12345:6::1",
		"0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct addr addr;
		const bool is_read = addr_parse(names[i], &addr);

		if (is_read != (strcmp(names[i], "[::1") == 0))
			fail_msg("'%s': %d", names[i], is_read);
	}
}

static void sockets(void **state)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(0x0a000001) };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
		.sin6_addr = IN6ADDR_LOOPBACK_INIT };
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct addr addr;

	(void)state;
	assert_true(addr_of_socket((struct sockaddr *)&in, &addr));
	assert_int_equal(addr_kind(&addr), ADDR_PRIVATE);
	assert_true(addr_of_socket((struct sockaddr *)&in6, &addr));
	assert_int_equal(addr_kind(&addr), ADDR_LOOPBACK);
	assert_false(addr_of_socket((struct sockaddr *)&un, &addr));
}

static const struct {
	const char *addr, *block;
	bool is_in;
} blocks[] = {
	{ "10.1.2.3", "10.0.0.0/8", true },
	{ "11.1.2.3", "10.0.0.0/8", false },
	{ "10.1.2.3", "10.1.2.3", true },
	{ "10.1.2.3", "10.1.2.4", false },
	{ "10.1.2.3", "0.0.0.0/0", true },
	{ "10.1.2.3", "10.1.2.3/32", true },
	{ "10.1.2.3", "10.1.2.2/31", true },
	{ "10.1.2.3", "10.1.2.4/30", false },
	{ "10.1.2.3", "10.0.0.0/33", false },
	{ "10.1.2.3", "10.0.0.0/-1", false },
	{ "10.1.2.3", "10.0.0.0/", false },
	{ "10.1.2.3", "10.0.0.0/8x", false },
	{ "10.1.2.3", "/8", false },
	{ "10.1.2.3", "", false },
	{ "10.1.2.3", "10/8", false },
	{ "fd00::5", "fd00::/8", true },
	{ "fe00::5", "fd00::/8", false },
	{ "fd00::5", "::/0", true },
	{ "10.1.2.3", "fd00::/8", false },
	{ "::ffff:10.1.2.3", "10.0.0.0/8", true },
	{ "fd00::5", "0.0.0.0/0", false },
	{ "2400::1", "2400::1", true },
	{ "2400::1", "2400::/129", false },
};

static void inside_of(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
		struct addr addr;

		assert_true(addr_parse(blocks[i].addr, &addr));
		if (addr_is_in(&addr, blocks[i].block) != blocks[i].is_in)
			fail_msg("%s in %s", blocks[i].addr, blocks[i].block);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_block),
		cmocka_unit_test(names_are_not_addresses),
		cmocka_unit_test(sockets),
		cmocka_unit_test(inside_of),
	};

	return cmocka_run_group_tests_name("addr", tests, NULL, NULL);
}
