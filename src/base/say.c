#include "base/say.h"

#include <ctype.h>
#include <inttypes.h>
#include <libintl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#if __has_include("base/localedir.h") /* made by the build */
#include "base/localedir.h"
#else
#define DREAMQ_LOCALEDIR "/usr/local/share/locale"
#endif

enum {
	ARGS_MAX = 16, /* of one sentence */
	SPEC_MAX = 32, /* bytes of one conversion */
	SENTENCE_MAX = 16384, /* bytes of what say_add() adds at once */
};

static const char domain[] = "dreamq";

void say_start(void)
{
	const char *folder = bindtextdomain(domain, NULL);

	/* The C library's own default: nobody has named one. */
	if (folder && strcmp(folder, "/usr/share/locale") != 0)
		return;
	(void)bindtextdomain(domain, DREAMQ_LOCALEDIR);
	(void)bind_textdomain_codeset(domain, "UTF-8");
}

/* The head of a catalogue stands at "". */
bool say_is_translated(void)
{
	return *dgettext(domain, "") != '\0';
}

const char *say_text(const char *text)
{
	return text && *text ? dgettext(domain, text) : text;
}

/* --- conversions ------------------------------------------------------------------ */

/* One of "%-5.3lld", "%.*s", "%2$s"; not "%%". */
struct spec {
	const char *begin, *end;
	const char *flags; /* behind '%' and "N$"; flags, width and precision */
	size_t flags_len;
	unsigned position; /* from 1; 0: the next one */
	bool has_star; /* one argument more, before it: ".*" */
	bool is_quoted; /* stands behind a quote: a value */
	char length; /* 'l', 'q' for "ll", 'z', 'j' or '\0' */
	char conversion;
};

static char length_of(const char **at)
{
	char length = '\0';

	if (strncmp(*at, "ll", 2) == 0) {
		*at += 2;
		return 'q';
	}
	if (**at && strchr("lzjh", **at)) {
		length = **at;
		(*at)++;
	}
	return length;
}

/* Finds the next conversion from `at` on; false: there is none. */
static bool next_spec(const char *fmt, const char *at, struct spec *ret_spec)
{
	struct spec spec = { 0 };
	char *behind;

	while ((at = strchr(at, '%')) && at[1] == '%')
		at += 2;
	if (!at)
		return false;
	spec.begin = at++;
	spec.is_quoted = spec.begin > fmt && spec.begin[-1] == '\'';
	spec.position = (unsigned)strtoul(at, &behind, 10);
	if (behind > at && *behind == '$')
		at = behind + 1;
	else
		spec.position = 0;
	spec.flags = at;
	at += strspn(at, "-+ #0123456789.*");
	spec.flags_len = (size_t)(at - spec.flags);
	spec.has_star = memchr(spec.flags, '*', spec.flags_len) != NULL;
	spec.length = length_of(&at);
	spec.conversion = *at;
	if (!*at || !strchr("diouxXcsfgep", *at))
		return false;
	spec.end = at + 1;
	*ret_spec = spec;
	return true;
}

/* --- arguments -------------------------------------------------------------------- */

struct arg {
	union {
		intmax_t whole;
		double real;
		const char *text;
		const void *pointer;
	};
	int star; /* of ".*" */
	char conversion;
	bool is_quoted;
};

/* Types that are one here are two elsewhere. NOLINTBEGIN(bugprone-branch-clone) */
static intmax_t take_signed(char length, va_list *ap)
{
	switch (length) {
	case 'q':
		return va_arg(*ap, long long);
	case 'l':
		return va_arg(*ap, long);
	case 'z':
		return va_arg(*ap, ssize_t);
	case 'j':
		return va_arg(*ap, intmax_t);
	default:
		return va_arg(*ap, int);
	}
}

static uintmax_t take_unsigned(char length, va_list *ap)
{
	switch (length) {
	case 'q':
		return va_arg(*ap, unsigned long long);
	case 'l':
		return va_arg(*ap, unsigned long);
	case 'z':
		return va_arg(*ap, size_t);
	case 'j':
		return va_arg(*ap, uintmax_t);
	default:
		return va_arg(*ap, unsigned);
	}
}
/* NOLINTEND(bugprone-branch-clone) */

static struct arg take_arg(const struct spec *spec, va_list *ap)
{
	struct arg arg = {
		.conversion = spec->conversion, .is_quoted = spec->is_quoted, .star = -1
	};

	if (spec->has_star)
		arg.star = va_arg(*ap, int);
	switch (spec->conversion) {
	case 's':
		arg.text = va_arg(*ap, const char *);
		break;
	case 'f':
	case 'g':
	case 'e':
		arg.real = va_arg(*ap, double);
		break;
	case 'p':
		arg.pointer = va_arg(*ap, const void *);
		break;
	case 'd':
	case 'i':
	case 'c':
		arg.whole = take_signed(spec->length, ap);
		break;
	default:
		arg.whole = (intmax_t)take_unsigned(spec->length, ap);
		break;
	}
	return arg;
}

/* All that the English format takes. 0: too many, or none. */
static size_t take_args(const char *fmt, struct arg args[ARGS_MAX], va_list *ap)
{
	const char *at = fmt;
	struct spec spec;
	size_t n = 0;

	for (; next_spec(fmt, at, &spec); at = spec.end) {
		if (n == ARGS_MAX)
			return 0;
		args[n++] = take_arg(&spec, ap);
	}
	return n;
}

/* --- the sentence ----------------------------------------------------------------- */

struct sink {
	char *into;
	size_t len, room; /* room > 0: the NUL, too */
	bool is_english; /* words of tables stay as they are */
};

static void put(struct sink *sink, const char *bytes, size_t len)
{
	const size_t left = sink->room - 1 - sink->len;

	len = len < left ? len : left;
	memcpy(sink->into + sink->len, bytes, len);
	sink->len += len;
	sink->into[sink->len] = '\0';
}

/* Copies the plain text between conversions, "%%" as "%". */
static void put_plain(struct sink *sink, const char *from, const char *to)
{
	for (; from < to; from++) {
		put(sink, from, 1);
		if (from[0] == '%' && from + 1 < to && from[1] == '%')
			from++;
	}
}

/* "%.5jd" of "%.*d": each whole number is passed as the widest one. */
static void write_spec(
    const struct spec *spec, const struct arg *arg, char into[SPEC_MAX])
{
	const char *star = memchr(spec->flags, '*', spec->flags_len);
	const int before = (int)(star ? star - spec->flags : (long)spec->flags_len);
	const int after = star ? (int)spec->flags_len - before - 1 : 0;
	char digits[16] = "";

	if (star)
		(void)snprintf(digits, sizeof(digits), "%d", arg->star);
	(void)snprintf(into, SPEC_MAX, "%%%.*s%s%.*s%s%c", before, spec->flags, digits,
	    after, star ? star + 1 : "", strchr("diouxX", spec->conversion) ? "j" : "",
	    spec->conversion);
}

/* "%-8.3s" of a text whose first three bytes are one character and a half: "%-8.2s". */
static void write_text_spec(
    const struct spec *spec, const struct arg *arg, const char *text, char into[SPEC_MAX])
{
	const char *dot = memchr(spec->flags, '.', spec->flags_len);
	long most = 0;

	write_spec(spec, arg, into);
	if (dot)
		most = dot[1] == '*' ? arg->star : strtol(dot + 1, NULL, 10);
	if (dot && most >= 0)
		(void)snprintf(into, SPEC_MAX, "%%%.*s.%zus", (int)(dot - spec->flags),
		    spec->flags, text_cut(text, (size_t)most));
}

/* The format is one conversion of a format that the compiler has checked. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static int put_text(char *into, size_t room, const struct spec *spec,
    const struct arg *arg, bool is_english)
{
	const char *text = arg->is_quoted || is_english ? arg->text : say_text(arg->text);
	char format[SPEC_MAX];

	text = text ? text : "(null)";
	write_text_spec(spec, arg, text, format);
	return snprintf(into, room, format, text);
}

static void put_arg(struct sink *sink, const struct spec *spec, const struct arg *arg)
{
	char *const into = sink->into + sink->len;
	const size_t room = sink->room - sink->len;
	char format[SPEC_MAX];
	int n = 0;

	write_spec(spec, arg, format);
	switch (arg->conversion) {
	case 's':
		n = put_text(into, room, spec, arg, sink->is_english);
		break;
	case 'f':
	case 'g':
	case 'e':
		n = snprintf(into, room, format, arg->real);
		break;
	case 'p':
		n = snprintf(into, room, format, arg->pointer);
		break;
	case 'c':
		n = snprintf(into, room, format, (int)arg->whole);
		break;
	default:
		n = snprintf(into, room, format, arg->whole);
		break;
	}
	if (n > 0)
		sink->len += (size_t)n < room ? (size_t)n : room - 1;
}

/* False: the translation takes what is not there, and is not to be used. */
static bool write_sentence(
    struct sink *sink, const char *fmt, const struct arg *args, size_t n_args)
{
	const char *at = fmt;
	unsigned next = 1;
	struct spec spec;

	for (; next_spec(fmt, at, &spec); at = spec.end) {
		const unsigned i = spec.position ? spec.position : next++;

		if (i > n_args || args[i - 1].conversion != spec.conversion)
			return false;
		put_plain(sink, at, spec.begin);
		put_arg(sink, &spec, &args[i - 1]);
	}
	put_plain(sink, at, at + strlen(at));
	return true;
}

void say_english(char *into, size_t room, const char *fmt, va_list ap)
{
	struct sink sink = { .into = into, .room = room, .is_english = true };
	struct arg args[ARGS_MAX];
	va_list again;
	size_t n;

	into[0] = '\0';
	va_copy(again, ap);
	n = take_args(fmt, args, &again);
	va_end(again);
	if (!write_sentence(&sink, fmt, args, n) && vsnprintf(into, room, fmt, ap) < 0)
		into[0] = '\0';
}

void say_format(char *into, size_t room, const char *fmt, va_list ap)
{
	struct sink sink = { .into = into, .room = room };
	struct arg args[ARGS_MAX];
	va_list again;
	size_t n;

	into[0] = '\0';
	if (say_is_translated()) {
		va_copy(again, ap);
		n = take_args(fmt, args, &again);
		va_end(again);
		if (write_sentence(&sink, dgettext(domain, fmt), args, n))
			return;
	}
	say_english(into, room, fmt, ap);
}
#pragma GCC diagnostic pop

void say_into(char *into, size_t room, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say_format(into, room, fmt, ap);
	va_end(ap);
}

void say_add(struct buf *into, const char *fmt, ...)
{
	char sentence[SENTENCE_MAX];
	va_list ap;

	va_start(ap, fmt);
	say_format(sentence, sizeof(sentence), fmt, ap);
	va_end(ap);
	buf_addf(into, "%s", sentence);
}
