/*
 * A text of ids that comes in pieces gives what it gives as a whole, and may be larger
 * than what is held at once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "core/verbs/ids_impl.h"
#include "dreamq/ids.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define IDS _cleanup_(ids_freep) struct dq_ids *

enum {
	MADE_BYTES = 700 << 10,
	SMALL_BYTES = 5000,
	ROUNDS = 3,
	SMALL_ROUNDS = 40,
	LINE = 1 << 20
};

static uint64_t word;

static unsigned draw(unsigned n)
{
	word ^= word << 13;
	word ^= word >> 7;
	word ^= word << 17;
	return (unsigned)(word % n);
}

static void ids_freep(struct dq_ids **ids)
{
	dq_ids_free(*ids);
}

static struct dq_ids *ids_make(void)
{
	struct dq_ids *ids = NULL;

	assert_int_equal(dq_ids_new(&ids, NULL), DQ_OK);
	return ids;
}

/* What is read, and what was said of bad lines. */
struct feed {
	const char *bytes;
	size_t len, at;
	size_t repeats; /* of the whole, once it is through */
	bool fails;
	struct buf told;
};

static int give(void *payload, char *into, size_t room, size_t *ret_n)
{
	struct feed *feed = payload;
	size_t n = 1 + draw(40000);

	if (feed->at == feed->len && feed->repeats > 0) {
		feed->repeats--;
		feed->at = 0;
	}
	if (feed->fails && feed->at == feed->len)
		return 1;
	n = n < room ? n : room;
	n = n < feed->len - feed->at ? n : feed->len - feed->at;
	memcpy(into, feed->bytes + feed->at, n);
	feed->at += n;
	*ret_n = n;
	return 0;
}

static void listen(void *payload, const struct dq_error *error)
{
	const char *message = error->message;
	struct feed *feed = payload;

	buf_addf(&feed->told, "%s\n", message);
}

static enum dq_status stream(struct dq_ids *ids, struct feed *feed)
{
	const struct dq_ids_source source = { .size_bytes = sizeof(source),
		.name = "F",
		.read = give,
		.on_bad = listen,
		.payload = feed };
	struct dq_error error;

	return dq_ids_add_stream(ids, &source, &error);
}

/* The same from pieces of up to a few lines: an end of one is in every place there is. */
static enum dq_status small_pieces(struct dq_ids *ids, struct feed *feed)
{
	const struct ids_reader reader = {
		.ids = ids, .name = "F", .on_bad = listen, .payload = feed
	};
	struct ids_text t = { .reader = &reader };
	size_t at = 0, end = 0, used;
	struct err err;

	do {
		const size_t more = 1 + draw(draw(4) ? 30 : 400);

		end = more < feed->len - end ? end + more : feed->len;
		if (ids_text_read(
			&t, feed->bytes + at, end - at, end == feed->len, &used, &err))
			return DQ_USAGE;
		at += used;
	} while (end < feed->len);
	return DQ_OK;
}

static void assert_same(const struct buf *text, typeof(stream) *read_in_pieces)
{
	struct feed whole = { .told = buf_make(1 << 20) },
		    pieces = { .bytes = text->data,
			    .len = text->len,
			    .told = buf_make(1 << 20) };
	IDS a = ids_make();
	IDS b = ids_make();

	assert_int_equal(
	    dq_ids_add_text(a, text->data, text->len, "F", listen, &whole, NULL), DQ_OK);
	assert_int_equal(read_in_pieces(b, &pieces), DQ_OK);
	assert_int_equal(dq_ids_count(a), dq_ids_count(b));
	for (size_t i = 0; i < dq_ids_count(a); i++)
		assert_string_equal(dq_ids_list(a)[i], dq_ids_list(b)[i]);
	assert_string_equal(whole.told.data, pieces.told.data);
	buf_release(&whole.told);
	buf_release(&pieces.told);
}

/* Lines as people and programs write them, some with an id of their own (%u). */
static const char *const lines[] = { "id-%u\n", "  id-%u  # why\r\n", "# %u\n", "\n",
	"{\"submit_id\":\"j%u\",\"assets\":[{\"path\":\"a}\\\"b\"}]}\n",
	"{\"submit_id\":\"k%u\",\n \"x\": {\"y\": \"\n\"}}\n",
	"{\n\n\"submit_id\":\"m%u\"} and more\n", "no id %u, in words\n",
	"{\"event\":\"error\",\"n\":%u}\n" };
static const char *const rows[] = { "a%u,\"x\ny\",1\n", "b%u,\"say \"\"so\"\"\",2\n",
	"\"c%u\",z,3\n", ",%u,4\n" };

/* The line with `n` in the place of its %u. */
static void put(struct buf *text, const char *line, unsigned n)
{
	const char *mark = strstr(line, "%u");

	if (!mark) {
		buf_addf(text, "%s", line);
		return;
	}
	buf_addf(text, "%.*s%u%s", (int)(mark - line), line, n, mark + 2);
}

/* Another mixture each round. */
static void make_text(struct buf *text, unsigned round, size_t len)
{
	const bool is_table = round % 3 == 0;

	word = (round + 1) * UINT64_C(0x9e3779b97f4a7c15);
	if (round % 2)
		buf_addf(text, "\xef\xbb\xbf");
	if (is_table)
		buf_addf(text, "submit_id,prompt,n\n");
	for (unsigned n = 0; text->len < len; n++) {
		if (is_table)
			put(text, rows[draw(COUNT(rows))], n);
		else if (draw(300) == 0 && round % 4 == 1)
			buf_addf(text, "%*s\n", (int)(len / 2), "a-long-way");
		else
			put(text, lines[draw(COUNT(lines))], n);
	}
	if (round % 5 == 1)
		buf_addf(text, "the-last");
	if (round % 5 == 2)
		buf_addf(text, "{\"submit_id\":\"never closed\"\nafter-it");
	assert_false(buf_failed(text));
}

static void pieces_give_the_same(void **state)
{
	(void)state;
	for (unsigned round = 0; round < ROUNDS; round++) {
		_cleanup_(buf_release) struct buf text = buf_make(2 * MADE_BYTES);

		make_text(&text, round, MADE_BYTES);
		assert_same(&text, stream);
	}
}

static void small_pieces_give_the_same(void **state)
{
	(void)state;
	for (unsigned round = 0; round < SMALL_ROUNDS; round++) {
		_cleanup_(buf_release) struct buf text = buf_make(4 * SMALL_BYTES);

		print_message("# %u\n", round);
		make_text(&text, round, SMALL_BYTES);
		assert_same(&text, small_pieces);
	}
}

static void short_texts_give_the_same(void **state)
{
	static const char *const texts[] = { "", "\n", " ", "\xef\xbb\xbf", "a", "a\nb",
		"[\"a\",\"b\"]", " \n[\"a\",\n\"b\"]\n", "submit_id,n",
		"submit_id,n\nx,1", "submit_id;n\nx;1\n", "{\"submit_id\":\"a\"}", "{",
		"{\nx\n" };

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		_cleanup_(buf_release) struct buf text = buf_make(100);

		buf_addf(&text, "%s", texts[i]);
		assert_same(&text, stream);
		assert_same(&text, small_pieces);
	}
}

/* 80 MiB: more than a text may have that is given as a whole. */
static void it_may_be_larger_than_a_text(void **state)
{
	_cleanup_(buf_release) struct buf line = buf_make(2 * LINE);
	struct feed feed = { .told = buf_make(1 << 20), .repeats = 79 };
	IDS ids = ids_make();

	(void)state;
	buf_addf(&line, "an-id # %*s\n", LINE, "x");
	feed.bytes = line.data;
	feed.len = line.len;
	assert_int_equal(stream(ids, &feed), DQ_OK);
	assert_int_equal(dq_ids_count(ids), 1);
	assert_string_equal(feed.told.data, "");
}

static void an_array_has_an_end(void **state)
{
	_cleanup_(buf_release) struct buf line = buf_make(2 * LINE);
	struct feed feed = { .told = buf_make(1 << 20), .repeats = 79 };
	IDS ids = ids_make();

	(void)state;
	buf_addf(&line, "[%*s\n", LINE, "x");
	feed.bytes = line.data;
	feed.len = line.len;
	assert_int_equal(stream(ids, &feed), DQ_USAGE);
}

static void trouble_of_the_source_ends_it(void **state)
{
	struct feed feed = {
		.bytes = "a\n", .len = 2, .fails = true, .told = buf_make(1 << 20)
	};
	IDS ids = ids_make();

	(void)state;
	assert_int_equal(stream(ids, &feed), DQ_STORAGE);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_give_the_same),
		cmocka_unit_test(small_pieces_give_the_same),
		cmocka_unit_test(short_texts_give_the_same),
		cmocka_unit_test(it_may_be_larger_than_a_text),
		cmocka_unit_test(an_array_has_an_end),
		cmocka_unit_test(trouble_of_the_source_ends_it),
	};

	return cmocka_run_group_tests_name("ids_stream", tests, NULL, NULL);
}
