/*
 * serve.h - a helper's way through its requests, one after the other, in the sandbox.
 */
#pragma once

#include "thumb/decode.h"

typedef enum thumb_result decoder(
    struct source *source, const struct want *want, struct shrink *into);

/*
 * Prepare, shut ourselves in, and answer what comes on standard input (protocol.h) until
 * nothing does. Returns the exit status.
 */
int serve(void (*prepare)(void), decoder *by);
