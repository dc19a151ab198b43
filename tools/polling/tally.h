/*
 * tally.h - what a policy cost over many tasks: polls, requests, and the delay from the
 * end of a generation to the poll that saw it.
 *
 * A zeroed tally is empty. Mean polls P and mean delay D make the cost P·D, which does
 * not change when a policy is scaled to poll twice as often: policies of different haste
 * are compared by it.
 */
#pragma once

#include <stddef.h>

struct tally {
	size_t n; /* tasks */
	double polls, requests; /* sums; a poll's share of its request */
	double delay_s; /* sum */
	double *delays_s; /* of each task */
	size_t room;
};

void tally_add(struct tally *tally, double polls, double requests, double delay_s);
void tally_merge(struct tally *into, const struct tally *from);
double tally_polls(const struct tally *tally); /* a task; P */
double tally_requests(const struct tally *tally); /* a task */
double tally_delay_s(const struct tally *tally); /* mean; D */
double tally_cost_s(const struct tally *tally); /* P·D */
double tally_quantile_s(struct tally *tally, double p); /* of the delay; 1: largest */
void tally_release(struct tally *tally);
