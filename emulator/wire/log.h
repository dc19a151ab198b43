/*
 * log.h - the line of the request log: what was asked, what was wrong with it, what went
 * out. docs/emulator.md has its fields.
 */
#pragma once

struct request;

/* Write the line, once; called before the last byte of the answer leaves. */
void request_log(struct request *r);
