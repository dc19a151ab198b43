/*
 * test_link.c - unit tests of link.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "state/link.h"

static struct link image_link(void)
{
	struct link link = { .transform = "aigc_resize:0:0.png", .expires = 1757782800 };

	link_object(0x0123456789abcdefu, 3, link.object);
	return link;
}

/* Split what link_write() made into the path and one argument of its query. */
static void split(const char *url, char *path, char *name, char *value)
{
	const char *query = strchr(url, '?');
	const char *at = strstr(query, name);

	memcpy(path, url, (size_t)(query - url));
	path[query - url] = '\0';
	at += strlen(name) + 1;
	memcpy(value, at, strcspn(at, "&"));
	value[strcspn(at, "&")] = '\0';
}

/* Undo the three escapes that base64 needs. */
static void unescape(char *s)
{
	char *to = s;

	for (; *s; to++)
		if (*s == '%') {
			*to = s[1] == '3' ? '=' : s[2] == 'B' ? '+' : '/';
			s += 3;
		} else {
			*to = *s++;
		}
	*to = '\0';
}

static void objects_carry_key_and_index(void **state)
{
	char object[OBJECT_LEN + 1];
	uint64_t key = 0;
	unsigned index = 0;

	(void)state;
	link_object(42, 7, object);
	assert_true(link_object_read(object, &key, &index));
	assert_int_equal(key, 42);
	assert_int_equal(index, 7);
	object[20] = object[20] == '0' ? '1' : '0';
	assert_false(link_object_read(object, &key, &index));
	assert_false(link_object_read("model4.png", &key, &index));
}

static void image_links_hold_until_altered(void **state)
{
	struct link_key key = link_key_make(1), other = link_key_make(2);
	struct link link = image_link(), read;
	char path[256], lk3s[64], signature[64];
	struct text url = { 0 };

	(void)state;
	link_write(&url, &key, &link, 1757778120, 5);
	split(url.data, path, (char[]){ "lk3s" }, lk3s);
	split(url.data, path, (char[]){ "x-signature" }, signature);
	unescape(signature);
	assert_string_equal(lk3s, "43402efa");
	assert_int_equal(strlen(signature), 28);
	assert_true(link_read(path, &read));
	assert_string_equal(read.object, link.object);
	read.expires = link.expires;
	assert_true(link_is_signed(&key, &read, path, lk3s, signature));
	assert_false(link_is_signed(&other, &read, path, lk3s, signature));
	assert_false(link_is_signed(&key, &read, path, "43402efb", signature));
	read.expires++;
	assert_false(link_is_signed(&key, &read, path, lk3s, signature));
	read.expires--;
	read.salt = 1;
	assert_false(link_is_signed(&key, &read, path, lk3s, signature));
	text_release(&url);
}

static void video_links_carry_their_expiry(void **state)
{
	struct link_key key = link_key_make(1);
	struct link link = { .is_video = true, .expires = 1757781730 }, read;
	struct text url = { 0 };
	char path[256], none[64];

	(void)state;
	link_object(9, 0, link.object);
	link_write(&url, &key, &link, 1757778120, 5);
	split(url.data, path, (char[]){ "mime_type" }, none);
	assert_string_equal(none, "video_mp4");
	assert_true(link_read(path, &read));
	assert_true(read.is_video);
	assert_int_equal(read.expires, link.expires);
	assert_true(link_is_signed(&key, &read, path, "", ""));
	path[41]++; /* the last digit of the expiry */
	assert_true(link_read(path, &read));
	assert_false(link_is_signed(&key, &read, path, "", ""));
	text_release(&url);
}

static void other_paths_are_no_links(void **state)
{
	static const char *const paths[] = { "", "/", "/tos-cn-i-tb4s082cfz/",
		"/x/y/video/", "/tos-cn-i-tb4s082cfz/abc",
		"/tos-cn-i-tb4s082cfz/a/b~tplv-tb4s082cfz-x:0:0.png" };
	struct link link;

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		assert_false(link_read(paths[i], &link));
}

static void expiry_is_as_measured(void **state)
{
	(void)state;
	assert_int_equal(link_expiry(false, 1757778120, 0), 1757782800);
	assert_int_equal(link_expiry(true, 1757778120, 0), 1757781730);
	assert_int_equal(link_expiry(true, 1757778120, 90), 1757778210);
	assert_int_equal(link_expiry(false, 1757778120, 0.2), 1757778121);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(objects_carry_key_and_index),
		cmocka_unit_test(image_links_hold_until_altered),
		cmocka_unit_test(video_links_carry_their_expiry),
		cmocka_unit_test(other_paths_are_no_links),
		cmocka_unit_test(expiry_is_as_measured),
	};

	return cmocka_run_group_tests_name("emulator link", tests, NULL, NULL);
}
