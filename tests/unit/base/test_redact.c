#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/redact.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

#define PICTURE                                                                \
	"https://p26-dreamina-sign.byteimg.com/tos-cn-i-tb4s082cfz/"           \
	"1ac07e23cac54449a9a5bd8f1100e464~tplv-tb4s082cfz-aigc_resize:0:0.png" \
	"?lk3s=CANARY&x-expires=CANARY&x-signature=CANARY%3D&format=.png"
#define FILM                                                                             \
	"https://v3-artist.vlabvod.com/0123456789abcdef0123456789abcdef/68c5a1b2/video/" \
	"tos/cn/tos-cn-v-148450/oEf3kQn7X9aBcDeF/?a=4066&l=CANARY&dy_q=CANARY"

static void links_keep_what_helps(void **state)
{
	static const struct {
		const char *url, *shown;
	} row[] = {
		{ PICTURE, "https://p26-dreamina-sign.byteimg.com/…/1100e464 (signed)" },
		{ FILM, "https://v3-artist.vlabvod.com/…/X9aBcDeF (signed)" },
		{ "http://127.0.0.1:8080/asset/abc.png", "http://127.0.0.1:8080/…/abc" },
		{ "http://[::1]:99/x?s=CANARY", "http://[::1]:99/…/x (signed)" },
		{ "https://host", "https://host" },
		{ "https://host/", "https://host" },
		{ "https://host?sig=CANARY", "https://host (signed)" },
		{ "https://host#CANARY", "https://host (signed)" },
		{ "https://me:CANARY@host/x", "https://host/…/x (signed)" },
		{ "https://me:CAN@ARY@host/x", "https://host/…/x (signed)" },
		{ "postgresql://me:CANARY@db/dreamq",
		    "postgresql://db/…/dreamq (signed)" },
		{ "https://h/0123456789abcdef0123456789abcdef/68c5a1b2",
		    "https://h (signed)" },
		{ "https://h/0123456789abcdef0123456789abcdef/68c5a1b2/video/",
		    "https://h/…/video (signed)" },
		{ "https://h/a;x-signature=CANARY", "https://h/…/a" },
		{ "https:\\/\\/h\\/obj\\u0026x=CANARY", "https://h/…/obj" },
		{ "https%3A%2F%2Fh%2Fobj%3Fx%3DCANARY", "https://h" },
		{ "tos-cn-i-abc/0123", "(link)" },
		{ "", "(link)" },
		{ "CANARY", "(link)" },
		{ "://host/?CANARY", "://host (signed)" },
	};
	char shown[200];

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		assert_ptr_equal(redact_url(row[i].url, shown, sizeof(shown)), shown);
		print_message("# %s\n", shown);
		assert_null(strstr(shown, "CANARY/"));
		assert_string_equal(shown, row[i].shown);
	}
}

static void any_room_is_enough(void **state)
{
	char shown[64];

	(void)state;
	for (size_t room = 0; room < sizeof(shown); room++) {
		memset(shown, 'x', sizeof(shown));
		redact_url(PICTURE, shown, room);
		if (room)
			assert_true(strlen(shown) < room);
		assert_int_equal(shown[room], 'x');
	}
}

/* Each holds CANARY where a secret would stand; what is around must survive. */
static const struct {
	const char *text, *kept;
} prose[] = {
	{ "no secret at all", "no secret at all" },
	{ "you may use status=50 or finish_time: 0", "finish_time: 0" },
	{ "get " PICTURE " failed", "1100e464 (signed) failed" },
	{ "get '" PICTURE "': timed out", "(signed)': timed out" },
	{ "(" FILM ").", "(signed))." },
	{ "{\"url\":\"" FILM "\",\"n\":1}", "\",\"n\":1}" },
	{ "图" PICTURE " 过期", "过期" },
	{ "1https://h/o?CANARY", "https://h/…/o" },
	{ "_https://h/o?CANARY end", "end" },
	{ "(https://h/o?a='CANARY')", "(https://h/…/o" },
	{ "https://h/o?图=CANARY end", " end" },
	{ "Location: https://h/o?x-signature=CANARY", "Location: https://h" },
	{ "Location: /o?x-signature=CANARY&format=.png", "&format=.png" },
	{ "sessionid=CANARY; path=/", "; path=/" },
	{ "sessionid = CANARY", "sessionid" },
	{ "SessionId=CANARY", "SessionId" },
	{ "sessionid: CANARY", "sessionid" },
	{ "sessionid='CANARY'", "sessionid" },
	{ "sessionid=\"CAN;ARY CANARY\" ok", " ok" },
	{ "{\"sessionid\":\"CANARY\",\"ret\":\"0\"}", "\"ret\":\"0\"" },
	{ "{\\\"sessionid\\\":\\\"CANARY\\\",\\\"ret\\\":0}", "ret" },
	{ "sid_guard=CANARY%7C17CANARY%7C; uid_tt=CANARY; sid_tt=CANARY", "; uid_tt=" },
	{ "msToken=CANARY&a_bogus=CANARY&aid=513695", "&aid=513695" },
	{ "a%3D1%26x-expires%3DCANARY%26sessionid%3DCANARY", "a%3D1" },
	{ "x%253D1%2526sessionid%253DCANARY", "x%253D1" },
	{ "x=1\\u0026sessionid=CANARY\\u0026n=2", "n=2" },
	{ "x-signature=CANARY\\u002bCANARY\\u002FCANARY ok", " ok" },
	{ "Cookie: a=CANARY; b=CANARY\nnext: 1", "next: 1" },
	{ "Set-Cookie: a=\"CANARY\"; b=CANARY", "Set-Cookie" },
	{ "\"Cookie\":\"a=CANARY; b=CANARY\",\"n\":1", "\"n\":1" },
	{ "\"Cookie\":[\"a=CANARY\",\"b=CANARY\"]", "Cookie" },
	{ "Authorization: Bearer CANARY", "Authorization" },
	{ "authorization=Bearer CANARY", "authorization" },
	{ "x-tt-token: CANARY", "x-tt-token" },
	{ "access_token=CANARY, x=1", "access_token" },
	{ ".jianying.com\tTRUE\t/\tTRUE\t0\tsessionid\tCANARY", "jianying.com" },
	{ "password=CANARY", "password" },
	{ "X-Amz-Credential=CANARY/2026/x&n=1", "n=1" },
	{ "the login expired; run `dreamq auth import`", "; run `dreamq auth import`" },
	{ "design: blue, assign: 3", "design: blue, assign: 3" },
	{ "sign=CANARY", "sign" },
};

static void prose_loses_its_secrets_only(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(prose); i++) {
		_cleanup_(buf_release) struct buf b = buf_make(2000);

		buf_add(&b, "> ", 2);
		redact_text(&b, prose[i].text);
		print_message("# %s\n", b.data);
		assert_false(buf_failed(&b));
		assert_memory_equal(b.data, "> ", 2);
		assert_int_equal(strlen(b.data), b.len);
		assert_null(strstr(b.data, "CANARY"));
		assert_non_null(strstr(b.data, prose[i].kept));
	}
}

/* A log may cut a text anywhere: no beginning of it may tell more than the whole. */
static void no_cut_text_tells_more(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(prose); i++) {
		const char *text = prose[i].text;

		for (size_t n = 0; n < strlen(text); n++) {
			_cleanup_free_ char *cut = strndup(text, n);
			_cleanup_(buf_release) struct buf b = buf_make(2000);

			redact_text(&b, cut);
			assert_null(strstr(b.data, "CANARY"));
		}
	}
}

static void control_characters_go(void **state)
{
	_cleanup_(buf_release) struct buf b = buf_make(100);

	(void)state;
	redact_text(&b, "a\x1b[31mb\r\nc\xff 图\xe2\x80\xae");
	assert_string_equal(b.data, "a?[31mb??c? 图?");
	assert_int_equal(b.len, strlen(b.data));
}

static void a_full_buffer_just_fails(void **state)
{
	_cleanup_(buf_release) struct buf b = buf_make(10);

	(void)state;
	redact_text(&b, "0123456789abcdef");
	assert_true(buf_failed(&b));
}

static void long_texts_take_linear_time(void **state)
{
	static const char *const pieces[] = { "a.", "a", "://", "https://", "\\", "%3A",
		"sessionid=", "\"", "cookie:" };

	(void)state;
	for (size_t i = 0; i < COUNT(pieces); i++) {
		_cleanup_(buf_release) struct buf text = buf_make(1 << 18);
		_cleanup_(buf_release) struct buf b = buf_make(1 << 20);

		while (text.len < 200000)
			buf_addf(&text, "%s", pieces[i]);
		redact_text(&b, text.data);
		assert_false(buf_failed(&b));
	}
}

static void wipe_overwrites(void **state)
{
	char secret[] = "CANARY";

	(void)state;
	redact_wipe(secret, sizeof(secret));
	for (size_t i = 0; i < sizeof(secret); i++)
		assert_int_equal(secret[i], 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(links_keep_what_helps),
		cmocka_unit_test(any_room_is_enough),
		cmocka_unit_test(prose_loses_its_secrets_only),
		cmocka_unit_test(no_cut_text_tells_more),
		cmocka_unit_test(control_characters_go),
		cmocka_unit_test(a_full_buffer_just_fails),
		cmocka_unit_test(long_texts_take_linear_time),
		cmocka_unit_test(wipe_overwrites),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
