/*
 * walk_matroska.c - WebM and Matroska. A recording that was streamed does not know
 * its end: its elements are walked one by one, so that only a cut between two passes.
 */
#include <string.h>

#include "store/media/walk.h"

enum { ID_CLUSTER = 0x1f43b675, ID_SEGMENT = 0x18538067 };

/* An EBML length: the number of leading zeros tells its own. *ret_is_open: unknown. */
static enum err_kind get_length(struct source *source, uint64_t *at, uint64_t *ret_len,
    bool *ret_is_open, struct err *err)
{
	unsigned char b[8];
	uint64_t value;
	unsigned n = 1;

	if (source_get(source, *at, b, 1, err))
		return err->kind;
	while (n <= 8 && !(b[0] & 0x100u >> n))
		n++;
	if (n > 8)
		return source_fail(source, *at, "no length stands here", err);
	if (source_get(source, *at, b, n, err))
		return err->kind;
	value = b[0] & (0xffu >> n);
	for (unsigned i = 1; i < n; i++)
		value = value << 8 | b[i];
	*at += n;
	*ret_len = value;
	*ret_is_open = value == (UINT64_C(1) << 7 * n) - 1;
	return ERR_OK;
}

static enum err_kind get_id(
    struct source *source, uint64_t *at, uint32_t *ret_id, struct err *err)
{
	unsigned char b[4];
	unsigned n = 1;

	if (source_get(source, *at, b, 1, err))
		return err->kind;
	while (n <= 4 && !(b[0] & 0x100u >> n))
		n++;
	*ret_id = 0;
	if (n > 4)
		return ERR_OK; /* none */
	if (source_get(source, *at, b, n, err))
		return err->kind;
	for (unsigned i = 0; i < n; i++)
		*ret_id = *ret_id << 8 | b[i];
	*at += n;
	return ERR_OK;
}

/* What stands in a segment, or in a cluster without end. */
static bool is_known_element(uint32_t id)
{
	static const uint32_t known[] = { ID_CLUSTER, 0x114d9b74, 0x1549a966, 0x1654ae6b,
		0x1c53bb6b, 0x1941a469, 0x1043a770, 0x1254c367, 0xec, 0xbf, 0xe7, 0xa3,
		0xa0, 0xab, 0xa7, 0xaf, 0x5854 };

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i] == id)
			return true;
	return false;
}

static enum err_kind walk_stream(struct source *source, uint64_t at, struct err *err)
{
	unsigned clusters = 0;
	uint64_t len = 0;
	uint32_t id = 0;
	bool is_open;

	while (at < source->size_bytes) {
		const uint64_t begin = at;

		if (get_id(source, &at, &id, err))
			return err->kind;
		if (!is_known_element(id))
			return clusters
			    ? ERR_OK /* a trailer */
			    : source_fail(source, begin, "no element begins here", err);
		if (get_length(source, &at, &len, &is_open, err))
			return err->kind;
		if (is_open && id != ID_CLUSTER)
			return source_fail(source, begin, "an element without end", err);
		clusters += id == ID_CLUSTER;
		if (is_open)
			continue; /* into it */
		if (source_need(source, at, len, err))
			return err->kind;
		at += len;
	}
	return clusters ? ERR_OK : source_need(source, at, 1, err);
}

enum err_kind walk_matroska(struct source *source, struct err *err)
{
	uint64_t at = 4, len = 0;
	uint32_t id = 0;
	bool is_open = false;

	if (get_length(source, &at, &len, &is_open, err))
		return err->kind;
	if (is_open || source_need(source, at, len, err))
		return source_fail(source, at, "its head has no end", err);
	at += len;
	if (source_be32(source, at, &id, err))
		return err->kind;
	if (id != ID_SEGMENT)
		return source_fail(source, at, "no segment begins here", err);
	at += 4;
	if (get_length(source, &at, &len, &is_open, err))
		return err->kind;
	source->has_no_end = is_open;
	return is_open ? walk_stream(source, at, err) : source_need(source, at, len, err);
}
