/*
 * control_account.h - inside of control.c: POST /_emulator/accounts, the login and the
 * credits of one; and what control requests share.
 */
#pragma once

#include "front/emulator.h"
#include "wire/request.h"

void control_set_account(struct emulator *emu, struct request *r);

/* Refuse a control request. */
void control_bad_request(struct request *r, const char *why);

/* A text of the body, or another one. */
const char *control_string(const json_t *body, const char *key, const char *otherwise);
