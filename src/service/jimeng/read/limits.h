/*
 * limits.h - how much of an answer is taken in, whatever the service sends.
 */
#pragma once

enum {
	ANSWER_BODY_MAX = 16 << 20, /* bytes of a body after unpacking */
	ANSWER_RECORDS_MAX = 1000,
	ANSWER_ASSETS_MAX = 256, /* per record */
	ANSWER_RECORD_STRINGS_MAX = 4 << 20, /* bytes kept of one record */
	ANSWER_TOKENS_MAX = 1 << 20, /* 16 MB; what has more is read in another way */
	ANSWER_VALUES_MAX = 500 * 1000, /* of one record: 40 MB as a tree */
};
