#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "core/sidecar/facts.h"
#include "core/sidecar/texts.h"

/* Names that web UIs have, too, are written as they do. */
static const struct {
	const char *name;
	enum sidecar_fact fact;
} rows[] = {
	{ "Seed", FACT_SEED },
	{ "Size", FACT_SIZE },
	{ "Duration", FACT_DURATION },
	{ "Model", FACT_MODEL },
	{ "Kind", FACT_KIND },
	{ "Mode", FACT_MODE },
	{ "Ratio", FACT_RATIO },
	{ "Created", FACT_CREATED },
	{ "Submit id", FACT_SUBMIT_ID },
	{ "History id", FACT_HISTORY_ID },
	{ "File", FACT_INDEX },
};

/* What would end the value, or the line. */
static void add_value(struct buf *into, const char *value)
{
	if (!strpbrk(value, ",:\"\\\n\t")) {
		buf_addf(into, "%s", value);
		return;
	}
	buf_addf(into, "\"");
	for (; *value; value++) {
		if (*value == '"' || *value == '\\')
			buf_addf(into, "\\%c", *value);
		else if (*value == '\n')
			buf_addf(into, "\\n");
		else if (*value == '\t')
			buf_addf(into, "\\t");
		else
			buf_add(into, value, 1);
	}
	buf_addf(into, "\"");
}

static void add_row(struct buf *into, const char *name, const char *value)
{
	_cleanup_(buf_release) struct buf clean = buf_make(SIDECAR_TEXT_MAX);

	sidecar_add_clean(&clean, value);
	into->failed |= buf_failed(&clean);
	buf_addf(into, "%s: ", name);
	add_value(into, clean.data);
	buf_addf(into, ", ");
}

char *sidecar_text_parameters(const struct sidecar_of *of)
{
	_cleanup_(buf_release) struct buf text = buf_make(SIDECAR_TEXT_MAX);
	const char *prompt = of->task->prompt;
	char made[FACT_MAX];

	if (prompt && *prompt) {
		sidecar_add_clean(&text, prompt);
		buf_addf(&text, "\n");
	}
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *value = sidecar_fact(of, rows[i].fact, made);

		if (value && *value)
			add_row(&text, rows[i].name, value);
	}
	/* Whoever looks for three of them finds three, of whatever task. */
	buf_addf(&text, "Generator: Dreamina / Jimeng\n");
	return buf_take(&text);
}

char *sidecar_mark_parameters(const char *submit_id)
{
	char *mark = NULL;

	return asprintf(&mark, "Submit id: %s, ", submit_id) < 0 ? NULL : mark;
}
