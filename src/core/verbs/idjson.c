#include "core/verbs/idjson.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "core/verbs/idjson_impl.h"
#include "core/verbs/idtext.h"

enum { GATHER_MAX = 16384 /* bytes of a text; of a prompt the rest is cut off */ };

/* Where we are: in plain JSON, or how deep in a HAR. */
enum place {
	PLACE_PLAIN,
	PLACE_LOG,
	PLACE_ENTRIES,
	PLACE_ENTRY,
	PLACE_REQUEST,
	PLACE_RESPONSE,
	PLACE_BODY,
	PLACE_OTHER, /* of a HAR, and of no interest */
};

struct frame {
	enum place place;
	bool is_object, is_data, is_record, is_ours;
	enum idjson_role role; /* of the member that is read; of an array its own */
	char key[JSON_FEED_KEY_MAX + 1]; /* of that member */
	struct idjson_facts facts;
};

struct idjson {
	const struct idjson_taker *taker;
	struct json_feed feed;
	struct frame frames[JSON_DEPTH_MAX];
	size_t n_frames;
	struct buf gathered;
	bool is_in_text, is_inner, is_har;
	size_t number; /* of the element, entry or value */
	size_t n_told, n_told_before; /* tasks; when this element began */
	enum { URL_UNKNOWN, URL_OURS, URL_OTHER } url; /* of the entry */
	size_t n_ours;
	struct idjson_inner inner;
};

static struct frame *top(struct idjson *reader)
{
	return reader->n_frames > 0 ? &reader->frames[reader->n_frames - 1] : NULL;
}

/* Is it about an element of the outermost array? */
static bool is_element(const struct idjson *reader, size_t n_frames)
{
	return !reader->is_inner && n_frames == 1 && !reader->frames[0].is_object;
}

/* --- telling ----------------------------------------------------------------- */

static const char *or_null(const char *text)
{
	return *text ? text : NULL;
}

static enum err_kind tell(
    struct idjson *reader, const struct idjson_facts *facts, struct err *err)
{
	const struct idjson_task task = {
		.submit_id = or_null(facts->submit_id),
		.history_id = or_null(facts->history_id),
		.prompt = facts->prompt,
		.model = or_null(facts->model),
		.state = or_null(facts->state),
		.type = or_null(facts->type),
		.credits = facts->credits,
		.created_unix_ms = facts->created_unix_ms,
		.number = reader->number,
	};

	reader->n_told++;
	return reader->taker->take(reader->taker->payload, &task, err);
}

/* A record that has no id but its key below "data". */
static void take_key(const struct idjson *reader, struct frame *frame)
{
	const struct frame *outer =
	    reader->n_frames > 1 ? &reader->frames[reader->n_frames - 2] : NULL;
	const char *key = outer && outer->is_data && frame->is_record ? outer->key : "";

	if (idtext_looks_like_id(key))
		(void)idjson_facts_text(&frame->facts,
		    taskid_is_history(key) ? ROLE_HISTORY_ID : ROLE_SUBMIT_ID, key);
}

static enum err_kind end_object(
    struct idjson *reader, struct frame *frame, struct err *err)
{
	struct idjson_facts *facts = &frame->facts;

	if (!*facts->submit_id && !*facts->history_id)
		take_key(reader, frame);
	if (*facts->submit_id || *facts->history_id)
		return tell(reader, facts, err);
	if (frame->is_ours)
		reader->n_told++;
	if (reader->n_frames > 1 && frame[-1].is_object)
		idjson_facts_inherit(&frame[-1].facts, facts);
	return ERR_OK;
}

/* --- places ------------------------------------------------------------------ */

static enum place place_in(const struct idjson *reader, bool is_object)
{
	static const struct {
		enum place outer;
		enum idjson_role role;
		bool is_object;
		enum place place;
	} ways[] = {
		{ PLACE_LOG, ROLE_ENTRIES, false, PLACE_ENTRIES },
		{ PLACE_ENTRIES, ROLE_ENTRIES, true, PLACE_ENTRY },
		{ PLACE_ENTRY, ROLE_REQUEST, true, PLACE_REQUEST },
		{ PLACE_ENTRY, ROLE_RESPONSE, true, PLACE_RESPONSE },
		{ PLACE_REQUEST, ROLE_BODY, true, PLACE_BODY },
		{ PLACE_RESPONSE, ROLE_BODY, true, PLACE_BODY },
	};
	const struct frame *outer =
	    reader->n_frames > 0 ? &reader->frames[reader->n_frames - 1] : NULL;

	if (!outer)
		return PLACE_PLAIN;
	if (outer->place == PLACE_PLAIN)
		return reader->n_frames == 1 && outer->is_object && is_object &&
			outer->role == ROLE_LOG && !reader->is_inner
		    ? PLACE_LOG
		    : PLACE_PLAIN;
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++)
		if (ways[i].outer == outer->place && ways[i].role == outer->role &&
		    ways[i].is_object == is_object)
			return ways[i].place;
	return PLACE_OTHER;
}

static void begin_element(struct idjson *reader)
{
	if (reader->is_inner || reader->is_har)
		return;
	if (reader->n_frames == 0 || is_element(reader, reader->n_frames)) {
		reader->number++;
		reader->n_told_before = reader->n_told;
	}
}

static void begin_container(struct idjson *reader, bool is_object)
{
	const enum place place = place_in(reader, is_object);
	const struct frame *outer = top(reader);
	struct frame *frame = &reader->frames[reader->n_frames];

	if (reader->n_frames > 0 || is_object)
		begin_element(reader);
	*frame = (struct frame){ .place = place,
		.is_object = is_object,
		.is_data = is_object && outer && outer->role == ROLE_DATA,
		.role = !is_object && outer ? outer->role : ROLE_NONE,
		.facts = idjson_facts_make() };
	if (place == PLACE_LOG && !reader->is_har) {
		reader->is_har = true;
		reader->number = 0;
	}
	if (place == PLACE_ENTRY) {
		reader->number++;
		reader->url = URL_UNKNOWN;
	}
	reader->n_frames++;
}

static enum err_kind end_container(struct idjson *reader, struct err *err)
{
	struct frame *frame = top(reader);
	enum err_kind kind = ERR_OK;

	assert(frame); /* the feed's levels are ours */
	if (frame->place == PLACE_PLAIN && frame->is_object)
		kind = end_object(reader, frame, err);
	if (frame->place == PLACE_ENTRY) {
		reader->n_ours += reader->url == URL_OURS;
		reader->taker->settle(reader->taker->payload, reader->url == URL_OURS);
	}
	idjson_facts_release(&frame->facts);
	reader->n_frames--;
	if (!kind && is_element(reader, reader->n_frames) &&
	    reader->n_told == reader->n_told_before)
		kind =
		    reader->taker->pass_over(reader->taker->payload, reader->number, err);
	return kind;
}

/* --- values ------------------------------------------------------------------ */

/* The service's interface, on whatever host: clusters have several, and change them. */
static bool is_ours(const char *url)
{
	static const char *const paths[] = { "/mweb/v1/", "/dreamina/" };
	const size_t len = strcspn(url, "?#");

	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
		if (memmem(url, len, paths[i], strlen(paths[i])))
			return true;
	return false;
}

static enum err_kind take_array_text(
    struct idjson *reader, const struct frame *frame, const char *text, struct err *err)
{
	_cleanup_(idjson_facts_release) struct idjson_facts facts = idjson_facts_make();

	if (is_element(reader, reader->n_frames)) {
		begin_element(reader);
		return reader->taker->take_text(
		    reader->taker->payload, text, reader->number, err);
	}
	if (frame->role != ROLE_SUBMIT_ID && frame->role != ROLE_HISTORY_ID)
		return ERR_OK;
	(void)idjson_facts_text(&facts, frame->role, text);
	return *facts.submit_id || *facts.history_id ? tell(reader, &facts, err) : ERR_OK;
}

/* Cut in the middle of a character, as far as it is. */
static void cut_clean(struct buf *text)
{
	size_t at = text->len;

	if (at < GATHER_MAX)
		return;
	while (at > 0 && ((unsigned char)text->data[at - 1] & 0xc0U) == 0x80)
		at--;
	text->data[at > 0 ? at - 1 : 0] = '\0';
}

static enum err_kind end_text(struct idjson *reader, struct frame *frame, struct err *err)
{
	struct buf *text = &reader->gathered;

	if (buf_failed(text))
		return err_set(err, ERR_NOMEM, "out of memory");
	cut_clean(text);
	if (frame->place == PLACE_REQUEST && frame->role == ROLE_URL)
		reader->url = is_ours(text->data) ? URL_OURS : URL_OTHER;
	if (frame->place != PLACE_PLAIN)
		return ERR_OK;
	if (!frame->is_object)
		return take_array_text(reader, frame, text->data, err);
	return idjson_facts_text(&frame->facts, frame->role, text->data)
	    ? ERR_OK
	    : err_set(err, ERR_NOMEM, "out of memory");
}

static enum err_kind read_text(
    struct idjson *reader, const struct json_feed_event *event, struct err *err)
{
	struct frame *frame = top(reader);
	size_t room;

	if (!frame)
		return ERR_OK;
	if (frame->place == PLACE_BODY && frame->role == ROLE_TEXT) {
		if (reader->url != URL_OTHER &&
		    idjson_inner_add(&reader->inner, reader->taker, reader->number,
			event->bytes, event->len, err))
			return err->kind;
		if (event->is_last)
			idjson_inner_end(&reader->inner);
		return ERR_OK;
	}
	if (!reader->is_in_text) {
		reader->is_in_text = true;
		buf_clear(&reader->gathered);
	}
	room = GATHER_MAX - reader->gathered.len;
	if (frame->role != ROLE_NONE || is_element(reader, reader->n_frames))
		buf_add(&reader->gathered, event->bytes,
		    event->len < room ? event->len : room);
	if (!event->is_last)
		return ERR_OK;
	reader->is_in_text = false;
	return end_text(reader, frame, err);
}

static enum err_kind read_word(struct idjson *reader, const char *word, struct err *err)
{
	struct frame *frame = top(reader);

	if (!frame || frame->place != PLACE_PLAIN)
		return ERR_OK;
	if (frame->is_object) {
		idjson_facts_word(&frame->facts, frame->role, word);
		return ERR_OK;
	}
	if (!is_element(reader, reader->n_frames))
		return ERR_OK;
	begin_element(reader);
	return reader->taker->pass_over(reader->taker->payload, reader->number, err);
}

static void read_key(struct idjson *reader, const char *key)
{
	struct frame *frame = top(reader);

	assert(frame);
	frame->role = idjson_role_of(key);
	memcpy(frame->key, key, strlen(key) + 1);
	if (frame->role == ROLE_RECORD)
		frame->is_record = true;
	if (frame->role == ROLE_OURS)
		frame->is_ours = true;
}

static enum err_kind on_event(
    void *payload, const struct json_feed_event *event, struct err *err)
{
	struct idjson *reader = payload;

	switch (event->what) {
	case JSON_FEED_OBJECT:
	case JSON_FEED_ARRAY:
		begin_container(reader, event->what == JSON_FEED_OBJECT);
		return ERR_OK;
	case JSON_FEED_END:
		return end_container(reader, err);
	case JSON_FEED_KEY:
		read_key(reader, event->bytes);
		return ERR_OK;
	case JSON_FEED_TEXT:
		return read_text(reader, event, err);
	case JSON_FEED_WORD:
		return read_word(reader, event->bytes, err);
	}
	return ERR_OK;
}

/* --- the whole --------------------------------------------------------------- */

static void drop_frames(struct idjson *reader)
{
	while (reader->n_frames > 0)
		idjson_facts_release(&reader->frames[--reader->n_frames].facts);
	reader->is_in_text = false;
}

struct idjson *idjson_new(const struct idjson_taker *taker)
{
	struct idjson *reader = calloc(1, sizeof(*reader));

	if (!reader)
		return NULL;
	reader->taker = taker;
	reader->feed = json_feed_make(on_event, reader);
	reader->gathered = buf_make(GATHER_MAX);
	return reader;
}

void idjson_free(struct idjson *reader)
{
	if (!reader)
		return;
	drop_frames(reader);
	idjson_inner_release(&reader->inner);
	buf_release(&reader->gathered);
	free(reader);
}

void idjson_freep(struct idjson **reader)
{
	idjson_free(*reader);
}

void idjson_begin_inner(struct idjson *reader, size_t number)
{
	drop_frames(reader);
	reader->feed = json_feed_make(on_event, reader);
	reader->is_inner = true;
	reader->number = number;
}

enum err_kind idjson_add(
    struct idjson *reader, const char *bytes, size_t len, struct err *err)
{
	return json_feed_add(&reader->feed, bytes, len, err);
}

enum err_kind idjson_end(struct idjson *reader, struct err *err)
{
	/* Of an entry that is cut, too. */
	if (reader->is_har)
		reader->taker->settle(reader->taker->payload, reader->url == URL_OURS);
	return json_feed_end(&reader->feed, err);
}

enum err_kind idjson_whole(
    struct idjson *reader, const char *text, size_t len, size_t number, struct err *err)
{
	idjson_begin_inner(reader, number);
	return idjson_add(reader, text, len, err) ? err->kind : idjson_end(reader, err);
}

bool idjson_is_har(const struct idjson *reader, size_t *ret_entries, size_t *ret_ours)
{
	*ret_entries = reader->number;
	*ret_ours = reader->n_ours;
	return reader->is_har;
}
