#include "thumb/serve.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "thumb/protocol.h"
#include "thumb/sandbox.h"

enum {
	CPU_ENOUGH_S = 30, /* then another one goes on; the limit is twice that */
	REQUESTS_ENOUGH = 1000,
	EXIT_NO_SANDBOX = 3,
};

/* Returns the descriptor that came with it; -1: that was all, or no request. */
static int take_request(struct thumb_request *ret_request)
{
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec part = { ret_request, sizeof(*ret_request) };
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	const struct cmsghdr *head;
	ssize_t got;
	int fd;

	do {
		got = recvmsg(STDIN_FILENO, &message, MSG_CMSG_CLOEXEC);
	} while (got < 0 && errno == EINTR);
	if (got != (ssize_t)sizeof(*ret_request) || ret_request->magic != THUMB_MAGIC)
		return -1;
	head = CMSG_FIRSTHDR(&message);
	if (!head || head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS ||
	    head->cmsg_len != CMSG_LEN(sizeof(int)))
		return -1;
	memcpy(&fd, CMSG_DATA(head), sizeof(fd));
	return fd;
}

static bool put(const void *bytes, size_t length)
{
	const char *at = bytes;

	while (length > 0) {
		const ssize_t n = write(STDIN_FILENO, at, length);

		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0) {
			at += n;
			length -= (size_t)n;
		}
	}
	return true;
}

static enum thumb_result decode(
    decoder *by, int fd, const struct thumb_request *request, struct shrink *into)
{
	static struct source source;
	const struct want want = { request->width, request->height };

	if (want.width == 0 || want.height == 0 || want.width > THUMB_SIDE_MAX ||
	    want.height > THUMB_SIDE_MAX)
		return THUMB_UNSUPPORTED;
	source_open(&source, fd);
	return by(&source, &want, into);
}

/* False: nobody listens any more. */
static bool answer(decoder *by, int fd, const struct thumb_request *request)
{
	struct shrink picture = { 0 };
	struct thumb_reply reply = { .magic = THUMB_MAGIC };
	size_t length = 0;
	uint8_t *file = NULL;
	bool is_heard;

	reply.result = decode(by, fd, request, &picture);
	if (reply.result == THUMB_DONE && request->format == THUMB_WEBP) {
		file = encode_webp(&picture, &length);
		if (!file)
			reply.result = THUMB_NO_MEMORY;
	} else if (reply.result == THUMB_DONE) {
		length = (size_t)picture.width * picture.height * 4;
	}
	if (reply.result == THUMB_DONE) {
		reply.width = picture.width;
		reply.height = picture.height;
		reply.length = (uint32_t)length;
	}
	is_heard =
	    put(&reply, sizeof(reply)) && put(file ? file : picture.pixels, reply.length);
	free(file);
	shrink_release(&picture);
	return is_heard;
}

static bool is_tired(unsigned requests)
{
	struct timespec used;

	return requests >= REQUESTS_ENOUGH ||
	    (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) == 0 &&
		used.tv_sec >= CPU_ENOUGH_S);
}

static bool is_socket(int fd)
{
	struct stat about;

	return fstat(fd, &about) == 0 && S_ISSOCK(about.st_mode);
}

int serve(void (*prepare)(void), decoder *by)
{
	static const char what[] =
	    "this helper is started by dreamq, and does nothing alone\n";
	struct thumb_request request;
	int fd;

	if (!is_socket(STDIN_FILENO)) {
		(void)!write(STDERR_FILENO, what, sizeof(what) - 1);
		return 2;
	}
	prepare();
	if (close_range(STDIN_FILENO + 1, ~0U, 0) != 0 || !sandbox_enter())
		return EXIT_NO_SANDBOX;
	for (unsigned n = 0; !is_tired(n); n++) {
		fd = take_request(&request);
		if (fd < 0)
			break;
		if (!answer(by, fd, &request))
			break;
		(void)close(fd);
	}
	return 0;
}
