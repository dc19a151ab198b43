#include "core/browser/browser.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/redact.h"
#include "core/account/keyring.h"
#include "core/browser/copy.h"
#include "core/browser/place.h"
#include "core/browser/unseal.h"
#include "ledger/foreign/cookies.h"

enum { VALUE_MAX = 16 * 1024, NAMES_MAX = 120, SEAL_BYTES = 3 /* "v10" */ };

/* A key is made when the first cookie needs it. */
struct key {
	uint8_t bytes[UNSEAL_KEY_BYTES];
	bool is_made;
};

struct reading {
	const struct browser_wish *wish;
	const struct browser *browser;
	struct buf *into;
	struct browser_copy copy;
	struct key fixed, asked; /* of "v10", of "v11" */
	struct err no_key; /* the keyring was asked in vain; once is enough */
	struct browser_told *told;
};

static enum err_kind make_asked(struct reading *r, struct err *err)
{
	_cleanup_(secret_release) struct secret password = { 0 };

	if (keyring_load_of_browser(r->browser->keyring, r->wish->stops, &password, err))
		return err->kind;
	if (!password.text)
		return err_set(err, ERR_AUTH,
		    "the keyring has no entry of %s, whose cookies are encrypted with it "
		    "(KDE keeps it in KWallet, which is not read): log in with Firefox, "
		    "or "
		    "save the site's cookies as a cookies.txt and run 'dreamq auth "
		    "import "
		    "FILE'",
		    r->browser->title);
	return unseal_make_key(password.text, r->asked.bytes, err);
}

static enum err_kind key_for(struct reading *r, const struct foreign_cookie *cookie,
    const uint8_t **ret_key, struct err *err)
{
	const bool is_fixed = !memcmp(cookie->sealed, "v10", SEAL_BYTES);
	struct key *key = is_fixed ? &r->fixed : &r->asked;

	if (!is_fixed && memcmp(cookie->sealed, "v11", SEAL_BYTES) != 0)
		return err_set(err, ERR_AUTH,
		    "%s encrypts its cookies in a way that is not known here",
		    r->browser->title);
	if (!is_fixed && r->no_key.kind) {
		*err = r->no_key;
		return err->kind;
	}
	if (!key->is_made &&
	    (is_fixed ? unseal_make_key(NULL, key->bytes, err) : make_asked(r, err))) {
		r->no_key = *err;
		return err->kind;
	}
	key->is_made = true;
	*ret_key = key->bytes;
	return ERR_OK;
}

static enum err_kind open_value(struct reading *r, const struct foreign_cookie *cookie,
    char value[VALUE_MAX], struct err *err)
{
	const struct sealed sealed = {
		.bytes = (const uint8_t *)cookie->sealed + SEAL_BYTES,
		.len = cookie->sealed_len - SEAL_BYTES,
		.host = cookie->host,
		.version = cookie->version,
	};
	const uint8_t *key = NULL;

	if (key_for(r, cookie, &key, err))
		return err->kind;
	return unseal(&sealed, key, value, VALUE_MAX, err);
}

static void add_line(
    struct reading *r, const struct foreign_cookie *cookie, const char *value)
{
	if (strpbrk(value, "\t\r\n") || strpbrk(cookie->name, "\t\r\n") ||
	    strpbrk(cookie->path, "\t\r\n"))
		return;
	buf_addf(r->into, "%s\tTRUE\t%s\tTRUE\t%lld\t%s\t", cookie->host,
	    *cookie->path ? cookie->path : "/", (long long)cookie->expires_unix,
	    cookie->name);
	buf_add(r->into, value, strlen(value));
	buf_add(r->into, "\n", 1);
	r->told->n++;
}

static void note_container(struct browser_told *told, int container)
{
	for (size_t i = 0; i < told->n_containers; i++)
		if (told->containers[i] == container)
			return;
	if (told->n_containers < BROWSER_CONTAINERS_MAX)
		told->containers[told->n_containers++] = container;
}

/*
 * One that stays closed is no reason to leave the others. SQLite has all files open by
 * now, and a keyring may keep us waiting: nobody who is killed meanwhile leaves the copy
 * behind.
 */
static enum err_kind take_cookie(
    void *payload, const struct foreign_cookie *cookie, struct err *err)
{
	struct reading *r = payload;
	char value[VALUE_MAX];
	struct err why;

	(void)err;
	browser_copy_release(&r->copy);
	if (cookie->expires_unix > 0 && cookie->expires_unix <= r->wish->now_unix)
		return ERR_OK;
	if (cookie->container != r->wish->container) {
		note_container(r->told, cookie->container);
		return ERR_OK;
	}
	if (*cookie->value || cookie->sealed_len <= SEAL_BYTES) {
		add_line(r, cookie, cookie->value);
		return ERR_OK;
	}
	if (!open_value(r, cookie, value, &why))
		add_line(r, cookie, value);
	else if (r->told->n_sealed++ == 0)
		r->told->why = why;
	redact_wipe(value, sizeof(value));
	return ERR_OK;
}

static enum err_kind judge(const struct reading *r, struct err *err)
{
	const struct browser_told *told = r->told;

	if (told->n == 0 && told->n_sealed > 0) {
		*err = told->why;
		return err->kind;
	}
	if (told->n == 0)
		return err_set(err, ERR_AUTH,
		    "%s has no cookie of %s: log in there with it first",
		    r->browser->title, r->wish->domain);
	return buf_failed(r->into)
	    ? err_set(err, ERR_USAGE, "%s has too many cookies of %s", r->browser->title,
		  r->wish->domain)
	    : ERR_OK;
}

static enum err_kind refuse(const char *name, struct err *err)
{
	char names[NAMES_MAX] = "";

	for (const struct browser *one = browsers; one->name; one++)
		(void)snprintf(names + strlen(names), sizeof(names) - strlen(names),
		    "%s%s", one == browsers ? "" : ", ", one->name);
	return err_set(
	    err, ERR_USAGE, "'%.60s' is no browser that is known here: %s", name, names);
}

enum err_kind browser_read(const struct browser_wish *wish, struct buf *into,
    struct browser_told *ret_told, struct err *err)
{
	char path[PATH_MAX];
	struct reading reading = { .wish = wish,
		.browser = browser_find(wish->name),
		.into = into,
		.told = ret_told };
	const struct foreign_cookie_reader reader = { wish->domain, path, take_cookie,
		&reading };
	const char *colon = strchr(wish->name, ':');
	enum err_kind kind;

	*ret_told = (struct browser_told){ .title = NULL };
	if (!reading.browser || (colon && !colon[1]))
		return refuse(wish->name, err);
	ret_told->title = reading.browser->title;
	if (browser_place(reading.browser, colon ? colon + 1 : NULL, path, err) ||
	    browser_copy_make(path, &reading.copy, err))
		return err->kind;
	kind = foreign_cookies_read(reading.copy.path, &reader, err);
	browser_copy_release(&reading.copy);
	redact_wipe(&reading.fixed, sizeof(reading.fixed));
	redact_wipe(&reading.asked, sizeof(reading.asked));
	return kind ? kind : judge(&reading, err);
}

void browser_each(void (*on_browser)(void *payload, const char *name), void *payload)
{
	for (const struct browser *browser = browsers; browser->name; browser++) {
		char path[PATH_MAX];
		struct err ignored;

		if (!browser_place(browser, NULL, path, &ignored))
			on_browser(payload, browser->name);
	}
}
