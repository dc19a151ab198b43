/*
 * their_json.h - tasks as the service's own command line prints them: the JSON of its
 * query_result and list_task, in its order and with its spaces. What dreamq does not know
 * of a task (logid, fps, priority) is left out, as they leave out what they don't know.
 */
#pragma once

#include "dreamq/dreamq.h"

/*
 * Returns the words for a state: "querying", "success", "fail". Of an id that the service
 * does not know they print none; here it is "fail".
 */
const char *their_status(const struct dq_task *task);

/* Makes an object as query_result prints it, malloc'ed; NULL: no memory. */
char *their_result_json(const struct dq_task *task);
/* Makes an element of the array that list_task prints, indented as it stands there. */
char *their_entry_json(const struct dq_task *task);
