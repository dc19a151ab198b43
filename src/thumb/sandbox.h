/*
 * sandbox.h - what a helper may still do once it reads what strangers have made.
 *
 * After sandbox_enter() the process can use memory, and the descriptors that it has or
 * is given: no file can be opened, no socket made, no program or thread begun; whoever
 * tries is killed (SIGSYS) without a word. It has limits for memory, time and
 * descriptors, leaves no core, can't be traced, and dies with whoever has started it.
 */
#pragma once

#include <stdbool.h>

/* False: the kernel refuses, and nothing may be decoded. */
bool sandbox_enter(void);
