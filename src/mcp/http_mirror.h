/*
 * http_mirror.h - do the header fields of a request say what its body does?
 *
 * Revision 2026-07-28 has some of the body in the header, too, for whoever only looks
 * there. Where the two differ, one of them was meant for somebody else: such a request is
 * refused. Pure.
 */
#pragma once

#include "mcp/message.h"
#include "web/request.h"

/*
 * Returns what is wrong, as a sentence; NULL: nothing. Whoever asks has seen that the
 * message is a request of that revision.
 */
const char *mirror_fault(
    const struct web_request *request, const struct message *message);
