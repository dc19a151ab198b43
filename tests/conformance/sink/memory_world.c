#include "sink_memory.h"
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

/* In place of the library's: its own kinds, and this one. */
const struct sink_kind *const sink_kinds[] = { &sink_folder, &sink_memory, NULL };

static void set_up(char ret_place[PLACE_MAX])
{
	static unsigned n;

	(void)snprintf(ret_place, PLACE_MAX, "memory://box-%u", n++);
}

static void tear_down(const char *place)
{
	(void)place;
	memory_clear();
}

static void damage(const char *partial, size_t offset)
{
	size_t len = 0;
	unsigned char *bytes = memory_bytes(partial, &len);

	assert_non_null(bytes);
	assert_true(offset < len);
	bytes[offset] ^= 1;
}

static void killed_after(void (*steps)(void *payload), void *payload)
{
	steps(payload);
	memory_kill();
}

const struct world world = {
	.name = "memory",
	.set_up = set_up,
	.tear_down = tear_down,
	.put = memory_put,
	.damage = damage,
	.cut = memory_cut,
	.killed_after = killed_after,
};
