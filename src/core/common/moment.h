/*
 * moment.h - one reading of both clocks.
 *
 * A run reads the clocks once an iteration, when its wait is over, and everything that
 * happens in the iteration happens at that moment: no part reads a clock itself, none
 * sees time pass while it decides, and a test says what time it is. Only who blocks
 * (a ledger that is locked, a keyring that asks) measures that on its own.
 */
#pragma once

#include <stdint.h>

struct moment {
	int64_t mono_ms; /* only ever grows (clock.h) */
	int64_t unix_ms; /* may jump */
};

struct moment moment_read(void);
