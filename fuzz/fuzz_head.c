/* The head of an answer, cut into lines the way curl delivers them. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "net/head.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct head *head)
{
	const struct net_head *view = &head->view;

	if (view->content_length < -1 || view->retry_after_ms < -1 ||
	    view->retry_after_ms > (int64_t)HEAD_WAIT_MAX_S * 1000)
		abort();
	if (view->range_total >= 0 && view->range_last >= view->range_total)
		abort();
	if (view->range_last < view->range_first)
		abort();
	if (head->is_complete && (view->status < 200 || head->bytes > HEAD_BYTES_MAX))
		abort();
	if (view->location && strpbrk(view->location, "\r\n"))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct head head = head_make("fuzz:1");
	const char *at = (const char *)data, *end = at + size;
	struct err err;

	while (at < end) {
		const char *feed = memchr(at, '\n', (size_t)(end - at));
		const size_t len = feed ? (size_t)(feed + 1 - at) : (size_t)(end - at);

		if (head_line(&head, at, len, 1700000000000, &err) != ERR_OK)
			break;
		check(&head);
		at += len;
	}
	head_release(&head);
	return 0;
}
