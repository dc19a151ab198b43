/*
 * hook.h - the user's own command for each stored file (--exec).
 *
 *   hooks_post ──► waiting ──► running ──► its end is told
 *
 * /bin/sh runs it, at most HOOKS_MAX at once, beside everything else: nobody waits for a
 * child, the loop sleeps on its descriptor (net_watch). Of the file it is told in
 *
 *   DREAMQ_PATH    absolute                DREAMQ_INDEX   place in the task, from 0
 *   DREAMQ_ID      of the task             DREAMQ_SHA256  64 hex digits
 *   DREAMQ_KIND    image, video, audio
 *
 * and "{}" in the command stands for "$DREAMQ_PATH", as one word. The command's stdin is
 * /dev/null, its stdout our stderr; it inherits no other descriptor of ours.
 *
 * Loop's thread only. Failures are of the command: the file is stored, whatever it does.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "model/task.h"
#include "net/net.h"

enum {
	HOOKS_MAX = 4, /* commands that run at once */
	HOOK_GRACE_MS = 1000, /* from SIGTERM until we leave without it */
};

struct hooks;
struct hook;

/* `command` and `net` are borrowed until hooks_free(). ERR_NOMEM. */
enum err_kind hooks_new(
    struct net *net, const char *command, struct hooks **ret_hooks, struct err *err);
/* Commands that run get SIGTERM, and HOOK_GRACE_MS; those that wait are not run. */
void hooks_free(struct hooks *hooks);

/* The run of the command for this file at `path`; what is needed of it is copied. NULL:
 * no memory. */
struct hook *hook_new(
    const struct task *task, const struct asset *asset, const char *path);
void hook_free(struct hook *hook);
void hooks_post(struct hooks *hooks, struct hook *take);

/* Begin what can begin; notice what has ended. */
void hooks_step(struct hooks *hooks);
/*
 * Returns when hooks_step() has to be called without a descriptor that says so;
 * INT64_MAX: not.
 */
int64_t hooks_next_ms(const struct hooks *hooks, int64_t now_ms);
size_t hooks_waiting(const struct hooks *hooks); /* not begun yet */
bool hooks_are_busy(const struct hooks *hooks); /* waiting, running, or untold */

/*
 * The next command that did not end well: not run, a status other than 0, a signal.
 * *ret_why is ERR_IO with file and command. False: none.
 */
bool hooks_told(struct hooks *hooks, struct err *ret_why);
