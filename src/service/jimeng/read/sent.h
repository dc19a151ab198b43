/*
 * sent.h - what became of a submit, judged by how its request ended. Pure.
 *
 * The question is about money: was something started? Only a readable answer whose
 * code we know refuses for certain. A page, an empty or cut answer, a bare status, a
 * time-out, a server error whatever it says, and a code that nobody has seen before
 * prove nothing. Nor does a refusal that names a task, be it by our own id, or a charge
 * (service/jimeng/read/started.h): only a bare one is believed.
 */
#pragma once

#include <stdbool.h>

#include "model/task.h"
#include "service/service.h"

struct submit_outcome {
	/*
	 * ERR_OK: accepted. ERR_AUTH, ERR_ACCOUNT, ERR_USAGE, ERR_FAILED (content):
	 * refused by the service in a readable answer; nothing was started, unless
	 * `may_have_started`. ERR_BUSY: the same, this time. Anything else with `sent`:
	 * nobody knows. Without `sent`: it never left.
	 */
	struct err err;
	bool sent;
	long status; /* of HTTP; 0: none came */
	const char *submit_id; /* the service's echo, NULL none; borrowed */
	const char *history_id; /* NULL none; borrowed */
	const char *ret; /* its code, NULL none */
	bool may_have_started; /* names a task or a charge, somewhere (started.h) */
};
enum sent_outcome sent_outcome_of(const struct submit_outcome *outcome);
/* Returns the class of a task that was refused with this code. */
enum fail_class sent_fail_class(const char *ret);
