#include "service/jimeng/read/credit.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/taskid.h"

static const int64_t AMOUNT_MAX = INT64_C(1000000000000); /* of one sort, or entry */

/* How the service numbers the ways of an entry. */
enum { HISTORY_TYPE_WENT = 2 };

static const int64_t MS_FROM = INT64_C(100000000000); /* a time from here on is in ms */

/* The names of a sort; `detail` has it in parts, each with its end. */
static const struct sort_row {
	const char *name, *detail;
} sort_rows[CREDIT_SORTS] = {
	[CREDIT_SUBSCRIPTION] = { "credit.vip_credit", "credits_detail.vip_credits" },
	[CREDIT_GIFT] = { "credit.gift_credit", "credits_detail.gift_credits" },
	[CREDIT_PURCHASE] = { "credit.purchase_credit",
	    "credits_detail.purchase_credits" },
};

/* --- where the content is ----------------------------------------------------------- */

static cJSON *tree_of(const char *bytes, size_t len)
{
	struct err ignored;
	cJSON *json = NULL;

	if (len == 0 || bytes[0] != '{' ||
	    json_parse_within(bytes, len, ANSWER_VALUES_MAX, &json, &ignored))
		return NULL;
	return json;
}

cJSON *credit_content(const struct answer *answer)
{
	const struct json_slice data = answer_data(answer), all = answer_text(answer);
	_cleanup_(json_deletep) cJSON *content = tree_of(data.bytes, data.len);
	_cleanup_(json_deletep) cJSON *outside = NULL;
	const char *text;

	if (content && content->child)
		return TAKE_PTR(content);
	outside = tree_of(all.bytes, all.len);
	text = json_get_string(outside, "response", NULL);
	return text ? tree_of(text, strlen(text)) : NULL;
}

/* --- the balance ------------------------------------------------------------------ */

static int64_t amount_of(const cJSON *object, const char *path)
{
	return json_get_int_in(
	    object, path, (struct json_range){ -1, AMOUNT_MAX }, -1, NULL);
}

static void add_ends(
    const cJSON *list, const char *amount, const char *end, struct balance *balance)
{
	const cJSON *part;

	cJSON_ArrayForEach(part, list) {
		const int64_t at = json_get_int(part, end, 0, NULL);

		balance_add_end(
		    balance, amount_of(part, amount), at >= MS_FROM ? at / 1000 : at);
	}
}

void credit_read(const cJSON *content, struct balance *ret_balance)
{
	struct balance balance = balance_make();

	for (size_t i = 0; i < CREDIT_SORTS; i++) {
		const int64_t amount = amount_of(content, sort_rows[i].name);

		balance.of_sort[i] = amount;
		if (amount >= 0)
			balance.total = amount + (balance.total < 0 ? 0 : balance.total);
		add_ends(json_get_array(content, sort_rows[i].detail, NULL),
		    "residual_credits", "credits_life_end", &balance);
	}
	if (balance.n_ends == 0)
		add_ends(json_get_array(content, "expiring_credits", NULL),
		    "credit_amount", "expire_time", &balance);
	*ret_balance = balance;
}

/* --- the statement ---------------------------------------------------------------- */

static const char *id_of(const cJSON *record, const char *name)
{
	const char *id = json_get_string(record, name, NULL);

	return taskid_is_valid(id) ? id : NULL;
}

/* False: it says nothing of credits. */
static bool read_entry(const cJSON *record, struct credit_entry *entry)
{
	const int64_t amount = json_get_int_in(record, "amount",
	    (struct json_range){ -AMOUNT_MAX, AMOUNT_MAX }, INT64_MIN, NULL);
	const int64_t at = json_get_int(record, "create_time", 0, NULL);
	const char *title = json_get_string(record, "title", NULL);
	const bool went =
	    json_get_int(record, "history_type", 0, NULL) == HISTORY_TYPE_WENT;

	if (!cJSON_IsObject(record) || amount < -AMOUNT_MAX)
		return false;
	*entry = (struct credit_entry){
		.amount = went && amount > 0 ? -amount : amount,
		.at_unix_ms = at > 0 && at < MS_FROM ? at * 1000
		    : at > 0			     ? at
						     : 0,
		.title = title && *title ? title : NULL,
		.submit_id = id_of(record, "submit_id"),
		.history_id = id_of(record, "history_id"),
	};
	return true;
}

static const char *next_of(const cJSON *content)
{
	const char *next = json_get_string(content, "new_cursor", NULL);

	return cJSON_IsTrue(json_find(content, "has_more")) && next && *next ? next
									     : NULL;
}

enum err_kind credit_read_statement(
    const cJSON *content, struct statement *ret_statement, struct err *err)
{
	const cJSON *records = json_get_array(content, "records", NULL);
	const int size = cJSON_GetArraySize(records);
	struct statement statement = { .total = amount_of(content, "total_credit"),
		.next = next_of(content) };
	const cJSON *record;

	if (!records || size > STATEMENT_ENTRIES_MAX)
		return err_set(err, ERR_CONTRACT,
		    "the service's history of the credits can't be read");
	statement.entries = calloc((size_t)size + 1, sizeof(*statement.entries));
	if (!statement.entries)
		return err_set(err, ERR_NOMEM, "out of memory for an answer");
	cJSON_ArrayForEach(record, records) {
		if (read_entry(record, &statement.entries[statement.n]))
			statement.n++;
		else
			statement.left_out++;
	}
	*ret_statement = statement;
	return ERR_OK;
}
