/*
 * text_xmp.c - properties are rows: a name, how it is written, and where its value comes
 * from.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "core/sidecar/facts.h"
#include "core/sidecar/texts.h"
#include "core/sidecar/xmp.h"

/* Ours comes first, so that the beginning of a packet is of one program and one task. */
#define BEGIN                                                                  \
	"<?xpacket begin=\"\xef\xbb\xbf\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n" \
	"<x:xmpmeta xmlns:x=\"adobe:ns:meta/\" x:xmptk=\"dreamq\">\n"          \
	" <rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n"
#define DESCRIPTION                                                                \
	"  <rdf:Description rdf:about=\"\"\n"                                      \
	"    xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"\n"          \
	"    xmlns:dreamq=\"urn:dreamq:xmp:1.0#\"\n"                               \
	"    xmlns:dc=\"http://purl.org/dc/elements/1.1/\"\n"                      \
	"    xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\"\n"                         \
	"    xmlns:exif=\"http://ns.adobe.com/exif/1.0/\"\n"                       \
	"    xmlns:Iptc4xmpExt=\"http://iptc.org/std/Iptc4xmpExt/2008-02-29/\">\n" \
	"   <dreamq:SubmitID>"
#define END " </rdf:RDF>\n</x:xmpmeta>\n<?xpacket end=\"w\"?>\n"

static const char end_of_rdf[] = "</rdf:RDF>";

enum shape {
	SHAPE_TEXT,
	SHAPE_LANGUAGE, /* in any language: rdf:Alt */
	SHAPE_BAG, /* one for each word */
};

/* --- where values come from --- */

/* NOLINTBEGIN(readability-non-const-parameter): rows call them alike */

static const char *prompt_of(const struct sidecar_of *of, char into[FACT_MAX])
{
	(void)into;
	return of->task->prompt;
}

static const char *tags_of(const struct sidecar_of *of, char into[FACT_MAX])
{
	(void)into;
	return of->task->tags;
}

static const char *note_of(const struct sidecar_of *of, char into[FACT_MAX])
{
	(void)into;
	return of->task->note;
}

/* -1 is "rejected" in XMP, too. */
static const char *rating_of(const struct sidecar_of *of, char into[FACT_MAX])
{
	(void)snprintf(into, FACT_MAX, "%d", of->task->rating);
	return of->task->rating ? into : NULL;
}

static const char *tool_of(const struct sidecar_of *of, char into[FACT_MAX])
{
	(void)of;
	(void)into;
	return "Dreamina / Jimeng";
}

static const char *source_of(const struct sidecar_of *of, char into[FACT_MAX])
{
	(void)of;
	(void)into;
	return "http://cv.iptc.org/newscodes/digitalsourcetype/"
	       "trainedAlgorithmicMedia";
}

/* NOLINTEND(readability-non-const-parameter) */

#define FROM_FACT(name, fact)                                                          \
	static const char *name##_of(const struct sidecar_of *of, char into[FACT_MAX]) \
	{                                                                              \
		return sidecar_fact(of, FACT_##fact, into);                            \
	}
FROM_FACT(created, CREATED)
FROM_FACT(duration, DURATION)
FROM_FACT(height, HEIGHT)
FROM_FACT(history, HISTORY_ID)
FROM_FACT(index, INDEX)
FROM_FACT(mode, MODE)
FROM_FACT(model, MODEL)
FROM_FACT(ratio, RATIO)
FROM_FACT(seed, SEED)
FROM_FACT(sha256, SHA256)
FROM_FACT(width, WIDTH)

static const struct {
	const char *name;
	enum shape shape;
	enum xmp_words words; /* XMP_ALL: left out of what is given away */
	const char *(*value)(const struct sidecar_of *of, char into[FACT_MAX]);
} properties[] = {
	{ "dreamq:HistoryID", SHAPE_TEXT, XMP_OF_MAKING, history_of },
	{ "dreamq:Index", SHAPE_TEXT, XMP_OF_MAKING, index_of },
	{ "dreamq:Model", SHAPE_TEXT, XMP_OF_MAKING, model_of },
	{ "dreamq:Mode", SHAPE_TEXT, XMP_OF_MAKING, mode_of },
	{ "dreamq:Ratio", SHAPE_TEXT, XMP_OF_MAKING, ratio_of },
	{ "dreamq:Seed", SHAPE_TEXT, XMP_OF_MAKING, seed_of },
	{ "dreamq:Duration", SHAPE_TEXT, XMP_OF_MAKING, duration_of },
	{ "dreamq:OriginalSHA256", SHAPE_TEXT, XMP_OF_MAKING, sha256_of },
	{ "dreamq:Note", SHAPE_TEXT, XMP_ALL, note_of },
	{ "dc:description", SHAPE_LANGUAGE, XMP_OF_MAKING, prompt_of },
	{ "dc:subject", SHAPE_BAG, XMP_ALL, tags_of },
	{ "xmp:CreateDate", SHAPE_TEXT, XMP_OF_MAKING, created_of },
	{ "xmp:CreatorTool", SHAPE_TEXT, XMP_OF_MAKING, tool_of },
	{ "xmp:Rating", SHAPE_TEXT, XMP_ALL, rating_of },
	{ "exif:PixelXDimension", SHAPE_TEXT, XMP_OF_MAKING, width_of },
	{ "exif:PixelYDimension", SHAPE_TEXT, XMP_OF_MAKING, height_of },
	{ "Iptc4xmpExt:DigitalSourceType", SHAPE_TEXT, XMP_OF_MAKING, source_of },
	{ "Iptc4xmpExt:AISystemUsed", SHAPE_TEXT, XMP_OF_MAKING, tool_of },
	{ "Iptc4xmpExt:AISystemVersionUsed", SHAPE_TEXT, XMP_OF_MAKING, model_of },
	{ "Iptc4xmpExt:AIPromptInformation", SHAPE_TEXT, XMP_OF_MAKING, prompt_of },
};

/* --- how they are written --- */

static void add_escaped(struct buf *into, const char *text)
{
	_cleanup_(buf_release) struct buf clean = buf_make(SIDECAR_TEXT_MAX);

	sidecar_add_clean(&clean, text);
	into->failed |= buf_failed(&clean);
	for (const char *c = clean.data; *c; c++) {
		if (*c == '&')
			buf_addf(into, "&amp;");
		else if (*c == '<')
			buf_addf(into, "&lt;");
		else if (*c == '>') /* "]]>" may not stand in a text */
			buf_addf(into, "&gt;");
		else
			buf_add(into, c, 1);
	}
}

static void add_bag(struct buf *into, const char *words)
{
	buf_addf(into, "<rdf:Bag>");
	while (*words) {
		const size_t n = strcspn(words, " ");
		_cleanup_free_ char *word = strndup(words, n);

		into->failed |= !word;
		if (n > 0 && word) {
			buf_addf(into, "<rdf:li>");
			add_escaped(into, word);
			buf_addf(into, "</rdf:li>");
		}
		words += n + (words[n] == ' ');
	}
	buf_addf(into, "</rdf:Bag>");
}

static void add_value(struct buf *into, enum shape shape, const char *value)
{
	switch (shape) {
	case SHAPE_TEXT:
		add_escaped(into, value);
		break;
	case SHAPE_LANGUAGE:
		buf_addf(into, "<rdf:Alt><rdf:li xml:lang=\"x-default\">");
		add_escaped(into, value);
		buf_addf(into, "</rdf:li></rdf:Alt>");
		break;
	case SHAPE_BAG:
		add_bag(into, value);
		break;
	}
}

/* Without what `old` says of the file already; NULL: it says nothing. */
static void add_description(
    struct buf *into, const struct sidecar_of *of, enum xmp_words words, const char *old)
{
	char made[FACT_MAX];

	buf_addf(into, DESCRIPTION "%s</dreamq:SubmitID>\n", of->task->submit_id);
	for (size_t i = 0; i < sizeof(properties) / sizeof(properties[0]); i++) {
		const char *name = properties[i].name;
		const char *value = properties[i].value(of, made);

		if (!value || !*value || (old && strstr(old, name)) ||
		    (words == XMP_OF_MAKING && properties[i].words == XMP_ALL))
			continue;
		buf_addf(into, "   <%s>", name);
		add_value(into, properties[i].shape, value);
		buf_addf(into, "</%s>\n", name);
	}
	buf_addf(into, "  </rdf:Description>\n");
}

void xmp_add_packet(struct buf *into, const struct sidecar_of *of, enum xmp_words words)
{
	buf_addf(into, BEGIN);
	add_description(into, of, words, NULL);
	buf_addf(into, END);
}

bool xmp_add_merged(struct buf *into, const struct buf *old, const struct sidecar_of *of,
    enum xmp_words words)
{
	const char *end = strstr(old->data, end_of_rdf), *next;

	if (!end || strlen(old->data) != old->len || strstr(old->data, "dreamq:SubmitID"))
		return false;
	while ((next = strstr(end + 1, end_of_rdf)))
		end = next;
	buf_add(into, old->data, (size_t)(end - old->data));
	add_description(into, of, words, old->data);
	buf_addf(into, "%s", end);
	return true;
}

/* --- beside a file --- */

char *sidecar_text_xmp(const struct sidecar_of *of)
{
	_cleanup_(buf_release) struct buf text = buf_make(SIDECAR_TEXT_MAX);

	xmp_add_packet(&text, of, XMP_ALL);
	return buf_take(&text);
}

char *sidecar_mark_xmp(const char *submit_id)
{
	char *mark = NULL;

	return asprintf(&mark, BEGIN DESCRIPTION "%s</dreamq:SubmitID>", submit_id) < 0
	    ? NULL
	    : mark;
}
