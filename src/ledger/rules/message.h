/*
 * message.h - what every back end calls a delivery (deliveries.h) and its event, and an
 * errand (errands.h).
 */
#pragma once

#include <stdbool.h>

#include "model/task.h"

enum { MESSAGE_NAME_MAX = 40 };

enum { MESSAGE_RANDOM_LEN = 32 };

/* Writes 128 random bits, hexadecimal. False: there is no randomness. */
bool message_random(char into[MESSAGE_RANDOM_LEN + 1]);
/* Writes a name that no other message has. False: there is no randomness. */
bool message_name(char into[MESSAGE_NAME_MAX + 1]);

/* The event of a task's end in this state. */
const char *message_event(enum task_state state);
