#include "core/common/moment.h"

#include "base/clock.h"

struct moment moment_read(void)
{
	return (struct moment){ .mono_ms = clock_mono_ms(), .unix_ms = clock_unix_ms() };
}
