/*
 * test_files.c - files by their names: what is asked, and what the answer is taken for.
 */
#include "stage.h"

#define OK_WITH(data) "{\"ret\":\"0\",\"systime\":\"1782800040\",\"data\":" data "}"
#define LINK(object)                                                                     \
	"\"https://v3.x/0123456789abcdef0123456789abcdef/70000000/video/tos/" object "/" \
	"\""
#define FILM(object) \
	"{\"vid\":\"v0\",\"video_url\":" LINK(object) ",\"width\":1920,\"height\":1080}"
#define ITEM(id, vid, object)                                                    \
	"{\"common_attr\":{\"id\":\"" id "\"},\"video\":{\"transcoded_video\":{" \
	"\"origin\":{\"vid\":\"" vid "\",\"video_url\":" LINK(object) "}}}}"
#define PICTURE(uri, object)                                           \
	"{\"image_uri\":\"" uri "\",\"image_url\":\"https://p/" object \
	"~t:0:0.png?x-expires=1900000000\",\"width\":4,\"height\":4}"

enum { FILES = 2 };

struct told {
	struct err err;
	unsigned calls;
	char links[FILES][100]; /* where the first variant of each lies; "-": nothing */
	bool asks_login, could_be_size, is_lag;
};

static void on_offered(void *payload, const struct service_offered *offered)
{
	struct told *told = payload;

	*told = (struct told){ .err = offered->err,
		.calls = told->calls + 1,
		.asks_login = offered->asks_login,
		.could_be_size = offered->could_be_size,
		.is_lag = offered->is_lag };
	for (size_t i = 0; i < FILES; i++) {
		const struct asset *asset =
		    offered->err.kind ? NULL : offered->offers[i].asset;
		const char *link = asset ? strstr(asset->url, "tos/") : NULL;

		(void)snprintf(told->links[i], sizeof(told->links[i]), "%.*s",
		    link ? (int)strcspn(link, "?") : 1, link ? link : "-");
	}
}

static const struct service_file films[FILES] = { { "7001", "v0" }, { "7002", "v1" } };
static const struct service_file pictures[FILES] = { { "tos/a", NULL },
	{ "tos/b", NULL } };
static const struct service_file vids[FILES] = { { "v0", NULL }, { "v1", NULL } };
static const struct service_file *const asked_for[SERVICE_FILES] = { films, pictures,
	vids };

static struct told ask(struct stage *stage, enum service_files which)
{
	struct told told = { .calls = 0 };
	struct err err = { .kind = ERR_OK };

	if (service_files(
		stage->service, which, asked_for[which], FILES, on_offered, &told, &err))
		fail_msg("%s", err.msg);
	assert_int_equal(told.calls, 0);
	harness_drain(stage->net);
	assert_int_equal(told.calls, 1);
	return told;
}

static const char *body_of(struct stage *stage, size_t i)
{
	const char *blank = strstr(raw_request(stage->server, i), "\r\n\r\n");

	return blank ? blank + 4 : "";
}

static void each_kind_is_asked_in_its_words(void **state)
{
	struct script script = { 200, "",
		OK_WITH("{\"item_list\":[],\"uri2image\":{},"
			"\"vid2video\":{}}") };
	_cleanup_(stage_release) struct stage stage = stage_make(answer_all, &script);

	(void)state;
	(void)ask(&stage, SERVICE_ORIGINALS);
	(void)ask(&stage, SERVICE_IMAGES);
	(void)ask(&stage, SERVICE_FILMS);
	assert_non_null(strstr(raw_request(stage.server, 0),
	    "POST "
	    "/mweb/v1/get_local_item_list?aid=513695&device_platform=web&region=cn "));
	assert_non_null(strstr(raw_request(stage.server, 0), "Cookie: sessionid=alice"));
	assert_string_equal(body_of(&stage, 0),
	    "{\"item_id_list\":[\"7001\",\"7002\"],\"pack_item_opt\":{\"scene\":1,"
	    "\"need_data_integrity\":true},\"is_for_video_download\":true}");
	assert_non_null(
	    strstr(raw_request(stage.server, 1), "POST /mweb/v1/get_image_by_uri?aid="));
	assert_string_equal(body_of(&stage, 1), "{\"uris\":[\"tos/a\",\"tos/b\"]}");
	assert_non_null(
	    strstr(raw_request(stage.server, 2), "POST /mweb/v1/get_video_by_vid?aid="));
	assert_string_equal(body_of(&stage, 2), "{\"vids\":[\"v0\",\"v1\"]}");
}

static void what_can_not_be_asked_is_refused(void **state)
{
	static const struct {
		const char *name;
		size_t n;
		const char *says;
	} rows[] = {
		{ "7001", 0, "1 to 20 files can be asked for at once, not 0" },
		{ "7001", 21, "not 21" },
		{ "", 1, "can't be a file's name" },
		{ NULL, 1, "can't be a file's name" },
		{ "a b", 1, "'a b' can't be a file's name" },
		{ "a\"],\"x\":[\"", 1, "can't be a file's name" },
		{ "a\\", 1, "can't be a file's name" },
		{ "\xe6\x96\x87", 1, "can't be a file's name" },
	};
	struct script script = { 200, "", OK_WITH("{}") };
	_cleanup_(stage_release) struct stage stage = stage_make(answer_all, &script);
	struct told told = { .calls = 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct service_file files[21] = { { rows[i].name, NULL } };
		struct err err = { .kind = ERR_OK };

		assert_int_equal(service_files(stage.service, SERVICE_IMAGES, files,
				     rows[i].n, on_offered, &told, &err),
		    ERR_USAGE);
		assert_non_null(strstr(err.msg, rows[i].says));
	}
	harness_drain(stage.net);
	assert_int_equal(told.calls, 0);
}

static const struct row {
	const char *what, *body;
	enum service_files which;
	enum err_kind kind;
	const char *first, *second;
} rows[] = {
	{ "both",
	    OK_WITH("{\"item_list\":[" ITEM("7001", "v0", "a") "," ITEM(
		"7002", "v1", "b") "]}"),
	    SERVICE_ORIGINALS, ERR_OK, "tos/a/", "tos/b/" },
	{ "in another order, under another name",
	    OK_WITH("{\"local_item_list\":[" ITEM("7002", "v1", "b") "," ITEM(
		"7001", "v0", "a") "]}"),
	    SERVICE_ORIGINALS, ERR_OK, "tos/a/", "tos/b/" },
	{ "one only", OK_WITH("{\"item_list\":[" ITEM("7002", "v1", "b") "]}"),
	    SERVICE_ORIGINALS, ERR_OK, "-", "tos/b/" },
	{ "other items", OK_WITH("{\"item_list\":[" ITEM("7003", "v0", "c") "]}"),
	    SERVICE_ORIGINALS, ERR_OK, "-", "-" },
	{ "another film under this id",
	    OK_WITH("{\"item_list\":[" ITEM("7001", "v1", "b") "]}"), SERVICE_ORIGINALS,
	    ERR_OK, "-", "-" },
	{ "no film, no link, nothing of this kind",
	    OK_WITH(
		"{\"item_list\":[{\"common_attr\":{\"id\":\"7001\"},\"video\":null},7,"
		"{\"common_attr\":{\"id\":7002},\"video\":{\"origin_video\":{\"vid\":"
		"\"v1\","
		"\"video_url\":\"javascript:x\"}}}]}"),
	    SERVICE_ORIGINALS, ERR_OK, "-", "-" },
	{ "an empty list", OK_WITH("{\"item_list\":[]}"), SERVICE_ORIGINALS, ERR_OK, "-",
	    "-" },
	{ "no data", OK_WITH("null"), SERVICE_ORIGINALS, ERR_OK, "-", "-" },
	{ "no list", OK_WITH("{\"history\":[]}"), SERVICE_ORIGINALS, ERR_CONTRACT, "-",
	    "-" },
	{ "no list but a text", OK_WITH("{\"item_list\":\"x\"}"), SERVICE_ORIGINALS,
	    ERR_CONTRACT, "-", "-" },
	{ "pictures",
	    OK_WITH("{\"uri2image\":{\"tos/b\":" PICTURE(
		"tos/b", "tos/b") ",\"tos/a\":" PICTURE("tos/a", "tos/a") "}}"),
	    SERVICE_IMAGES, ERR_OK, "tos/a~t:0:0.png", "tos/b~t:0:0.png" },
	{ "a picture of another name",
	    OK_WITH(
		"{\"uri2image\":{\"tos/a\":" PICTURE("tos/c", "tos/c") ",\"tos/b\":[]}}"),
	    SERVICE_IMAGES, ERR_OK, "-", "-" },
	{ "films",
	    OK_WITH("{\"vid2video\":{\"v0\":{\"transcoded_video\":{\"1080p\":" FILM(
		"a") "}}}}"),
	    SERVICE_FILMS, ERR_OK, "tos/a/", "-" },
	{ "films beside data",
	    "{\"ret\":\"0\",\"vid2video\":{\"v0\":{\"origin_video\":" FILM("a") "}}}",
	    SERVICE_FILMS, ERR_OK, "tos/a/", "-" },
	{ "another film",
	    OK_WITH("{\"vid2video\":{\"v1\":{\"origin_video\":" FILM("a") "}}}"),
	    SERVICE_FILMS, ERR_OK, "-", "-" },
	{ "a list in place of names", OK_WITH("{\"vid2video\":[]}"), SERVICE_FILMS,
	    ERR_CONTRACT, "-", "-" },
	{ "a dead login", "{\"ret\":\"1015\",\"errmsg\":\"login error\"}",
	    SERVICE_ORIGINALS, ERR_AUTH, "-", "-" },
	{ "a refusal", "{\"ret\":\"4013\",\"errmsg\":\"no\"}", SERVICE_ORIGINALS,
	    ERR_ACCOUNT, "-", "-" },
	{ "none of these", "{\"ret\":\"3005\",\"errmsg\":\"item not found\"}",
	    SERVICE_ORIGINALS, ERR_NOT_FOUND, "-", "-" },
	{ "garbage", "[[[[", SERVICE_ORIGINALS, ERR_CONTRACT, "-", "-" },
	{ "a page", "<html>", SERVICE_IMAGES, ERR_NET, "-", "-" },
};

static void each_is_found_by_its_name_alone(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct row *row = &rows[i];
		struct script script = { 200, "Content-Type: application/json\r\n",
			row->body };
		_cleanup_(stage_release) struct stage stage =
		    stage_make(answer_all, &script);
		const struct told told = ask(&stage, row->which);

		print_message("# %s: %s\n", row->what, told.err.msg);
		assert_int_equal(told.err.kind, row->kind);
		assert_string_equal(told.links[0], row->first);
		assert_string_equal(told.links[1], row->second);
	}
}

static void nobody_is_told_behind_the_end(void **state)
{
	struct script script = { 200, "", OK_WITH("{}") };
	_cleanup_(stage_release) struct stage stage = stage_make(answer_all, &script);
	struct told told = { .calls = 0 };
	struct err err;

	(void)state;
	assert_int_equal(service_files(stage.service, SERVICE_FILMS, vids, FILES,
			     on_offered, &told, &err),
	    ERR_OK);
	service_free(stage.service);
	stage.service = NULL;
	assert_int_equal(told.calls, 0);
}

static void names_tell_what_they_are_of(void **state)
{
	static const struct {
		const char *name;
		enum media_kind kind;
	} names[] = {
		{ "tos-cn-i-tb4s082cfz/4a8d17c4180454dd74748a39e3e52619", MEDIA_IMAGE },
		{ "tos/a", MEDIA_IMAGE },
		{ "v02870g10004d079bb2c888f", MEDIA_VIDEO },
		{ "", MEDIA_UNKNOWN },
		{ "short", MEDIA_UNKNOWN },
		{ "/a", MEDIA_UNKNOWN },
		{ "a/", MEDIA_UNKNOWN },
		{ "https://p9.example/tos/a", MEDIA_UNKNOWN },
		{ "tos/a?x-expires=1", MEDIA_UNKNOWN },
		{ "two words/of it", MEDIA_UNKNOWN },
		{ "a\"b/c", MEDIA_UNKNOWN },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		assert_int_equal(
		    service_kind_of_uri(&service_jimeng, names[i].name), names[i].kind);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_is_asked_in_its_words),
		cmocka_unit_test(what_can_not_be_asked_is_refused),
		cmocka_unit_test(each_is_found_by_its_name_alone),
		cmocka_unit_test(nobody_is_told_behind_the_end),
		cmocka_unit_test(names_tell_what_they_are_of),
	};

	return cmocka_run_group_tests_name("files", tests, harness_clear_env, NULL);
}
