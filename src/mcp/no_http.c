/*
 * no_http.c - what stands for http.h in a build without it.
 */
#include "mcp/transport.h"

static enum err_kind no_open(struct server *server, void **ret_state, struct err *err)
{
	(void)server;
	(void)ret_state;
	return err_set(err, ERR_USAGE,
	    "this program has no --http: it can't load a library; the one of the Debian "
	    "package can");
}

const struct transport transport_http = { .open = no_open };
