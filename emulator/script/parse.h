/*
 * parse.h - inside of parse.c: what reads the words behind the colon of a line.
 */
#pragma once

#include "script/script.h"

/*
 * Read one: a fault's name, the argument of the last one, an option. *needs says whether
 * the last one still wants its argument.
 */
enum err_kind script_read_fault(
    struct rule *rule, const char *word, bool *needs, struct err *err);
