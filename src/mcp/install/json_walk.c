#include "mcp/install/json_walk.h"

#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/say.h"

static bool refuse(struct walk *walk, size_t at, const char *why)
{
	if (!walk->why) {
		walk->at = at;
		walk->why = why;
	}
	return false;
}

static char here(const struct walk *walk)
{
	return walk->text[walk->at < walk->len ? walk->at : walk->len];
}

static bool skip_comment(struct walk *walk)
{
	const size_t began = walk->at;
	const char *rest = walk->text + walk->at, *end;

	if (!walk->has_comments)
		return refuse(walk, began, N_("a comment is no JSON"));
	if (rest[1] == '/') {
		walk->at += strcspn(rest, "\n");
		return true;
	}
	end = rest[1] == '*' ? strstr(rest + 2, "*/") : NULL;
	if (!end)
		return refuse(walk, began,
		    rest[1] == '*' ? N_("the comment has no end")
				   : N_("'/' is no value"));
	walk->at = (size_t)(end - walk->text) + 2;
	return true;
}

bool walk_space(struct walk *walk)
{
	for (;;) {
		walk->at += strspn(walk->text + walk->at, " \t\r\n");
		if (here(walk) != '/')
			return true;
		if (!skip_comment(walk))
			return false;
	}
}

static bool skip_string(struct walk *walk)
{
	const size_t began = walk->at;

	for (walk->at++; walk->at < walk->len; walk->at++) {
		const char c = walk->text[walk->at];

		if (c == '"') {
			walk->at++;
			return true;
		}
		if ((unsigned char)c < ' ')
			break;
		if (c == '\\')
			walk->at++;
	}
	return refuse(walk, began, N_("the text has no closing quote"));
}

static size_t digits(const char *text)
{
	return strspn(text, "0123456789");
}

/* A number as JSON has it; how many bytes, 0: none. */
static size_t number_len(const char *text)
{
	const char *at = text + (*text == '-');
	const char *fraction;

	if (digits(at) == 0 || (*at == '0' && digits(at) > 1))
		return 0;
	at += digits(at);
	fraction = *at == '.' && digits(at + 1) > 0 ? at + 1 + digits(at + 1) : at;
	at = fraction;
	if (*at == 'e' || *at == 'E') {
		const size_t sign = at[1] == '+' || at[1] == '-';

		at += digits(at + 1 + sign) > 0 ? 1 + sign + digits(at + 1 + sign) : 0;
	}
	return (size_t)(at - text);
}

static bool skip_word(struct walk *walk)
{
	static const char *const words[] = { "true", "false", "null" };
	const char *rest = walk->text + walk->at;
	size_t len = number_len(rest);

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (!strncmp(rest, words[i], strlen(words[i])))
			len = strlen(words[i]);
	if (len == 0 || (rest[len] && !strchr(" \t\r\n,]}/", rest[len])))
		return refuse(walk, walk->at,
		    *rest ? N_("a value is expected here")
			  : N_("the text ends too early"));
	walk->at += len;
	return true;
}

/* Stands behind a value of a list: at its end, or at the next. */
static bool next_of(struct walk *walk, char close, bool *ret_has_more)
{
	if (!walk_space(walk))
		return false;
	*ret_has_more = false;
	if (here(walk) == close)
		return true;
	if (here(walk) != ',')
		return refuse(walk, walk->at,
		    close == '}' ? N_("',' or '}' is expected here")
				 : N_("',' or ']' is expected here"));
	walk->at++;
	if (!walk_space(walk))
		return false;
	if (here(walk) == close && !walk->has_comments)
		return refuse(walk, walk->at, N_("a comma before the end is no JSON"));
	*ret_has_more = here(walk) != close;
	return true;
}

static bool skip_key(struct walk *walk)
{
	if (here(walk) != '"')
		return refuse(
		    walk, walk->at, N_("a key in double quotes is expected here"));
	if (!skip_string(walk) || !walk_space(walk))
		return false;
	if (here(walk) != ':')
		return refuse(walk, walk->at, N_("':' is expected here"));
	walk->at++;
	return walk_space(walk);
}

static bool skip_list(struct walk *walk, char close)
{
	bool has_more;

	if (++walk->depth > WALK_DEPTH_MAX)
		return refuse(walk, walk->at, N_("it is nested too deep"));
	walk->at++;
	if (!walk_space(walk))
		return false;
	has_more = here(walk) != close;
	while (has_more)
		if ((close == '}' && !skip_key(walk)) || !walk_value(walk) ||
		    !next_of(walk, close, &has_more))
			return false;
	walk->at++;
	walk->depth--;
	return true;
}

bool walk_value(struct walk *walk)
{
	switch (here(walk)) {
	case '"':
		return skip_string(walk);
	case '{':
		return skip_list(walk, '}');
	case '[':
		return skip_list(walk, ']');
	default:
		return skip_word(walk);
	}
}

bool walk_whole(struct walk *walk, size_t *ret_open)
{
	static const char mark[] = "\xef\xbb\xbf"; /* of UTF-8, as some editors put it */

	if (!strncmp(walk->text, mark, sizeof(mark) - 1))
		walk->at = sizeof(mark) - 1;
	if (!walk_space(walk))
		return false;
	if (here(walk) != '{')
		return refuse(walk, walk->at, N_("an object '{...}' is expected here"));
	*ret_open = walk->at;
	if (!walk_value(walk) || !walk_space(walk))
		return false;
	return walk->at == walk->len ||
	    refuse(walk, walk->at, N_("something stands behind the end"));
}

/* Keys are compared as they are meant, escapes resolved. */
static bool is_key(const struct walk *walk, size_t at, size_t end, const char *key)
{
	cJSON *text = cJSON_ParseWithLength(walk->text + at, end - at);
	const bool is_it = cJSON_IsString(text) && !strcmp(text->valuestring, key);

	cJSON_Delete(text);
	return is_it;
}

static size_t end_of_string(const struct walk *walk)
{
	struct walk ahead = *walk;

	(void)skip_string(&ahead);
	return ahead.at;
}

void walk_object(struct walk *walk, const char *key, struct walk_object *ret_object)
{
	struct walk_object found = { .open = walk->at };
	size_t comma_before = 0;

	walk->at++;
	(void)walk_space(walk);
	while (here(walk) == '"') {
		const size_t at = walk->at, end = end_of_string(walk);
		const bool is_it = is_key(walk, at, end, key);

		found.first = found.n++ ? found.first : at;
		(void)skip_key(walk);
		if (is_it) {
			found.matches++;
			found.key = at;
			found.value = walk->at;
			found.comma_before = comma_before;
		}
		(void)walk_value(walk);
		found.end = walk->at;
		(void)walk_space(walk);
		found.comma = here(walk) == ',' ? walk->at : 0;
		if (is_it) {
			found.value_end = found.end;
			found.comma_after = found.comma;
		}
		comma_before = found.comma;
		walk->at += found.comma > 0;
		(void)walk_space(walk);
	}
	found.close = walk->at;
	*ret_object = found;
}
