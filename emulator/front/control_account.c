#include "front/control_account.h"

#include <string.h>

static const char *const logins[] = {
	[LOGIN_OK] = "ok",
	[LOGIN_EXPIRED] = "expired",
	[LOGIN_EMPTY] = "expired-empty",
};

static bool find_login(const char *name, enum login *ret)
{
	for (size_t i = 0; i < sizeof(logins) / sizeof(logins[0]); i++)
		if (strcmp(logins[i], name) == 0) {
			*ret = (enum login)i;
			return true;
		}
	return false;
}

static const struct purse_row {
	const char *name;
	enum purse purse;
} purse_rows[] = {
	{ "gift", PURSE_GIFT },
	{ "vip", PURSE_VIP },
	{ "purchase", PURSE_PURCHASE },
};

enum { PURSE_ROWS = sizeof(purse_rows) / sizeof(purse_rows[0]) };

static void write_account(
    struct emulator *emu, struct request *r, struct account *account)
{
	struct store *store = &emu->store;
	struct wallet wallet = store_wallet(store, account, r->now_ms);
	struct text out = { 0 };

	text_puts(&out, "{\"account\":\"");
	text_json(&out, account->session);
	text_printf(&out, "\",\"state\":\"%s\",\"credits\":%lld",
	    logins[store_login(store, account)], (long long)wallet_total(&wallet));
	for (size_t i = 0; i < PURSE_ROWS; i++)
		text_printf(&out, ",\"%s\":%lld", purse_rows[i].name,
		    (long long)wallet.purses[purse_rows[i].purse]);
	text_puts(&out, "}");
	wallet_release(&wallet);
	reply_text(&r->reply, 200, JSON_TYPE, &out);
}

/* `credits` are all of them, as gifts; then single purses, then a purchase. */
static void set_credits(
    struct emulator *emu, struct account *account, const json_t *body, int64_t now_ms)
{
	const json_t *credits = json_object_get(body, "credits");
	const json_t *top_up = json_object_get(body, "top_up");

	for (size_t i = 0; i < PURSE_ROWS; i++) {
		const json_t *purse = json_object_get(body, purse_rows[i].name);
		const bool is_gift = purse_rows[i].purse == PURSE_GIFT;

		if (credits)
			store_set_purse(&emu->store, account, purse_rows[i].purse,
			    is_gift ? json_integer_value(credits) : 0);
		if (purse)
			store_set_purse(&emu->store, account, purse_rows[i].purse,
			    json_integer_value(purse));
	}
	if (top_up)
		store_top_up(
		    &emu->store, account, (int)json_integer_value(top_up), now_ms);
}

static bool are_credits(const json_t *body)
{
	static const char *const names[] = { "credits", "gift", "vip", "purchase",
		"top_up" };
	bool ok = true;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const json_t *value = json_object_get(body, names[i]);

		ok &= !value ||
		    (json_is_integer(value) && json_integer_value(value) >= 0 &&
			json_integer_value(value) <= INT32_MAX);
	}
	return ok;
}

void control_set_account(struct emulator *emu, struct request *r)
{
	json_t *body = json_loadb(text_str(&r->body), r->body.len, 0, NULL);
	const char *name = control_string(body, "account", "");
	const char *state = control_string(body, "state", NULL);
	enum login login = LOGIN_OK;

	if (!*name || (state && !find_login(state, &login)) || !are_credits(body)) {
		control_bad_request(r,
		    "wanted: account, and state (ok, expired, expired-empty) or credits");
	} else {
		struct account *account = store_account(&emu->store, name);

		if (state)
			store_set_login(&emu->store, account, login);
		set_credits(emu, account, body, r->now_ms);
		write_account(emu, r, account);
	}
	json_decref(body);
}
