/*
 * answer.h - what the answers of all endpoints have in common: the envelope, business
 * errors, the login that is looked at first, and what faults want of records.
 */
#pragma once

#include "jimeng/jimeng.h"
#include "jimeng/record.h"
#include "wire/request.h"

/* A business error: HTTP 200 and a `ret`. A NULL message takes the usual one. */
void api_error(struct request *r, int ret, const char *message);

/* The shapes of a refused submit: the code also in `data`, or no data at all. */
void api_submit_error(struct request *r, int ret, const char *message);

/* False, and answered, when the cookie is missing or its login is dead. */
bool api_login(const struct jimeng *jimeng, struct request *r, int ret_when_dead);

/* Success with this `data`, a JSON text that is released. One in four begins with it. */
void api_data(struct request *r, struct text *data);

/* The time that the answer shows, Unix seconds. */
int64_t api_shown_s(const struct request *r);

/* How records of this answer are written. */
struct record_view api_view(const struct jimeng *jimeng, const struct request *r);

/* Does a fault leave out what is called `id`? */
bool api_is_omitted(const struct request *r, const char *id);

/* Is the task kept from this answer, where it would be called `id`? */
bool api_is_hidden(const struct jimeng *jimeng, const struct request *r,
    const struct task *task, const char *id);
