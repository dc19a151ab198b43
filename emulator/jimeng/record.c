#include "jimeng/record.h"

#include "jimeng/record_page.h"
#include "templates.h"

static const struct template_mark *const marks[] = {
	record_field_marks,
	record_item_marks,
	record_media_marks,
	NULL,
};

struct record_maker *record_maker_new(void)
{
	struct record_maker *maker = mem_new(1, sizeof(*maker));

	maker->record = template_new((const char *)record_bytes, marks);
	maker->draft = template_new((const char *)draft_bytes, marks);
	maker->transcoded = template_new((const char *)transcoded_bytes, marks);
	maker->queue_info = template_new((const char *)queue_info_bytes, marks);
	maker->item[KIND_IMAGE] = template_new((const char *)image_item_bytes, marks);
	maker->item[KIND_VIDEO] = template_new((const char *)video_item_bytes, marks);
	maker->params[KIND_IMAGE] = template_new((const char *)image_params_bytes, marks);
	maker->params[KIND_VIDEO] = template_new((const char *)video_params_bytes, marks);
	maker->item[KIND_AUDIO] = template_new((const char *)audio_item_bytes, marks);
	maker->params[KIND_AUDIO] = template_new((const char *)audio_params_bytes, marks);
	return maker;
}

void record_maker_free(struct record_maker *maker)
{
	if (!maker)
		return;
	template_free(maker->record);
	template_free(maker->draft);
	template_free(maker->queue_info);
	template_free(maker->transcoded);
	for (int kind = 0; kind < TASK_KINDS; kind++) {
		template_free(maker->item[kind]);
		template_free(maker->params[kind]);
	}
	free(maker);
}

static unsigned utf8_length(unsigned char lead)
{
	if (lead >= 0xf0)
		return 4;
	return lead >= 0xe0 ? 3 : 2;
}

/* One character beyond ASCII as \u escapes; how many bytes it took. */
static size_t escape_character(struct text *out, const char *s, size_t left)
{
	unsigned char lead = (unsigned char)*s;
	unsigned n = utf8_length(lead);
	uint32_t c;

	if (n > left)
		return left;
	c = lead & (0xffu >> (n + 1));
	for (unsigned i = 1; i < n; i++)
		c = c << 6 | ((unsigned char)s[i] & 0x3f);
	if (c > 0xffff) {
		c -= 0x10000;
		text_printf(
		    out, "\\u%04x\\u%04x", 0xd800 + (c >> 10), 0xdc00 + (c & 0x3ff));
	} else {
		text_printf(out, "\\u%04x", c);
	}
	return n;
}

/* The same JSON written differently: \uXXXX beyond ASCII, \u0026 for an ampersand. */
static void write_escaped(
    struct text *out, const struct text *json, bool beyond_ascii, bool ampersand)
{
	size_t start = 0;
	size_t i = 0;

	while (i < json->len) {
		unsigned char c = (unsigned char)json->data[i];

		if (!(c >= 0x80 && beyond_ascii) && !(c == '&' && ampersand)) {
			i++;
			continue;
		}
		text_add(out, json->data + start, i - start);
		if (c == '&') {
			text_puts(out, "\\u0026");
			i++;
		} else {
			i += escape_character(out, json->data + i, json->len - i);
		}
		start = i;
	}
	text_add(out, json->data + start, json->len - start);
}

struct page record_page(const struct record_view *view, const struct task *task)
{
	struct page page = {
		.maker = view->jimeng->records,
		.view = view,
		.task = task,
		.cost = task_cost(view->jimeng->store, task),
		.look = task_look(task, view->now_ms),
	};

	if (view->status)
		page.look.status = page.look.task_status = view->status;
	return page;
}

void record_write(
    const struct record_view *view, const struct task *task, struct text *out)
{
	const struct record_maker *maker = view->jimeng->records;
	const struct page page = record_page(view, task);
	bool beyond_ascii = task->key & 8;
	bool ampersand = task->key & 16;
	struct text json = { 0 };

	if (!beyond_ascii && !ampersand) {
		template_fill(maker->record, out, &page);
		return;
	}
	template_fill(maker->record, &json, &page);
	write_escaped(out, &json, beyond_ascii, ampersand);
	text_release(&json);
}

void record_write_item(const struct record_view *view, const struct task *task,
    unsigned item, struct text *out)
{
	const struct record_maker *maker = view->jimeng->records;
	struct page page = record_page(view, task);

	page.index = item;
	template_fill(maker->item[task->life.kind], out, &page);
}

void record_write_queue(
    const struct record_view *view, const struct task *task, struct text *out)
{
	const struct page page = record_page(view, task);

	record_queue_fields(&page, out);
}
