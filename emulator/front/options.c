#include "front/options.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "common/units.h"
#include "jimeng/region.h"
#include "state/mix.h"

enum value_kind {
	VALUE_FLAG,
	VALUE_PORT,
	VALUE_TEXT,
	VALUE_SEED,
	VALUE_SCALE,
	VALUE_SECONDS,
	VALUE_CLOCK,
	VALUE_SKEW,
	VALUE_COUNT,
	VALUE_BASE,
	VALUE_MIX,
	VALUE_REGION,
	VALUE_RETURNED,
};

enum { NAME_ROOM = 20, COUNT_MAX = 1000000 };

static const struct option_row {
	const char *name, *value, *help;
	enum value_kind kind;
	size_t at;
} rows[] = {
	{ "port", "N", "listen on this port of 127.0.0.1; 0 (default) takes a free one",
	    VALUE_PORT, offsetof(struct options, port) },
	{ "cdn-port", "N", "the same for the CDN", VALUE_PORT,
	    offsetof(struct options, cdn_port) },
	{ "cdn-base", "URL", "let links point there; our own CDN serves them, too",
	    VALUE_BASE, offsetof(struct options, cdn_base) },
	{ "port-file", "FILE", "write the port to FILE when ready, the CDN's to FILE.cdn",
	    VALUE_TEXT, offsetof(struct options, port_file) },
	{ "seed", "N", "seed of everything random (default 1)", VALUE_SEED,
	    offsetof(struct options, seed) },
	{ "time-scale", "X", "let time run X times as fast (default 1)", VALUE_SCALE,
	    offsetof(struct options, time_scale) },
	{ "clock", "WHICH",
	    "scaled (default): the clock runs faster; real: durations shrink",
	    VALUE_CLOCK, offsetof(struct options, real_clock) },
	{ "clock-skew", "DUR", "let the clock be that far ahead, or behind (-10m)",
	    VALUE_SKEW, offsetof(struct options, clock_skew_s) },
	{ "link-life", "DUR",
	    "links live that long, as 90s or 60m (default: as measured)", VALUE_SECONDS,
	    offsetof(struct options, link_life_s) },
	{ "max-running", "N", "refuse submits while an account has N unfinished tasks",
	    VALUE_COUNT, offsetof(struct options, max_running) },
	{ "max-running-images", "N", "the same for images alone", VALUE_COUNT,
	    offsetof(struct options, max_running_images) },
	{ "max-running-videos", "N", "the same for videos alone", VALUE_COUNT,
	    offsetof(struct options, max_running_videos) },
	{ "failed-credits", "WHAT",
	    "what failed tasks have cost is kept (default) or returned", VALUE_RETURNED,
	    offsetof(struct options, failed_returned) },
	{ "region", "NAME",
	    "be this cluster only: CN, US, SG, JP, EU ...; others get 1015", VALUE_REGION,
	    offsetof(struct options, region) },
	{ "account-records", "MIX",
	    "begin with such a past: 3000, or images=20,videos=5,elsewhere=40%",
	    VALUE_MIX, offsetof(struct options, account_records) },
	{ "script", "FILE", "read faults from FILE", VALUE_TEXT,
	    offsetof(struct options, script) },
	{ "log", "FILE", "append one JSON line per request to FILE", VALUE_TEXT,
	    offsetof(struct options, log) },
	{ "tls", NULL, "speak HTTPS with a certificate made at the start", VALUE_FLAG,
	    offsetof(struct options, tls) },
	{ "cert-file", "FILE", "write that certificate (PEM) to FILE", VALUE_TEXT,
	    offsetof(struct options, cert_file) },
	{ "help", NULL, "show this help", VALUE_FLAG, offsetof(struct options, help) },
	{ "man", NULL, "print the manual page", VALUE_FLAG,
	    offsetof(struct options, man) },
	{ "version", NULL, "show the version", VALUE_FLAG,
	    offsetof(struct options, version) },
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

void options_help(void)
{
	(void)puts(
	    "usage: dreamq-emulator [OPTION]...\n"
	    "Emulate the Dreamina/Jimeng service on loopback, for tests and trials.\n");
	for (size_t i = 0; i < ROWS; i++)
		(void)printf("  --%s%s%-*s %s\n", rows[i].name, rows[i].value ? " " : "",
		    (int)(24 - strlen(rows[i].name) - (rows[i].value ? 1 : 0)),
		    rows[i].value ? rows[i].value : "", rows[i].help);
	(void)puts(
	    "\nExit status: 0 stopped by a signal, 2 wrong usage or script, 5 port "
	    "cannot be\n"
	    "used, 6 file trouble. Any cookie sessionid is an account; \"expired\" is a "
	    "dead\n"
	    "login. docs/emulator.md has the prompt words and the fault script.");
}

/* Text that roff reads as text. */
static void print_roff(const char *text)
{
	for (; *text; text++) {
		if (*text == '-' || *text == '\\')
			(void)putchar('\\');
		(void)putchar(*text == '\\' ? 'e' : *text);
	}
}

void options_manual(void)
{
	(void)puts(
	    ".TH DREAMQ\\-EMULATOR 1 \"\" \"dreamq " EMULATOR_VERSION
	    "\" \"User Commands\"\n"
	    ".SH NAME\n"
	    "dreamq\\-emulator \\- emulate the Dreamina / Jimeng service on loopback\n"
	    ".SH SYNOPSIS\n.B dreamq\\-emulator\n[\\fIOPTION\\fR...]\n"
	    ".SH DESCRIPTION\n"
	    "It speaks the wire of the service on 127.0.0.1: submit, history, queue, "
	    "credits,\nand a CDN with signed links that expire. It makes real media, "
	    "breaks on demand,\nand writes down what a client did wrong. Everything is "
	    "kept in memory, and gone\nwhen it ends. The first line that it prints is "
	    "\"listening on\" and its address.\n"
	    ".SH OPTIONS");
	for (size_t i = 0; i < ROWS; i++) {
		(void)fputs(".TP\n.B \\-\\-", stdout);
		print_roff(rows[i].name);
		if (rows[i].value)
			(void)printf(" \\fI%s", rows[i].value);
		(void)putchar('\n');
		print_roff(rows[i].help);
		(void)putchar('\n');
	}
	(void)puts(
	    ".SH EXIT STATUS\n"
	    "0 stopped by a signal, 2 wrong usage or script, 5 port cannot be used, "
	    "6 file trouble.\n"
	    ".SH EXAMPLES\n.EX\n"
	    "dreamq\\-emulator \\-\\-port 8100 \\-\\-time\\-scale 100 &\n"
	    "export DREAMQ_API_BASE=http://127.0.0.1:8100\n"
	    "export DREAMQ_SUBMIT_BASE=$DREAMQ_API_BASE\n"
	    "echo sessionid=me | dreamq auth import\n"
	    "dreamq run \\-\\-prompt 'a cat'\n.EE\n"
	    ".SH SEE ALSO\n.BR dreamq (1)");
}

/* Edit distance, for the nearest known option; long names count as far. */
static unsigned distance(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b);
	unsigned row[NAME_ROOM + 1];

	if (n > NAME_ROOM || m > NAME_ROOM)
		return NAME_ROOM;
	for (size_t j = 0; j <= m; j++)
		row[j] = (unsigned)j;
	for (size_t i = 1; i <= n; i++) {
		unsigned diagonal = row[0];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= m; j++) {
			unsigned above = row[j];
			unsigned best = diagonal + (a[i - 1] != b[j - 1]);

			if (above + 1 < best)
				best = above + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			diagonal = above;
			row[j] = best;
		}
	}
	return row[m];
}

static enum err_kind unknown_option(const char *name, struct err *err)
{
	size_t best = 0;

	for (size_t i = 1; i < ROWS; i++)
		if (distance(name, rows[i].name) < distance(name, rows[best].name))
			best = i;
	return err_set(err, ERR_USAGE, "unknown option '--%s', did you mean '--%s'?",
	    name, rows[best].name);
}

/* Of two words the first is false. */
static bool set_choice(const char *value, const char *no, const char *yes, bool *ret)
{
	*ret = strcmp(value, yes) == 0;
	return *ret || strcmp(value, no) == 0;
}

/* A path of the CDN is put right behind it. */
static bool is_base(const char *value)
{
	const char *host = strstr(value, "://");

	return (strncmp(value, "http://", 7) == 0 ||
		   strncmp(value, "https://", 8) == 0) &&
	    host[3] && host[3] != '/' && !strpbrk(value, "?# ") &&
	    value[strlen(value) - 1] != '/';
}

static bool set_value(struct options *o, const struct option_row *row, const char *value)
{
	char *field = (char *)o + row->at;
	int64_t number = 0;
	struct mix mix;
	bool ok = true;

	switch (row->kind) {
	case VALUE_FLAG:
		memcpy(field, &(bool){ true }, sizeof(bool));
		break;
	case VALUE_PORT:
		ok = unit_integer(value, 0, 65535, &number);
		memcpy(field, &(int){ (int)number }, sizeof(int));
		break;
	case VALUE_BASE:
		ok = is_base(value);
		memcpy(field, &value, sizeof(value));
		break;
	case VALUE_RETURNED:
		ok = set_choice(value, "kept", "returned", &o->failed_returned);
		break;
	case VALUE_REGION:
		ok = region_find(value) != NULL;
		memcpy(field, &value, sizeof(value));
		break;
	case VALUE_MIX:
		ok = mix_read(value, &mix);
		memcpy(field, &value, sizeof(value));
		break;
	case VALUE_TEXT:
		memcpy(field, &value, sizeof(value));
		break;
	case VALUE_SEED:
		ok = unit_integer(value, 0, INT64_MAX, &number);
		o->seed = (uint64_t)number;
		break;
	case VALUE_SCALE:
		ok = unit_real(value, 0.001, 1e6, &o->time_scale);
		break;
	case VALUE_SECONDS:
		ok = unit_seconds(value, &o->link_life_s) && o->link_life_s > 0.0;
		break;
	case VALUE_SKEW:
		ok = unit_seconds(value + (*value == '-'), &o->clock_skew_s);
		if (*value == '-')
			o->clock_skew_s = -o->clock_skew_s;
		break;
	case VALUE_COUNT:
		ok = unit_integer(value, 1, COUNT_MAX, &number);
		memcpy(field, &(int){ (int)number }, sizeof(int));
		break;
	case VALUE_CLOCK:
		ok = set_choice(value, "scaled", "real", &o->real_clock);
		break;
	}
	return ok;
}

static const struct option_row *find_row(const char *name, size_t n)
{
	for (size_t i = 0; i < ROWS; i++)
		if (strlen(rows[i].name) == n && strncmp(rows[i].name, name, n) == 0)
			return &rows[i];
	return NULL;
}

/* Read argv[at], and its value; how many words that took, 0 on an error. */
static int read_option(int argc, char **argv, int at, struct options *o, struct err *err)
{
	const char *name = argv[at] + 2;
	size_t n = strcspn(name, "=");
	const char *value = name[n] ? name + n + 1 : NULL;
	const struct option_row *row = find_row(name, n);
	int words = 1;

	if (!row) {
		char known[64];

		(void)snprintf(
		    known, sizeof(known), "%.*s", (int)(n < 60 ? n : 60), name);
		(void)unknown_option(known, err);
		return 0;
	}
	if (row->value && !value) {
		value = at + 1 < argc ? argv[at + 1] : NULL;
		words = 2;
	}
	if (row->value ? !value : value != NULL) {
		(void)err_set(err, ERR_USAGE,
		    row->value ? "'--%s' needs a value" : "'--%s' takes no value",
		    row->name);
		return 0;
	}
	if (!set_value(o, row, value ? value : "")) {
		(void)err_set(err, ERR_USAGE, "'--%s %s': bad value", row->name, value);
		return 0;
	}
	return words;
}

enum err_kind options_read(int argc, char **argv, struct options *ret, struct err *err)
{
	struct options o = { .seed = 1, .time_scale = 1.0 };
	int at = 1;

	while (at < argc) {
		int words;

		if (strncmp(argv[at], "--", 2) != 0 || !argv[at][2])
			return err_set(
			    err, ERR_USAGE, "unexpected argument '%s'", argv[at]);
		words = read_option(argc, argv, at, &o, err);
		if (!words)
			return err->kind;
		at += words;
	}
	*ret = o;
	return ERR_OK;
}
