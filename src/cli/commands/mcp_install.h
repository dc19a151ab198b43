/*
 * mcp_install.h - 'dreamq mcp install CLIENT' and 'dreamq mcp clients': our entry in the
 * configuration of a program that has an agent inside.
 */
#pragma once

#include "cli/app/app.h"

/* Options that say how to install; all others of the verb go into the entry. */
extern const enum opt_id mcp_install_opts[];

int mcp_install(struct app *app);
int mcp_clients(struct app *app);
