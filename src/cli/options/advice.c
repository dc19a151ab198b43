#include "cli/options/advice.h"

#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "cli/term/shell_word.h"

enum { ADVICE_BYTES = 19200 };

/* What comes from the environment or the config file, the next command gets, too. */
static void add_options(struct buf *into, const struct args *args)
{
	static const enum opt_id chosen_by[] = { OPT_PROFILE, OPT_REGION, OPT_COOKIE_FILE,
		OPT_CONFIG };

	for (size_t i = 0; i < sizeof(chosen_by) / sizeof(*chosen_by); i++) {
		const struct value *value = &args->of[chosen_by[i]];

		if (value->origin != FROM_ARGV || !value->text)
			continue;
		buf_addf(into, " --%s ", options[chosen_by[i]].name);
		shell_word_add(into, value->text);
	}
}

char *advice_complete(const struct args *args, const char *text)
{
	static const char command[] = "dreamq auth import";
	_cleanup_(buf_release) struct buf whole = buf_make(ADVICE_BYTES);
	const char *at;

	while ((at = strstr(text, command)) != NULL) {
		buf_add(&whole, text, (size_t)(at - text) + sizeof(command) - 1);
		add_options(&whole, args);
		text = at + sizeof(command) - 1;
	}
	buf_add(&whole, text, strlen(text));
	return buf_take(&whole);
}
