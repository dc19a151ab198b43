#include "service/jimeng/send/wire.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "net/net.h"
#include "service/jimeng/send/region.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

enum { VALUE_MAX = 512, NUMBER_LIMIT = 1000 };

enum shape {
	SHAPE_BASE, /* scheme and host, kept without a slash at the end */
	SHAPE_PATH, /* begins with a slash */
	SHAPE_TOKEN, /* goes into a query string or a body: letters, digits, "._-" */
	SHAPE_HEADER, /* printable ASCII */
	SHAPE_NUMBER, /* 1 to NUMBER_LIMIT, into an unsigned */
	SHAPE_VIA, /* one of wire_vias */
	SHAPE_REGION, /* a name of region.h; brings what belongs to it */
};

/* name, shape, default; NULL: its region has it */
#define WIRE_ROWS(X)                                                               \
	X(api_base, SHAPE_BASE, NULL)                                              \
	X(cluster, SHAPE_REGION, NULL)                                             \
	X(commerce_base, SHAPE_BASE, NULL)                                         \
	X(submit_base, SHAPE_BASE, NULL)                                           \
	X(cookie_domain, SHAPE_TOKEN, NULL)                                        \
	X(query_path, SHAPE_PATH, "/mweb/v1/get_history_by_ids")                   \
	X(asset_list_path, SHAPE_PATH, "/mweb/v1/get_asset_list")                  \
	X(history_list_path, SHAPE_PATH, "/mweb/v1/get_history")                   \
	X(item_path, SHAPE_PATH, "/mweb/v1/get_local_item_list")                   \
	X(image_uri_path, SHAPE_PATH, "/mweb/v1/get_image_by_uri")                 \
	X(video_vid_path, SHAPE_PATH, "/mweb/v1/get_video_by_vid")                 \
	X(credit_path, SHAPE_PATH, "/commerce/v1/benefits/user_credit")            \
	X(statement_path, SHAPE_PATH, "/commerce/v1/benefits/user_credit_history") \
	X(image_path, SHAPE_PATH, "/dreamina/mcp/v1/image_generate")               \
	X(video_path, SHAPE_PATH, "/dreamina/mcp/v1/video_generate")               \
	X(web_submit_path, SHAPE_PATH, "/mweb/v1/aigc_draft/generate")             \
	X(cancel_path, SHAPE_PATH, "/mweb/v1/aigc_draft/cancel_generate")          \
	X(submit_via, SHAPE_VIA, NULL)                                             \
	X(da_version, SHAPE_TOKEN, "3.3.9")                                        \
	X(web_version, SHAPE_TOKEN, "7.5.0")                                       \
	X(aid, SHAPE_TOKEN, NULL)                                                  \
	X(region, SHAPE_TOKEN, NULL)                                               \
	X(device_platform, SHAPE_TOKEN, "web")                                     \
	X(accept, SHAPE_HEADER, "application/json, text/plain, */*")               \
	X(appid, SHAPE_HEADER, NULL)                                               \
	X(appvr, SHAPE_HEADER, "8.4.0")                                            \
	X(pf, SHAPE_HEADER, "3")                                                   \
	X(lan, SHAPE_HEADER, NULL)                                                 \
	X(loc, SHAPE_HEADER, NULL)                                                 \
	X(origin, SHAPE_HEADER, NULL)                                              \
	X(referer, SHAPE_HEADER, NULL)                                             \
	X(agent_scene, SHAPE_TOKEN, "creation_agent_v40")                          \
	X(subject_id, SHAPE_TOKEN, "default")                                      \
	X(image_generate_type, SHAPE_TOKEN, "text2imageV2")                        \
	X(video_generate_type, SHAPE_TOKEN, "text2VideoByConfig")                  \
	X(image_model, SHAPE_TOKEN, "high_aes_general_v40")                        \
	X(video_model, SHAPE_TOKEN, "seedance2.0fast")                             \
	X(batch_max, SHAPE_NUMBER, "50")                                           \
	X(page_max, SHAPE_NUMBER, "50")                                            \
	X(files_max, SHAPE_NUMBER, "20")                                           \
	X(stall_seconds, SHAPE_NUMBER, "30")                                       \
	X(slow_seconds, SHAPE_NUMBER, "60")                                        \
	X(time_scale, SHAPE_NUMBER, "1")

static const struct row {
	const char *name;
	enum shape shape;
	size_t offset;
	const char *value;
} rows[] = {
#define X(field, shape, value) { #field, shape, offsetof(struct wire, field), value },
	WIRE_ROWS(X)
#undef X
};

/* Their places in `rows`. */
enum {
#define X(field, shape, value) ROW_##field,
	WIRE_ROWS(X)
#undef X
};

static const char *const names[] = {
#define X(field, shape, value) #field,
	WIRE_ROWS(X)
#undef X
	    NULL,
};

/* What comes with a region. */
static const struct column {
	unsigned row;
	size_t offset; /* of the value in struct region */
	const char *behind; /* put behind it */
} columns[] = {
	{ ROW_api_base, offsetof(struct region, api), "" },
	{ ROW_commerce_base, offsetof(struct region, commerce), "" },
	{ ROW_cookie_domain, offsetof(struct region, cookie_domain), "" },
	{ ROW_submit_via, offsetof(struct region, via), "" },
	{ ROW_aid, offsetof(struct region, aid), "" },
	{ ROW_appid, offsetof(struct region, aid), "" },
	{ ROW_region, offsetof(struct region, code), "" },
	{ ROW_lan, offsetof(struct region, lan), "" },
	{ ROW_loc, offsetof(struct region, loc), "" },
	{ ROW_origin, offsetof(struct region, site), "" },
	{ ROW_referer, offsetof(struct region, site), "/ai-tool/generate?type=image" },
};

static char **text_at(struct wire *wire, const struct row *row)
{
	return (char **)(void *)((char *)wire + row->offset);
}

static bool is_token(const char *value)
{
	static const char allowed[] = "0123456789-_.abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

	return value[0] && value[strspn(value, allowed)] == '\0';
}

static bool is_printable(const char *value)
{
	for (const char *c = value; *c; c++)
		if (*c < ' ' || *c > '~')
			return false;
	return value[0] != '\0';
}

const char *const wire_vias[] = { "agent", "web", NULL };

static bool is_via(const char *value)
{
	for (size_t i = 0; wire_vias[i]; i++)
		if (!strcmp(wire_vias[i], value))
			return true;
	return false;
}

static bool is_path(const char *value)
{
	return value[0] == '/' && is_printable(value) && !strpbrk(value, " ?#\"\\");
}

static enum err_kind set_count(
    struct wire *wire, const struct row *row, const char *value, struct err *err)
{
	uint64_t count;

	if (!text_uint(value, 1, NUMBER_LIMIT, &count))
		return err_set(err, ERR_USAGE, "%s must be 1 to %d, not '%s'", row->name,
		    NUMBER_LIMIT, value);
	*(unsigned *)(void *)((char *)wire + row->offset) = (unsigned)count;
	return ERR_OK;
}

static enum err_kind check_text(const struct row *row, const char *value, struct err *err)
{
	if (strnlen(value, VALUE_MAX + 1) > VALUE_MAX)
		return err_set(
		    err, ERR_USAGE, "%s is longer than %d bytes", row->name, VALUE_MAX);
	if (row->shape == SHAPE_BASE)
		return net_check_base_url(row->name, value, err);
	if (row->shape == SHAPE_VIA && !is_via(value))
		return err_set(err, ERR_USAGE, "%s must be agent or web, not '%s'",
		    row->name, value);
	if (row->shape == SHAPE_PATH && !is_path(value))
		return err_set(err, ERR_USAGE,
		    "%s must be a path that begins with '/', not '%s'", row->name, value);
	if (row->shape == SHAPE_TOKEN && !is_token(value))
		return err_set(err, ERR_USAGE,
		    "%s may have letters, digits and '._-' only, not '%s'", row->name,
		    value);
	if (row->shape == SHAPE_HEADER && !is_printable(value))
		return err_set(err, ERR_USAGE,
		    "%s goes into a header and must be printable ASCII", row->name);
	return ERR_OK;
}

ANALYZER_LOSES_SIGHT
static enum err_kind set_text(
    char **at, const struct row *row, const char *value, struct err *err)
{
	size_t len = strlen(value);
	char *copy;

	if (check_text(row, value, err))
		return err->kind;
	while (row->shape == SHAPE_BASE && len && value[len - 1] == '/')
		len--;
	copy = strndup(value, len);
	if (!copy)
		return err_set(err, ERR_NOMEM, "no memory for the wire table");
	free(*at);
	*at = copy;
	return ERR_OK;
}

ANALYZER_SEES_AGAIN

static const struct row *find(const char *name)
{
	for (size_t i = 0; i < COUNT(rows); i++)
		if (!strcmp(rows[i].name, name))
			return &rows[i];
	return NULL;
}

static enum err_kind set_column(struct wire *wire, const struct column *column,
    const struct region *region, struct err *err)
{
	const char *value =
	    *(const char *const *)(const void *)((const char *)region + column->offset);
	const struct row *row = &rows[column->row];
	char text[VALUE_MAX];

	(void)snprintf(text, sizeof(text), "%s%s", value, column->behind);
	return set_text(text_at(wire, row), row, text, err);
}

static enum err_kind refuse_region(const char *name, struct err *err)
{
	char known[VALUE_MAX] = "";

	for (size_t i = 0; region_names[i]; i++) {
		const size_t len = strlen(known);

		(void)snprintf(known + len, sizeof(known) - len, "%s%s", i ? ", " : "",
		    region_names[i]);
	}
	return err_set(
	    err, ERR_USAGE, "there is no region '%.40s'; there are %s", name, known);
}

static enum err_kind set_region(
    struct wire *wire, const struct row *row, const char *name, struct err *err)
{
	const struct region *region = region_find(name);
	const struct row *submit = &rows[ROW_submit_base];

	if (!region)
		return refuse_region(name, err);
	if (set_text(text_at(wire, row), row, region->name, err))
		return err->kind;
	for (size_t i = 0; i < COUNT(columns); i++)
		if (set_column(wire, &columns[i], region, err))
			return err->kind;
	wire->has_submits = region->submit != NULL;
	return set_text(text_at(wire, submit), submit,
	    region->submit ? region->submit : region->api, err);
}

static enum err_kind set_row(
    struct wire *wire, const struct row *row, const char *value, struct err *err)
{
	if (row->shape == SHAPE_NUMBER)
		return set_count(wire, row, value, err);
	if (row->shape == SHAPE_REGION)
		return set_region(wire, row, value, err);
	return set_text(text_at(wire, row), row, value, err);
}

static void wire_freep(struct wire **wire)
{
	wire_free(*wire);
}

enum err_kind wire_new(struct wire **ret_wire, struct err *err)
{
	_cleanup_(wire_freep) struct wire *wire = calloc(1, sizeof(*wire));

	if (!wire)
		return err_set(err, ERR_NOMEM, "no memory for the wire table");
	for (size_t i = 0; i < COUNT(rows); i++)
		if (rows[i].value && set_row(wire, &rows[i], rows[i].value, err))
			return err->kind;
	if (wire_set(wire, "cluster", region_names[0], err))
		return err->kind;
	*ret_wire = TAKE_PTR(wire);
	return ERR_OK;
}

/* What is said of the API's address holds for the one beside it. */
static enum err_kind set_told(
    struct wire *wire, const struct row *row, const char *value, struct err *err)
{
	if (set_row(wire, row, value, err))
		return err->kind;
	if (row == &rows[ROW_submit_base])
		wire->has_submits = true;
	if (row == &rows[ROW_commerce_base])
		wire->is_commerce_told = true;
	if (row == &rows[ROW_api_base] && !wire->is_commerce_told)
		return set_row(wire, &rows[ROW_commerce_base], value, err);
	return ERR_OK;
}

enum err_kind wire_set(
    struct wire *wire, const char *name, const char *value, struct err *err)
{
	const struct row *row = find(name);
	const char *nearest;

	if (row)
		return set_told(wire, row, value, err);
	nearest = text_nearest(name, names);
	if (nearest)
		return err_set(err, ERR_USAGE,
		    "there is no wire setting '%s'; did you mean '%s'?", name, nearest);
	return err_set(err, ERR_USAGE, "there is no wire setting '%s'", name);
}

void wire_free(struct wire *wire)
{
	if (!wire)
		return;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (rows[i].shape != SHAPE_NUMBER)
			free(*text_at(wire, &rows[i]));
	free(wire);
}

const char *wire_name_at(size_t i)
{
	return i < COUNT(rows) ? rows[i].name : NULL;
}
