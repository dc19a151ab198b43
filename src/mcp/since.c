#include "mcp/since.h"

#include "base/clock.h"
#include "dreamq/dreamq.h"

bool since_read(const char *text, int64_t *ret_unix_ms)
{
	const int64_t now_ms = clock_unix_ms();
	struct dq_error ignored;
	int64_t back_ms;

	*ret_unix_ms = 0;
	if (!text)
		return true;
	if (dq_parse_duration(text, &back_ms, &ignored) == DQ_OK) {
		*ret_unix_ms = back_ms < now_ms ? now_ms - back_ms : 0;
		return true;
	}
	*ret_unix_ms = clock_parse_iso(text);
	return *ret_unix_ms >= 0;
}
