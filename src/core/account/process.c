/*
 * process.c - a process that is nobody else's.
 */
#include "base/crypto.h"
#include "dreamq/dreamq.h"
#include "ledger/ledger.h"

void dq_own_process(void)
{
	crypto_own_process();
	ledger_own_process();
}
