/*
 * network.h - what the user says of the network, as the library takes it.
 */
#pragma once

#include "cli/app/app.h"
#include "dreamq/network.h"

/* Texts are borrowed from the options. ERR_USAGE: they can't be meant together. */
enum err_kind network_options(
    const struct app *app, struct dq_network *ret_network, struct err *err);
