/*
 * commerce.h - the requests about the credits of an account: operations of
 * service_ops.h, which both begin an exchange.
 */
#pragma once

#include "service/exchange.h"

/* Does the login still hold, and what credit is left? At most 1e12 a sort of credit. */
enum err_kind api_credit(struct exchange *exchange, struct err *err);
/* What came and went. */
enum err_kind api_statement(
    struct exchange *exchange, const char *cursor, unsigned count, struct err *err);
