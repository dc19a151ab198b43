/*
 * The codes of PROTOCOL B6.1, by class. Where the evidence names no class
 * (2061, 3005, 3020, 3021, 4003, 4010) the row follows from what a person would have to
 * do: change the request, or act on the account.
 */
#include "service/jimeng/read/retcode.h"

#include <stddef.h>
#include <string.h>

#include "base/say.h"

/* Only a person can go on. */
#define RISK                                                                           \
	N_("risk control stopped the request: open the site with this account, do by " \
	   "hand what it asks for, and try again later")
#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static const struct code {
	const char *ret;
	enum ret_class class;
	const char *text;
} codes[] = {
	{ "0", RET_OK, "success" },
	{ "1", RET_SLOW_DOWN, N_("too many requests") },
	{ "1000", RET_CALLER, N_("the service calls a parameter invalid") },
	{ "1001", RET_CALLER, N_("the service calls a parameter invalid") },
	{ "1002", RET_TRANSIENT, N_("common error") },
	{ "1006", RET_QUOTA, N_("not enough credits") },
	{ "1010", RET_SLOW_DOWN, N_("too many requests") },
	{ "1014", RET_CALLER, N_("bad or missing signature") },
	{ "1015", RET_LOGIN, N_("the login is not accepted; run 'dreamq auth import'") },
	{ "1017", RET_CALLER, N_("the service misses a header of this request") },
	{ "1018", RET_RISK, N_("the account is blocked from generating") },
	{ "1019", RET_RISK, RISK },
	{ "1021", RET_RISK, RISK },
	{ "1057", RET_SLOW_DOWN, N_("too many requests") },
	{ "1063", RET_CONTENT, N_("the text was rejected") },
	{ "1159", RET_CONTENT, "copyright" },
	{ "1310", RET_SLOW_DOWN, N_("too many tasks are running") },
	{ "2002", RET_TRANSIENT, N_("generation error") },
	{ "2003", RET_CONTENT, N_("the input image was rejected") },
	{ "2004", RET_CONTENT, N_("the output image was rejected") },
	{ "2005", RET_CONTENT, N_("the text was rejected") },
	{ "2008", RET_CALLER, N_("the request lacks a field") },
	{ "2014", RET_SLOW_DOWN, N_("too many requests") },
	{ "2020", RET_SLOW_DOWN, N_("too many requests") },
	{ "2035", RET_CONTENT, N_("rejected by moderation") },
	{ "2038", RET_CONTENT, N_("the text was rejected") },
	{ "2039", RET_CONTENT, N_("the input image was rejected") },
	{ "2040", RET_CONTENT, N_("rejected by moderation") },
	{ "2041", RET_CONTENT, N_("the output was rejected") },
	{ "2042", RET_CONTENT, N_("the output was rejected") },
	{ "2043", RET_CONTENT, N_("the output was rejected") },
	{ "2048", RET_CONTENT, "copyright" },
	{ "2050", RET_CONTENT, "copyright" },
	{ "2061", RET_CALLER, N_("the model is not available") },
	{ "3000", RET_RISK, N_("the region does not match the account") },
	{ "3005", RET_CALLER, N_("no such item") },
	{ "3018", RET_CALLER,
	    N_("permission denied: a stale signature, or no right to it") },
	{ "3020", RET_CONTENT, N_("the uploaded file was rejected") },
	{ "3021", RET_RISK, N_("the account has no right to this") },
	{ "4001", RET_QUOTA, N_("not enough credits") },
	{ "4003", RET_RISK, N_("the account has no right to this") },
	{ "4010", RET_RISK, N_("accept the model's terms once on the web site") },
	{ "4013", RET_RISK, RISK },
	{ "5000", RET_QUOTA, N_("not enough credits") },
	{ "10002", RET_LOGIN, N_("the login is not accepted; run 'dreamq auth import'") },
	{ "10020", RET_SLOW_DOWN, N_("too many requests") },
	{ "121101", RET_QUOTA, N_("the daily limit is reached") },
	{ "34010105", RET_LOGIN,
	    N_("the login is not accepted; run 'dreamq auth import'") },
	{ "-4", RET_RISK, RISK },
	{ "-6", RET_RISK, RISK },
};

/* What a read of the history means by them is another thing, and passes (PROTOCOL A4). */
static const struct code read_lags[] = {
	{ "2008", RET_SLOW_DOWN, N_("the service can't tell yet") },
};

static const enum err_kind kinds[] = {
	[RET_OK] = ERR_OK,
	[RET_LOGIN] = ERR_AUTH,
	[RET_CALLER] = ERR_USAGE,
	[RET_QUOTA] = ERR_ACCOUNT,
	[RET_RISK] = ERR_ACCOUNT,
	[RET_SLOW_DOWN] = ERR_BUSY,
	[RET_CONTENT] = ERR_FAILED,
	[RET_TRANSIENT] = ERR_NET,
};

static const struct code *find(const char *ret)
{
	for (size_t i = 0; ret && i < COUNT(codes); i++)
		if (!strcmp(codes[i].ret, ret))
			return &codes[i];
	return NULL;
}

enum ret_class retcode_class(const char *ret)
{
	const struct code *code = find(ret);

	return code ? code->class : RET_TRANSIENT;
}

const char *retcode_text(const char *ret)
{
	const struct code *code = find(ret);

	return code ? code->text : NULL;
}

const char *retcode_read_lag(const char *ret)
{
	for (size_t i = 0; ret && i < COUNT(read_lags); i++)
		if (!strcmp(read_lags[i].ret, ret))
			return read_lags[i].text;
	return NULL;
}

enum err_kind ret_class_err(enum ret_class class)
{
	return kinds[class];
}
