/*
 * mcp.h - a server of the Model Context Protocol, on standard input and output or by HTTP
 * on loopback: dreamq's verbs as tools for agents.
 *
 * Two eras in one process: revision 2026-07-28, where each request says by itself what it
 * speaks, and the revisions 2025-11-25 and 2025-06-18, which begin with 'initialize'.
 *
 * One thread reads and answers; each tool call has a thread and a session (struct dq) of
 * its own, because a session belongs to one thread and a verb returns when it is done. So
 * a call that waits holds up nobody, a ping is answered meanwhile, and a cancelled call
 * is an interrupted verb. What calls share is the ledger, as several processes do.
 *
 * It ends, with all calls, when standard input does, when nobody reads standard output
 * any more (neither of which HTTP uses), and after SIGINT, SIGTERM or SIGHUP. Nothing is
 * lost then: files go on where they were, tasks are in the ledger.
 */
#pragma once

#include "base/err.h"
#include "dreamq/dreamq.h"

struct methods_more; /* method.h */

/* Instead of standard input and output: Streamable HTTP, on loopback (http.h). */
struct mcp_http {
	const char *where; /* "127.0.0.1:8080", port 0: any; NULL: not at all */
	const char *token; /* that each request needs */
	/* It listens there. */
	void (*on_ready)(void *payload, const char *address, unsigned port);
};

enum { MCP_CALL_LIMIT_MS = 45000 }; /* unless otherwise told: clients cut after 60 s */

/* What agents may do beside looking and fetching. */
struct mcp_may {
	bool submit, remove; /* their tools are there */
	/* Submit without asking the person, so many in 24 hours. */
	bool without_asking;
	int64_t unasked_a_day;
	int64_t max_credits; /* that one may cost; 0: anything */
};

struct mcp_options {
	const struct dq_options
	    *session; /* of each call; on_event and payload are ours */
	const char *folder; /* where files go, absolute */
	const char *name_template; /* as in dq_get; NULL: the usual one */
	int64_t call_limit_ms;
	/* Hears the notes and the log of all calls, one at a time, on their threads. */
	void (*on_note)(void *payload, const struct dq_event *event);
	void *payload;
	struct mcp_may may;
	/* What chose the account, behind the verb of a command: " --profile x"; NULL. */
	const char *place;
	struct mcp_http http;
	const struct methods_more *more; /* NULL: the usual methods alone */
};

/*
 * Serves until the end. The program's signals must be at their default actions. What is
 * borrowed must outlive the process: a call that does not end in time is left behind.
 */
enum err_kind mcp_serve(const struct mcp_options *options, struct err *err);
