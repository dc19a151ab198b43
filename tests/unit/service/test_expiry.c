#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "service/jimeng/read/expiry.h"

#define SIG "0123456789abcdef0123456789ABCDEF"

static const struct {
	const char *label, *url;
	int64_t expires;
} links[] = {
	{ "image",
	    "https://p9-dreamina-sign.byteimg.com/tos-cn-i-x/1ac0~tplv-x:0:0.png?"
	    "lk3s=43402efa&x-expires=1757782800&x-signature=abc%3D&format=.png",
	    1757782800 },
	{ "first parameter", "https://h/a?x-expires=1757782800", 1757782800 },
	{ "upper case", "https://h/a?b=1&X-Expires=1757782800", 1757782800 },
	{ "not a suffix of another name", "https://h/a?not-x-expires=1757782800", 0 },
	{ "not in the fragment", "https://h/a?b=1#&x-expires=1757782800", 0 },
	{ "not in the path", "https://h/x-expires=1757782800", 0 },
	{ "no digits", "https://h/a?x-expires=soon", 0 },
	{ "empty", "https://h/a?x-expires=", 0 },
	{ "mixed", "https://h/a?x-expires=1757782800x", 0 },
	{ "negative", "https://h/a?x-expires=-1757782800", 0 },
	{ "zero", "https://h/a?x-expires=0", 0 },
	{ "before 2015", "https://h/a?x-expires=1420070399", 0 },
	{ "milliseconds are absurd", "https://h/a?x-expires=1757782800000", 0 },
	{ "huge", "https://h/a?x-expires=99999999999999999999999999", 0 },
	{ "video",
	    "https://v3-artist.vlabvod.com/" SIG "/68c5ac50/video/tos/cn/o/?a=4066",
	    0x68c5ac50 },
	{ "video of another host",
	    "https://v9-dreamnia.jimeng.com/" SIG "/68C5AC50/video/tos/cn/o/",
	    0x68c5ac50 },
	{ "video overseas",
	    "https://v16-cc.capcut.com/" SIG "/68c5ac50/video/tos/alisg/o/", 0x68c5ac50 },
	{ "video with a port", "http://127.0.0.1:8080/" SIG "/68c5ac50/video/o",
	    0x68c5ac50 },
	{ "not video", "https://h/" SIG "/68c5ac50/audio/o", 0 },
	{ "31 digits", "https://h/0123456789abcdef0123456789abcde/68c5ac50/video/o", 0 },
	{ "7 digits", "https://h/" SIG "/68c5ac5/video/o", 0 },
	{ "cut", "https://h/" SIG "/68c5ac50", 0 },
	{ "cut in the word", "https://h/" SIG "/68c5ac50/vide", 0 },
	{ "absurd hex", "https://h/" SIG "/00000001/video/o", 0 },
	{ "x-expires wins", "https://h/" SIG "/68c5ac50/video/o?x-expires=1757782800",
	    1757782800 },
	{ "an absurd x-expires does not",
	    "https://h/" SIG "/68c5ac50/video/o?x-expires=1", 0x68c5ac50 },
	{ "tos", "https://h/o?X-Tos-Date=20250913T154200Z&X-Tos-Expires=3600",
	    1757778120 + 3600 },
	{ "tos, other order",
	    "https://h/o?X-Tos-Expires=3600&X-Tos-Date=20250913T154200Z",
	    1757778120 + 3600 },
	{ "amz", "https://h/o?X-Amz-Date=20250913T154200Z&X-Amz-Expires=60",
	    1757778120 + 60 },
	{ "a date alone", "https://h/o?X-Tos-Date=20250913T154200Z", 0 },
	{ "a life alone", "https://h/o?X-Tos-Expires=3600", 0 },
	{ "mixed families", "https://h/o?X-Tos-Date=20250913T154200Z&X-Amz-Expires=60",
	    0 },
	{ "no such month", "https://h/o?X-Tos-Date=20251313T154200Z&X-Tos-Expires=60",
	    0 },
	{ "no such date", "https://h/o?X-Tos-Date=2025-09-13T15:42&X-Tos-Expires=60", 0 },
	{ "a life beyond 2100",
	    "https://h/o?X-Tos-Date=20250913T154200Z&X-Tos-Expires=999999999999", 0 },
	{ "url_expire", "https://h/o?url_expire=1757782800", 1757782800 },
	{ "nothing", "https://h/o", 0 },
	{ "no path", "https://h", 0 },
	{ "no link", "x-expires=1757782800", 0 },
	{ "question marks", "???x-expires=1757782800", 0 },
	{ "", "", 0 },
	{ "NULL", NULL, 0 },
};

static void links_tell_their_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++) {
		print_message("# %s\n", links[i].label);
		assert_int_equal(expiry_of_link(links[i].url), links[i].expires);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(
	    links_tell_their_end) };

	return cmocka_run_group_tests_name("expiry", tests, NULL, NULL);
}
