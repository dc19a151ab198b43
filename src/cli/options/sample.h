/*
 * sample.h - a config file that changes nothing: every key that may stand there, with
 * what it means and what holds without it, behind '#'. Made from the tables.
 */
#pragma once

#include "base/buf.h"

void sample_add(struct buf *into);
