/*
 * sidecar.h - which sidecars --sidecar asks for.
 */
#pragma once

#include "cli/options/args.h"

/* "json,xmp" as the bits DQ_SIDECAR_...; switched on without a word it is JSON. */
unsigned char sidecar_bits(const struct args *args);
