/*
 * err.h - what went wrong, as an exit status and as a sentence.
 *
 * A function that can fail returns an enum err_kind (0 is success) and takes
 * `struct err *err` as its last parameter. The kinds are the exit statuses of
 * the program. Only main() prints the message.
 */
#pragma once

enum err_kind {
	ERR_OK = 0,
	ERR_USAGE = 2, /* wrong option, bad line in a fault script */
	ERR_LISTEN = 5, /* the port is taken or cannot be bound */
	ERR_IO = 6, /* a file cannot be read or written */
};

struct err {
	enum err_kind kind;
	char msg[320];
};

/* Fill *err and return kind, so that `return err_set(...)` reads well. */
enum err_kind err_set(struct err *err, enum err_kind kind, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Put "context: " in front of the message of an error on its way up. */
enum err_kind err_note(struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
