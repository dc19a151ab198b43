/*
 * answer.h - what the service said to a query, read and judged.
 *
 * Reading (answer_decode) is separate from judging (answer_judge), because
 * some judgements need to know how often we have polled already. Both are
 * pure. An answer is cut into records before any tree is made, so a large
 * batch costs its own bytes, their tape (json_tape.h; 16 MB at most) and the tree of one
 * record.
 *
 * A record that can't be read is an error of its own, and the others stand; a string or
 * number in it that can't be read is missing, and the rest of the record stands.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/json.h"
#include "model/task.h"
#include "service/jimeng/read/envelope.h"
#include "service/jimeng/read/limits.h"
#include "service/jimeng/read/mixup.h"
#include "service/jimeng/read/retcode.h"
#include "service/jimeng/read/verdict.h"
#include "service/service.h"

struct answer; /* opaque; owns copies, `bytes` may go */

/*
 * `date_unix_ms` is the Date header (-1 none), used when the body has no
 * time. ERR_CONTRACT: not JSON, wrong shape. A `ret` that is not "0" is *not* an error
 * here: ask answer_error(). An empty or HTML body is ERR_NET (transient) and says so.
 */
enum err_kind answer_decode(const char *bytes, size_t len, int64_t date_unix_ms,
    struct answer **ret_answer, struct err *err);
void answer_free(struct answer *answer);
void answer_freep(struct answer **answer);

/* Returns ERR_OK for ret "0"; else kind by class, message with code, text and log id. */
enum err_kind answer_error(const struct answer *answer, struct err *err);
enum ret_class answer_class(const struct answer *answer);
int64_t answer_server_unix_ms(const struct answer *answer); /* -1 unknown */
/* For requests other than queries: the code as text, and the bytes of `data`, len 0 none;
 * both live with the answer. */
const char *answer_ret(const struct answer *answer);
struct json_slice answer_data(const struct answer *answer);
/* All of it, as it came (without space around it). */
struct json_slice answer_text(const struct answer *answer);
/* Its outside; lives with the answer. */
const struct envelope *answer_envelope(const struct answer *answer);
/* How many strings, numbers and records could not be read as JSON. */
size_t answer_mended(const struct answer *answer);
/* What was odd so far: fields of a wrong type, unusable links, unknown numbers. */
unsigned answer_mistyped(const struct answer *answer);

/*
 * Read and judge the record of `id`: by its key, else by the ids inside the
 * records. *ret_task is new, complete but for `account` and `prompt`; its
 * links carry their expiry (one hour from the answer when nothing tells).
 * `memory` is updated for this poll, at `now_ms` on any clock that goes with the
 * service's. The id is unknown: state TASK_UNKNOWN, or TASK_NOT_FOUND when memory shows
 * enough absences over enough time (verdict.h) with both kinds of id tried.
 * ERR_CONTRACT: this record can't be read. ERR_NET: the id is not there, but a record is
 * that can't be read and may be its own; this poll tells nothing.
 */
enum err_kind answer_judge(struct answer *answer, const char *id, int64_t now_ms,
    struct poll_memory *memory, struct task **ret_task, struct err *err);

/*
 * May answer_judge() be believed, of each of the `n` ids that this request asked for? A
 * record is taken by its key, whatever ids it carries: only all of them together show
 * that the service has mixed them up. Fills ret_doubts[n]. ERR_NOMEM.
 */
enum err_kind answer_doubts(struct answer *answer, const struct answer_asker *askers,
    size_t n, struct service_doubt *ret_doubts, struct err *err);
