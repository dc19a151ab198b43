#include "store/media/walk_samples.h"

#include <stdbool.h>
#include <string.h>

static bool is_type(const struct box *box, const char *type)
{
	return !memcmp(box->type, type, 4);
}

void samples_note(struct sample_tables *tables, const struct box *box)
{
	if (is_type(box, "stco") || is_type(box, "co64"))
		tables->chunks = *box;
	else if (is_type(box, "stsc"))
		tables->runs = *box;
	else if (is_type(box, "stsz"))
		tables->sizes = *box;
}

/* The number of rows that stands at `at`; they must fit between it and the end. */
static enum err_kind get_count(struct source *source, const struct box *box, uint64_t at,
    unsigned row_bytes, uint32_t *ret_n, struct err *err)
{
	const uint64_t first = at + 4;

	if (source_be32(source, at, ret_n, err))
		return err->kind;
	if (first > box->end || *ret_n > (box->end - first) / row_bytes)
		return source_fail(source, box->at, "a table leaves its box", err);
	return ERR_OK;
}

/* Reads a big-endian number of 0 to 8 bytes. */
static enum err_kind get_number(
    struct source *source, uint64_t at, unsigned n, uint64_t *ret_number, struct err *err)
{
	unsigned char b[8];
	uint64_t number = 0;

	if (source_get(source, at, b, n, err))
		return err->kind;
	for (unsigned i = 0; i < n; i++)
		number = number << 8 | b[i];
	*ret_number = number;
	return ERR_OK;
}

/* Finds the chunk that begins last: its number, from 1 on, and its place. */
static enum err_kind find_last_chunk(struct source *source, const struct box *box,
    uint32_t *ret_n, uint32_t *ret_last, uint64_t *ret_at, struct err *err)
{
	const unsigned step = is_type(box, "co64") ? 8 : 4;
	uint64_t at = 0;

	*ret_at = *ret_last = 0;
	if (get_count(source, box, box->body + 4, step, ret_n, err))
		return err->kind;
	for (uint32_t i = 0; i < *ret_n; i++) {
		if (get_number(
			source, box->body + 8 + (uint64_t)i * step, step, &at, err))
			return err->kind;
		if (at >= *ret_at) {
			*ret_at = at;
			*ret_last = i + 1;
		}
	}
	return ERR_OK;
}

/* Counts how many samples lie in the last of the chunks. */
static enum err_kind last_run(struct source *source, const struct box *box,
    uint32_t chunks, uint32_t *ret_samples, struct err *err)
{
	uint32_t n, first;
	uint64_t at = box->body + 8;

	*ret_samples = 0;
	if (get_count(source, box, box->body + 4, 12, &n, err))
		return err->kind;
	for (; n; n--, at += 12) {
		if (source_be32(source, at, &first, err))
			return err->kind;
		if (first > chunks)
			break;
		if (source_be32(source, at + 4, ret_samples, err))
			return err->kind;
	}
	return ERR_OK;
}

/* The bytes of the last `samples` samples. */
static enum err_kind last_bytes(struct source *source, const struct box *box,
    uint32_t samples, uint64_t *ret_bytes, bool *ret_is_exact, struct err *err)
{
	uint32_t each, n, size;
	uint64_t bytes = 0;

	if (source_be32(source, box->body + 4, &each, err))
		return err->kind;
	/* Raw sound of old films counts in units of its own. */
	if (each) {
		*ret_bytes = 1;
		*ret_is_exact = false;
		return ERR_OK;
	}
	if (get_count(source, box, box->body + 8, 4, &n, err))
		return err->kind;
	for (uint32_t i = samples < n ? n - samples : 0; i < n; i++) {
		if (source_be32(source, box->body + 12 + 4 * (uint64_t)i, &size, err))
			return err->kind;
		bytes += size;
	}
	*ret_bytes = bytes;
	*ret_is_exact = true;
	return ERR_OK;
}

enum err_kind samples_end(struct source *source, const struct sample_tables *tables,
    uint64_t *ret_end, bool *ret_is_exact, struct err *err)
{
	uint32_t n = 0, last = 0, samples = 0;
	uint64_t at = 0, bytes = 1;

	*ret_end = 0;
	*ret_is_exact = false;
	if (!tables->chunks.end)
		return ERR_OK;
	if (find_last_chunk(source, &tables->chunks, &n, &last, &at, err))
		return err->kind;
	if (!last)
		return ERR_OK;
	/* Of a chunk in the middle of the list the samples are not looked for. */
	if (last == n && tables->runs.end && tables->sizes.end) {
		if (last_run(source, &tables->runs, n, &samples, err) ||
		    last_bytes(
			source, &tables->sizes, samples, &bytes, ret_is_exact, err))
			return err->kind;
	}
	*ret_end = bytes > UINT64_MAX - at ? UINT64_MAX : at + (bytes ? bytes : 1);
	return ERR_OK;
}

struct iloc {
	unsigned version, offset_len, length_len, base_len, index_len;
	uint64_t at;
};

static enum err_kind read_item(struct source *source, const struct box *box,
    struct iloc *iloc, uint64_t *end, struct err *err)
{
	uint64_t method = 0, base = 0, extents = 0, offset = 0, length = 0;

	iloc->at += iloc->version < 2 ? 2 : 4; /* its id */
	if (iloc->version > 0) {
		if (get_number(source, iloc->at, 2, &method, err))
			return err->kind;
		iloc->at += 2;
	}
	iloc->at += 2; /* in which file: ours, in all we know */
	if (get_number(source, iloc->at, iloc->base_len, &base, err) ||
	    get_number(source, iloc->at + iloc->base_len, 2, &extents, err))
		return err->kind;
	iloc->at += iloc->base_len + 2;
	for (; extents; extents--) {
		iloc->at += iloc->index_len;
		if (iloc->at > box->end)
			return source_fail(
			    source, box->at, "a table leaves its box", err);
		if (get_number(source, iloc->at, iloc->offset_len, &offset, err) ||
		    get_number(source, iloc->at + iloc->offset_len, iloc->length_len,
			&length, err))
			return err->kind;
		iloc->at += iloc->offset_len + iloc->length_len;
		if ((method & 15) == 0 && base <= INT64_MAX / 4 &&
		    offset <= INT64_MAX / 4 && length <= INT64_MAX / 4 &&
		    base + offset + length > *end)
			*end = base + offset + length;
	}
	return ERR_OK;
}

enum err_kind items_end(
    struct source *source, const struct box *box, uint64_t *ret_end, struct err *err)
{
	struct iloc iloc = { .at = box->body + 6 };
	unsigned char head[6];
	uint64_t n = 0, end = 0;

	*ret_end = 0;
	if (source_get(source, box->body, head, sizeof(head), err))
		return err->kind;
	iloc.version = head[0];
	iloc.offset_len = head[4] >> 4;
	iloc.length_len = head[4] & 15;
	iloc.base_len = head[5] >> 4;
	iloc.index_len = iloc.version ? head[5] & 15 : 0;
	/* Rows without bytes would be many, and say nothing. */
	if (iloc.offset_len + iloc.length_len == 0)
		return ERR_OK;
	if (iloc.version > 2 || iloc.offset_len > 8 || iloc.length_len > 8 ||
	    iloc.base_len > 8)
		return ERR_OK; /* of another time */
	if (get_number(source, iloc.at, iloc.version < 2 ? 2 : 4, &n, err))
		return err->kind;
	iloc.at += iloc.version < 2 ? 2 : 4;
	for (; n; n--) {
		if (iloc.at > box->end)
			return source_fail(
			    source, box->at, "a table leaves its box", err);
		if (read_item(source, box, &iloc, &end, err))
			return err->kind;
	}
	*ret_end = end;
	return ERR_OK;
}

enum err_kind fragments_end(
    struct source *source, const struct box *box, uint64_t *ret_end, struct err *err)
{
	unsigned char version;
	uint64_t first = 0, n = 0, end, at = box->body + 12;
	uint32_t size;

	if (source_get(source, box->body, &version, 1, err))
		return err->kind;
	at += version ? 8 : 4;
	if (get_number(source, at, version ? 8 : 4, &first, err))
		return err->kind;
	at += (version ? 8u : 4u) + 2;
	if (get_number(source, at, 2, &n, err))
		return err->kind;
	at += 2;
	if (at > box->end || n > (box->end - at) / 12)
		return source_fail(source, box->at, "a table leaves its box", err);
	end = first > INT64_MAX / 2 ? 0 : box->end + first;
	for (; n; n--, at += 12) {
		if (source_be32(source, at, &size, err))
			return err->kind;
		end += size & 0x7fffffff;
	}
	*ret_end = end;
	return ERR_OK;
}
