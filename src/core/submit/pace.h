/*
 * pace.h - how fast the submits of one kind may follow each other. Pure: the time and
 * randomness are arguments.
 *
 * Nobody tells how many tasks an account may have running; this finds out. It
 * begins PACE_WIDTH_MAX wide; a refusal makes it one wide and pauses it; each
 * submit that is accepted makes it wider again.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum {
	PACE_WIDTH_MAX = 4,
};

struct pace {
	unsigned under_way, width;
	unsigned refusals; /* in a row; those of one pause count once */
	int64_t paused_until_ms; /* 0: not paused */
	bool is_ordered; /* the service itself said until when */
};

struct pace pace_make(void);
/* When the next one may be sent, as far as it is up to the pace; INT64_MAX: when one of
 * those under way has ended. */
int64_t pace_next_ms(const struct pace *pace);
void pace_sent(struct pace *pace); /* it counts as under way from here on */
/* May one that counts leave, or has come meanwhile what it has to wait for? */
bool pace_may_leave(const struct pace *pace, int64_t now_ms);
void pace_ended(struct pace *pace); /* first; then maybe one of these two: */
void pace_accepted(struct pace *pace);
/*
 * The service was busy: it refused one that may be sent later. True: a new pause begins;
 * false: there is one already, which goes on, or longer when the service orders that.
 */
bool pace_refused(
    struct pace *pace, int64_t now_ms, uint32_t retry_after_ms, uint64_t random);
/* The next one goes alone: the account was in trouble. */
void pace_narrow(struct pace *pace);
/* There may be room: our own pause is over. What the service has ordered is obeyed. */
void pace_room(struct pace *pace);
