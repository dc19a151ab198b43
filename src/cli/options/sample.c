#include "cli/options/sample.h"

#include "cli/options/help.h"
#include "cli/options/options.h"
#include "cli/term/i18n.h"
#include "cli/term/wrap.h"
#include "dreamq/dreamq.h"

enum { WRAPPED_MAX = 4096, COLUMNS_MAX = 78 };

/* Wrapped, each line behind "# ". */
static void add_comment(struct buf *into, const char *text)
{
	struct buf lines = buf_make(WRAPPED_MAX);

	wrap_add(&lines, text, 0, COLUMNS_MAX);
	for (const char *at = lines.data, *end; *at; at = end + 1) {
		end = at;
		while (*end && *end != '\n')
			end++;
		buf_addf(into, "# %.*s\n", (int)(end - at), at);
		if (!*end)
			break;
	}
	buf_release(&lines);
}

static void add_key(struct buf *into, const struct opt *opt)
{
	const char *value = opt->fallback;

	if (!value)
		value = opt->type == OPT_SWITCH ? "no" : "";
	buf_addf(into, "\n");
	add_comment(into, _(opt->help));
	for (const char *const *choice = opt->choices; choice && *choice; choice++)
		buf_addf(into, "%s%s%s", choice == opt->choices ? "# " : "", *choice,
		    choice[1] ? " | " : "\n");
	buf_addf(into, "# %s =%s%s\n", opt->name, *value ? " " : "", value);
}

void sample_add(struct buf *into)
{
	add_comment(into,
	    _("The config file of dreamq. Every line here is a comment, and shows what "
	      "holds without it: take the '#' away and change the value, or let "
	      "'dreamq config set KEY VALUE' do it. Options and environment variables "
	      "come before this file."));
	buf_addf(into, "\n[default]\n");
	for (enum opt_id id = 0; id < OPT_COUNT; id++)
		if (options[id].in_config)
			add_key(into, &options[id]);
	buf_addf(into, "\n");
	add_comment(into, _("The same keys for one profile, over [default]:"));
	buf_addf(into, "# [profile work]\n# output-dir = /srv/work\n\n");
	add_comment(
	    into, _("Commands of your own: a verb, and what shall stand behind it:"));
	buf_addf(into, "[alias]\n# night = watch --sync 1h --output-dir ~/pics\n\n");
	add_comment(into,
	    _("Rows of the table of what is sent. They are of use where the service has "
	      "changed:"));
	buf_addf(into, "[wire]\n");
	for (size_t i = 0; dq_wire_name_at(i); i++)
		buf_addf(into, "# %s =\n", dq_wire_name_at(i));
}
