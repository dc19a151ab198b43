#include "core/account/target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "base/hash.h"
#include "base/hmac.h"
#include "base/redact.h"
#include "core/common/given.h"
#include "net/net.h"

enum { SECRETS_BYTES_MAX = 4096 };

static const char blanks[] = " \t\r\n";

/* --- secrets --------------------------------------------------------------------- */

bool target_next_key(const char **text, struct target_key *ret_key)
{
	static const char prefix[] = "whsec_";
	const char *line = *text + strspn(*text, blanks);
	const size_t len = strcspn(line, blanks);
	const size_t skip =
	    strncmp(line, prefix, sizeof(prefix) - 1) == 0 ? sizeof(prefix) - 1 : 0;

	*text = line + len + strspn(line + len, blanks);
	if (len == 0)
		return false;
	return base64_read(line + skip, len - skip, ret_key->bytes,
		   sizeof(ret_key->bytes), &ret_key->len) &&
	    ret_key->len >= TARGET_KEY_MIN;
}

/* A refusal never shows what is there. */
static enum err_kind check_secrets(const char *text, struct err *err)
{
	struct target_key key;
	size_t n = 0;
	bool are_good = true;

	text += strspn(text, blanks);
	for (; are_good && *text; n++)
		are_good = target_next_key(&text, &key);
	redact_wipe(&key, sizeof(key));
	if (n == 0 || !are_good)
		return err_set(err, ERR_USAGE,
		    "the webhook's secret is not base64 of %d to %d bytes, as "
		    "'echo whsec_$(head -c 24 /dev/urandom | base64)' makes one",
		    TARGET_KEY_MIN, TARGET_KEY_MAX);
	if (n > TARGET_KEYS_MAX)
		return err_set(err, ERR_USAGE,
		    "the webhook has more than %d secrets: leave the old one and the new "
		    "one, one a line",
		    TARGET_KEYS_MAX);
	return ERR_OK;
}

static enum err_kind take_secrets(
    struct target *target, const struct dq_webhook *given, struct err *err)
{
	struct buf text = buf_make(SECRETS_BYTES_MAX);
	enum err_kind kind = ERR_OK;

	if (given->secret_file)
		kind = fs_read_secret(given->secret_file, &text, err);
	else if (given->secret)
		buf_addf(&text, "%s", given->secret);
	else
		kind = err_set(err, ERR_USAGE,
		    "the webhook needs a secret, for its signature: name a file with "
		    "--webhook-secret-file (docs/automation.md)");
	if (!kind && buf_failed(&text))
		kind = err_set(err, ERR_USAGE, "the webhook's secret is too long");
	if (!kind)
		kind = check_secrets(text.data ? text.data : "", err);
	if (!kind)
		kind = secret_make(text.data, &target->secrets, err);
	if (text.data)
		redact_wipe(text.data, text.len);
	buf_release(&text);
	return kind == ERR_OK ? ERR_OK : err_note(err, "webhook");
}

/* --- the URL --------------------------------------------------------------------- */

/* What stands behind the host may be a secret, too. */
static void show(struct target *target)
{
	const char *host = strstr(target->url, "://");
	const size_t len =
	    host ? (size_t)(host + 3 - target->url) + strcspn(host + 3, "/?#") : 0;

	(void)snprintf(
	    target->shown, sizeof(target->shown), "%.*s", (int)len, target->url);
}

static enum err_kind take_url(
    struct target *target, const struct dq_webhook *given, struct err *err)
{
	char sum[HASH_HEX_MAX];

	if (!given->url || !*given->url)
		return err_set(err, ERR_USAGE, "the webhook has no URL");
	if (net_check_base_url("webhook", given->url, err))
		return err->kind;
	target->url = strdup(given->url);
	if (!target->url)
		return err_set(err, ERR_NOMEM, "out of memory");
	if (hash_text(HASH_SHA256, target->url, strlen(target->url), sum, err))
		return err->kind;
	(void)snprintf(target->name, sizeof(target->name), "%.*s", TARGET_NAME_MAX, sum);
	show(target);
	return ERR_OK;
}

/* --- events ---------------------------------------------------------------------- */

static const char usual_events[] = "failed,done,login,disk";

enum err_kind target_read_events(
    const char *words, bool ret_wants[NOTICES], struct err *err)
{
	bool is_any = false;

	for (size_t len; *words; words += len + (words[len] == ',')) {
		enum notice notice;

		len = strcspn(words, ",");
		notice = notice_find(words, len);
		if (notice == NOTICES)
			return err_set(err, ERR_USAGE,
			    "there is no event '%.*s'; there are stored, failed, done, "
			    "login and disk, with commas between",
			    (int)(len < 40 ? len : 40), words);
		ret_wants[notice] = is_any = true;
	}
	return is_any
	    ? ERR_OK
	    : err_set(err, ERR_USAGE, "the webhook is to be told of no event at all");
}

void target_free(struct target *target)
{
	if (!target)
		return;
	secret_release(&target->secrets);
	if (target->url)
		redact_wipe(target->url, strlen(target->url));
	free(target->url);
	free(target);
}

static void target_freep(struct target **target)
{
	target_free(*target);
}

enum err_kind target_make(
    const struct dq_webhook *given, struct target **ret_target, struct err *err)
{
	_cleanup_(target_freep) struct target *target = NULL;
	struct dq_webhook taken;

	*ret_target = NULL;
	if (!given)
		return ERR_OK;
	given_take(&taken, sizeof(taken), given);
	target = calloc(1, sizeof(*target));
	if (!target)
		return err_set(err, ERR_NOMEM, "out of memory");
	if (take_url(target, &taken, err) ||
	    target_read_events(
		taken.events ? taken.events : usual_events, target->wants, err) ||
	    take_secrets(target, &taken, err))
		return err->kind;
	*ret_target = TAKE_PTR(target);
	return ERR_OK;
}
