/*
 * Whatever bytes a client writes: however they are cut they are the same lines, and each
 * is a message or is refused, with an id that is one.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mcp/frame.h"
#include "mcp/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		__builtin_trap();
}

static void check_id(const char *raw)
{
	char *key = raw ? message_id_key(raw) : NULL;

	require(!raw || key);
	require(!raw || raw[0] == '"' || strspn(raw, "-0123456789") == strlen(raw));
	free(key);
}

static void check_message(const char *line, size_t len)
{
	struct message message;
	const char *why = NULL;
	const enum rpc_code code = message_read(line, len, &message, &why);

	require(why != NULL);
	check_id(message.id);
	if (code == RPC_OK) {
		check_id(message.progress_token);
		check_id(message.request_id);
		require((message.kind == MESSAGE_RESPONSE) == !message.method);
		require(message.kind != MESSAGE_REQUEST || message.id);
		require(!message.params || cJSON_IsObject(message.params));
	}
	message_release(&message);
}

/* A sum of all lines, in order. */
static uint64_t read_in(const char *bytes, size_t size, size_t step)
{
	struct frames frames = frames_make();
	uint64_t sum = 0;

	for (size_t at = 0; at < size; at += step) {
		const char *piece = bytes + at;
		size_t left = size - at < step ? size - at : step;
		enum frame_kind kind;

		while ((kind = frames_next(&frames, &piece, &left)) != FRAME_NONE) {
			const size_t len = frames.line.len;

			sum = sum * 31 + kind;
			for (size_t i = 0; kind == FRAME_LINE && i < len; i++)
				sum = (sum ^ (unsigned char)frames.line.data[i]) *
				    1099511628211U;
			if (kind == FRAME_LINE && step > 1)
				check_message(frames.line.data, len);
		}
	}
	frames_release(&frames);
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)data;

	require(read_in(bytes, size, size > 2 ? size : 2) == read_in(bytes, size, 1));
	return 0;
}
