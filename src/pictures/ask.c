#include "pictures/ask.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"

enum { EXIT_NO_SANDBOX = 3 /* of a helper */ };

enum receipt { COMPLETE, GONE, LATE, LIE, NO_ROOM };

static bool send_request(int socket_fd, const struct thumb_request *request, int fd)
{
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct thumb_request copy = *request;
	struct iovec part = { &copy, sizeof(copy) };
	const struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};

	control.head = (struct cmsghdr){
		.cmsg_level = SOL_SOCKET,
		.cmsg_type = SCM_RIGHTS,
		.cmsg_len = CMSG_LEN(sizeof(int)),
	};
	memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
	return sendmsg(socket_fd, &message, MSG_NOSIGNAL) == (ssize_t)sizeof(copy);
}

static enum receipt receive(int fd, void *into, size_t length, int64_t until_ms)
{
	char *at = into;

	while (length > 0) {
		const int64_t left_ms = until_ms - clock_mono_ms();
		struct pollfd wait = { .fd = fd, .events = POLLIN };
		ssize_t got;

		if (left_ms <= 0)
			return LATE;
		if (poll(&wait, 1, left_ms > 60000 ? 60000 : (int)left_ms) <= 0)
			continue; /* late, or a signal: the clock tells */
		got = recv(fd, at, length, MSG_DONTWAIT);
		if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
			return GONE;
		if (got > 0) {
			at += got;
			length -= (size_t)got;
		}
	}
	return COMPLETE;
}

/* It may have been taken over: does this answer that? */
static bool can_be(const struct thumb_request *request, const struct thumb_reply *reply)
{
	if (reply->magic != THUMB_MAGIC || reply->result >= THUMB_RESULT_COUNT)
		return false;
	if (reply->result != THUMB_DONE)
		return reply->length == 0;
	if (reply->width == 0 || reply->height == 0 || reply->width > request->width ||
	    reply->height > request->height)
		return false;
	if (request->format == THUMB_RGBA)
		return reply->length == (uint64_t)reply->width * reply->height * 4;
	return reply->length > 0 && reply->length <= THUMB_BYTES_MAX;
}

static enum receipt take_answer(const struct helper *helper,
    const struct thumb_request *request, int64_t until_ms, unsigned *ret_result,
    struct dq_picture *ret_picture)
{
	struct thumb_reply reply = { 0 };
	enum receipt receipt = receive(helper->fd, &reply, sizeof(reply), until_ms);
	void *bytes;

	if (receipt)
		return receipt;
	if (!can_be(request, &reply))
		return LIE;
	*ret_result = reply.result;
	if (reply.result != THUMB_DONE)
		return COMPLETE;
	bytes = malloc(reply.length);
	if (!bytes)
		return NO_ROOM;
	receipt = receive(helper->fd, bytes, reply.length, until_ms);
	if (receipt) {
		free(bytes);
		return receipt;
	}
	*ret_picture = (struct dq_picture){
		.bytes = bytes,
		.length = reply.length,
		.width = reply.width,
		.height = reply.height,
	};
	return COMPLETE;
}

static unsigned refuse_sandbox(enum helper_kind kind, struct err *err)
{
	err_set(err, ERR_IO,
	    "'%s' can't be shut in (seccomp), and does not read strangers' files without",
	    helper_name(kind));
	return ASK_REFUSED;
}

/* What it means that there is no answer, and how it ended says. */
static unsigned end_of(enum receipt receipt, bool is_old, int status)
{
	switch (receipt) {
	case LATE:
		return ASK_LATE;
	case LIE:
		return ASK_LIED;
	case NO_ROOM:
		return THUMB_NO_MEMORY;
	case COMPLETE:
	case GONE:
		break;
	}
	return !is_old && status >= 0 && WIFEXITED(status) &&
		WEXITSTATUS(status) == EXIT_NO_SANDBOX
	    ? ASK_REFUSED
	    : ASK_KILLED;
}

/* Asks once; *ret_is_gone: it has ended meanwhile, and had answered others before. */
static unsigned ask_once(struct helper *helper, int fd,
    const struct thumb_request *request, int64_t timeout_ms,
    struct dq_picture *ret_picture, bool *ret_is_gone)
{
	const int64_t until_ms = clock_mono_ms() + timeout_ms;
	const bool is_old = helper->answers > 0;
	enum receipt receipt = GONE;
	unsigned result = ASK_KILLED;

	if (send_request(helper->fd, request, fd))
		receipt = take_answer(helper, request, until_ms, &result, ret_picture);
	*ret_is_gone = receipt == GONE && is_old;
	if (receipt)
		return end_of(receipt, is_old, helper_stop(helper));
	helper->answers++;
	return result;
}

unsigned ask(struct helper *helper, int fd, const struct thumb_request *request,
    int64_t timeout_ms, struct dq_picture *ret_picture, struct err *err)
{
	bool is_gone = true;
	unsigned result = ASK_KILLED;

	for (int tries = 0; tries < 2 && is_gone; tries++) {
		is_gone = false;
		if (helper->pid == 0 && helper_start(helper, -1, err))
			return ASK_REFUSED;
		result = ask_once(helper, fd, request, timeout_ms, ret_picture, &is_gone);
	}
	return result == ASK_REFUSED ? refuse_sandbox(helper->kind, err) : result;
}
