#include "jimeng/sign.h"

#include <string.h>

#include <openssl/evp.h>

enum { TAIL_OF_PATH = 7 };

static bool is_md5_of(const char *hex, const struct text *text)
{
	uint8_t sum[EVP_MAX_MD_SIZE];
	struct text made = { 0 };
	unsigned len = 0;
	bool same;

	(void)EVP_Digest(text_str(text), text->len, sum, &len, EVP_md5(), NULL);
	text_hex(&made, sum, len);
	same = strcmp(text_str(&made), hex) == 0;
	text_release(&made);
	return same;
}

static void write_11ac(
    struct text *text, const char *path, const char *appvr, const char *t)
{
	const size_t n = strlen(path);

	text_printf(text, "9e2c|%s|7|%s|%s||11ac",
	    n > TAIL_OF_PATH ? path + n - TAIL_OF_PATH : path, appvr, t);
}

static void write_1e67(
    struct text *text, const char *path, const char *appvr, const char *t)
{
	text_printf(text, "9e2c|%s|web|%s|%s||1e67", path, appvr, t);
}

static const struct form_row {
	enum sign sign;
	void (*write)(
	    struct text *text, const char *path, const char *appvr, const char *t);
} form_rows[] = {
	{ SIGN_11AC, write_11ac },
	{ SIGN_1E67, write_1e67 },
};

enum sign sign_of(const struct request *r)
{
	const char *sign = request_header(r, "sign");
	const char *appvr = request_header(r, "appvr");
	const char *moment = request_header(r, "device-time");

	if (!sign)
		return SIGN_NONE;
	for (size_t i = 0; i < sizeof(form_rows) / sizeof(form_rows[0]); i++) {
		struct text text = { 0 };
		bool same;

		form_rows[i].write(
		    &text, r->path, appvr ? appvr : "", moment ? moment : "");
		same = is_md5_of(sign, &text);
		text_release(&text);
		if (same)
			return form_rows[i].sign;
	}
	return SIGN_WRONG;
}

const char *sign_name(enum sign sign)
{
	static const char *const names[] = {
		[SIGN_NONE] = NULL,
		[SIGN_WRONG] = "wrong",
		[SIGN_11AC] = "11ac",
		[SIGN_1E67] = "1e67",
	};

	return names[sign];
}
