/*
 * version_json.c - what is in this program: each library says for itself which one it is,
 * so a program that found others than it was built with tells of those.
 */
#include <curl/curl.h>
#include <openssl/crypto.h>
#include <sqlite3.h>
#include <string.h>
#include <utf8proc.h>
#include <zlib.h>

#include "core/account/keyring.h"
#include "core/json/json_line.h"
#include "dreamq/json.h"
#include "ledger/ledger.h"

#if __has_include("base/localedir.h") /* made by the build */
#include "base/localedir.h"
#else
#define DREAMQ_LANGUAGES "zh_CN" /* a space between two */
#endif

static const struct {
	const char *key;
	int bit;
} curl_features[] = {
	{ "async_dns", CURL_VERSION_ASYNCHDNS },
	{ "brotli", CURL_VERSION_BROTLI },
	{ "gzip", CURL_VERSION_LIBZ },
	{ "http2", CURL_VERSION_HTTP2 },
	{ "http3", CURL_VERSION_HTTP3 },
	{ "https_proxy", CURL_VERSION_HTTPS_PROXY },
	{ "idn", CURL_VERSION_IDN },
	{ "ipv6", CURL_VERSION_IPV6 },
	{ "zstd", CURL_VERSION_ZSTD },
};

static void add_item(struct json_line *line, cJSON *list, cJSON *item)
{
	if (!item || !list || !cJSON_AddItemToArray(list, item)) {
		cJSON_Delete(item);
		line->failed = true;
	}
}

static void add_words(struct json_line *line, const char *key, const char *const *words)
{
	cJSON *list = cJSON_CreateArray();

	for (; *words; words++)
		add_item(line, list, cJSON_CreateString(*words));
	json_line_add(line, key, list);
}

static void add_languages(struct json_line *line)
{
	cJSON *list = cJSON_CreateArray();
	char languages[] = "en " DREAMQ_LANGUAGES;
	char *rest = NULL;

	for (char *one = strtok_r(languages, " ", &rest); one;
	     one = strtok_r(NULL, " ", &rest))
		add_item(line, list, cJSON_CreateString(one));
	json_line_add(line, "languages", list);
}

static void add_curl(struct json_line *line)
{
	const curl_version_info_data *curl = curl_version_info(CURLVERSION_NOW);
	struct json_line part = json_line_make_part();

	json_line_text(&part, "version", curl->version);
	json_line_text(&part, "tls", curl->ssl_version);
	json_line_text(&part, "nghttp2", curl->nghttp2_version);
	json_line_text(&part, "c_ares", curl->ares);
	add_words(&part, "protocols", curl->protocols);
	for (size_t i = 0; i < sizeof(curl_features) / sizeof(curl_features[0]); i++)
		json_line_bool(&part, curl_features[i].key,
		    (curl->features & curl_features[i].bit) != 0);
	json_line_part(line, "curl", part);
}

static void add_libraries(struct json_line *line)
{
	struct json_line part = json_line_make_part();

	json_line_text(&part, "cjson", cJSON_Version());
	json_line_text(&part, "openssl", OpenSSL_version(OPENSSL_VERSION_STRING));
	json_line_text(&part, "sqlite", sqlite3_libversion());
	json_line_text(&part, "utf8proc", utf8proc_version());
	json_line_text(&part, "zlib", zlibVersion());
	json_line_part(line, "libraries", part);
}

char *dq_version_json(void)
{
	struct json_line line = json_line_make("version");

	json_line_text(&line, "version", dq_version());
	json_line_number(&line, "ledger_schema", LEDGER_SCHEMA_VERSION, -1);
	json_line_bool(&line, "keyring", keyring_is_built());
	add_languages(&line);
	add_curl(&line);
	add_libraries(&line);
	return json_line_take(&line);
}
