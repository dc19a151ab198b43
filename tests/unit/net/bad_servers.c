#include "bad_servers.h"

#include <string.h>
#include <unistd.h>

void say_and_close(struct raw_peer *peer, void *payload)
{
	if (raw_read(peer))
		raw_say(peer, "%s", (const char *)payload);
}

void say_and_reset(struct raw_peer *peer, void *payload)
{
	if (!raw_read(peer))
		return;
	raw_say(peer, "%s", (const char *)payload);
	raw_reset(peer);
}

void say_and_stall(struct raw_peer *peer, void *payload)
{
	if (raw_read(peer))
		raw_say(peer, "%s", (const char *)payload);
	raw_stall(peer);
}

void say_at_once(struct raw_peer *peer, void *payload)
{
	raw_say(peer, "%s", (const char *)payload);
	raw_stall(peer);
}

void flood_headers(struct raw_peer *peer, void *payload)
{
	(void)payload;
	if (!raw_read(peer))
		return;
	raw_say(peer, "HTTP/1.1 200 OK\r\n");
	for (int i = 0; i < 4000; i++)
		raw_say(
		    peer, "X-Flood-%d: 0123456789012345678901234567890123456789\r\n", i);
	raw_stall(peer);
}

void flood_one_header(struct raw_peer *peer, void *payload)
{
	char bytes[4096];

	(void)payload;
	if (!raw_read(peer))
		return;
	memset(bytes, 'a', sizeof(bytes));
	raw_say(peer, "HTTP/1.1 200 OK\r\nX-Flood: ");
	for (int i = 0; i < 100; i++)
		raw_say_bytes(peer, bytes, sizeof(bytes));
	raw_stall(peer);
}

void flood_interim(struct raw_peer *peer, void *payload)
{
	(void)payload;
	if (!raw_read(peer))
		return;
	for (int i = 0; i < 10000; i++)
		raw_say(peer, "HTTP/1.1 103 Early\r\n\r\n");
	raw_stall(peer);
}

/* A chunk's extension without an end: nothing of it is a body. */
void flood_extension(struct raw_peer *peer, void *payload)
{
	char bytes[4096];

	(void)payload;
	if (!raw_read(peer))
		return;
	memset(bytes, 'a', sizeof(bytes));
	raw_say(peer,
	    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	    "5;x=");
	for (int i = 0; i < 1000; i++)
		raw_say_bytes(peer, bytes, sizeof(bytes));
	raw_stall(peer);
}

void drip_headers(struct raw_peer *peer, void *payload)
{
	(void)payload;
	if (!raw_read(peer))
		return;
	raw_say(peer, "HTTP/1.1 200 OK\r\n");
	for (int i = 0; i < 200; i++) {
		raw_say(peer, "X-Drip-%d: 1\r\n", i);
		(void)usleep(10000);
	}
}

void drip(struct raw_peer *peer, void *payload)
{
	(void)payload;
	if (!raw_read(peer))
		return;
	raw_say(peer, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
	for (int i = 0; i < 200; i++) {
		raw_say(peer, "x");
		(void)usleep(10000);
	}
}
