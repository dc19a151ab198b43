#include "service/jimeng/read/failure.h"

#include <string.h>

#include "base/say.h"
#include "service/jimeng/read/retcode.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

enum { PRE_CHECK_REJECT = 10, POST_CHECK_REJECT = 40, DELETED = 100 };

/* Fail codes that mean something else than the `ret` of the same number. */
static const struct {
	const char *code;
	enum fail_class class;
} own_codes[] = {
	{ "1017", FAIL_SERVICE },
	{ "2047", FAIL_CONTENT },
	{ "100402", FAIL_SERVICE },
};

static const enum fail_class of_ret[] = {
	[RET_OK] = FAIL_NONE,
	[RET_LOGIN] = FAIL_LOGIN,
	[RET_CALLER] = FAIL_CALLER,
	[RET_QUOTA] = FAIL_QUOTA,
	[RET_RISK] = FAIL_RISK,
	[RET_SLOW_DOWN] = FAIL_SERVICE,
	[RET_CONTENT] = FAIL_CONTENT,
	[RET_TRANSIENT] = FAIL_SERVICE,
};

/* Parts of keys, messages and words, the gravest first. */
static const struct {
	const char *part;
	enum fail_class class;
} words[] = {
	{ "violate", FAIL_CONTENT },
	{ "copyright", FAIL_CONTENT },
	{ "sensitive", FAIL_CONTENT },
	{ "TextRisk", FAIL_CONTENT },
	{ "ImageRisk", FAIL_CONTENT },
	{ "VideoRisk", FAIL_CONTENT },
	{ "AudioRisk", FAIL_CONTENT },
	{ "RejectFace", FAIL_CONTENT },
	{ "TNS check", FAIL_CONTENT },
	{ "不符合平台规则", FAIL_CONTENT },
	{ "未通过审核", FAIL_CONTENT },
	{ "版权", FAIL_CONTENT },
	{ "敏感", FAIL_CONTENT },
	{ "daily_usage_limit", FAIL_QUOTA },
	{ "insufficient", FAIL_QUOTA }, /* the service writes "ininsufficient", too */
	{ "enough credit", FAIL_QUOTA },
	{ "NotEnough", FAIL_QUOTA },
	{ "积分不足", FAIL_QUOTA },
	{ "risk_control", FAIL_RISK },
	{ "account_block", FAIL_RISK },
	{ "punish", FAIL_RISK },
	{ "shark", FAIL_RISK },
	{ "异常行为", FAIL_RISK },
	{ "SystemBusy", FAIL_SERVICE },
	{ "system busy", FAIL_SERVICE },
	{ "input_retry", FAIL_SERVICE },
	{ "generation failed", FAIL_SERVICE },
	{ "系统繁忙", FAIL_SERVICE },
};

/* What to say when the service says nothing. */
static const char *const silent[] = {
	[FAIL_NONE] = N_("the service gave no reason"),
	[FAIL_CONTENT] = N_("the service rejected the content without saying more"),
	[FAIL_SERVICE] = N_("the generation failed"),
	[FAIL_QUOTA] = N_("not enough credits"),
	[FAIL_RISK] = N_("the service stopped the account"),
	[FAIL_CONTRACT] =
	    N_("the service calls the task done but offers nothing to download"),
	[FAIL_LOGIN] = N_("the login was not accepted"),
	[FAIL_CALLER] = N_("the service calls the request wrong"),
	[FAIL_DELETED] = N_("the task was deleted at the service"),
};

static enum fail_class class_of_code(const char *code)
{
	for (size_t i = 0; code && i < COUNT(own_codes); i++)
		if (!strcmp(own_codes[i].code, code))
			return own_codes[i].class;
	return code && retcode_text(code) ? of_ret[retcode_class(code)] : FAIL_NONE;
}

static enum fail_class class_of_text(const char *text)
{
	for (size_t i = 0; text && i < COUNT(words); i++)
		if (strcasestr(text, words[i].part))
			return words[i].class;
	return FAIL_NONE;
}

/* A text may make a service's failure more precise, or say what no code said. */
static enum fail_class class_of_reasons(const struct facts *facts)
{
	const char *const texts[] = { facts->fail_key, facts->fail_message,
		facts->fail_word, facts->item_word };
	enum fail_class class = class_of_code(facts->fail_code);

	for (size_t i = 0; i < COUNT(texts); i++) {
		const enum fail_class said = class_of_text(texts[i]);

		if (class == FAIL_NONE || (class == FAIL_SERVICE && said != FAIL_NONE))
			class = said;
	}
	return class;
}

/* At which of the service's checks did it stop? Only `task` tells (B4.2). */
static enum fail_class class_of_phase(const struct facts *facts)
{
	const bool is_reject = facts->task_status == PRE_CHECK_REJECT ||
	    facts->task_status == POST_CHECK_REJECT || facts->status == POST_CHECK_REJECT;

	return is_reject ? FAIL_CONTENT : FAIL_NONE;
}

static const char *message_of(const struct facts *facts, enum fail_class class)
{
	if (facts->fail_message)
		return facts->fail_message;
	if (facts->fail_word)
		return facts->fail_word;
	if (facts->item_word)
		return facts->item_word;
	return facts->fail_key ? facts->fail_key : silent[class];
}

struct task_fail failure_of(const struct facts *facts)
{
	enum fail_class class = class_of_reasons(facts);
	struct task_fail fail = {
		.code = facts->fail_code,
		.is_retryable = class == FAIL_SERVICE,
	};

	if (class == FAIL_NONE)
		class = class_of_phase(facts);
	if (facts->status == DELETED || facts->task_status == DELETED) {
		class = FAIL_DELETED;
		fail.is_retryable = false;
	}
	fail.message = message_of(facts, class);
	fail.class = class == FAIL_NONE ? FAIL_SERVICE : class;
	return fail;
}

struct task_fail failure_of_nothing(void)
{
	return (
	    struct task_fail){ .class = FAIL_CONTRACT, .message = silent[FAIL_CONTRACT] };
}
