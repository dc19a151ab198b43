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

#include "model/task.h"
#include "service/jimeng/send/client.h"
#include "service/service.h"

enum sent_outcome sent_outcome_of(const struct submit_outcome *outcome);
/* Returns the class of a task that was refused with this code. */
enum fail_class sent_fail_class(const char *ret);
