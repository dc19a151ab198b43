/*
 * process.c - a process that is nobody else's.
 */
#include <malloc.h>

#include "base/crypto.h"
#include "dreamq/dreamq.h"
#include "ledger/ledger.h"

/* An answer, its notes and its tree come and go: their pages need not be asked for again.
 */
static void keep_freed_memory(void)
{
#ifdef M_TRIM_THRESHOLD
	(void)mallopt(M_MMAP_THRESHOLD, 4 << 20);
	(void)mallopt(M_TRIM_THRESHOLD, 8 << 20);
#endif
}

void dq_own_process(void)
{
	keep_freed_memory();
	crypto_own_process();
	ledger_own_process();
}
