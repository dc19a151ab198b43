#include "service/jimeng/send/files_body.h"

#include <stddef.h>

/* An item in full is what the site asks for when somebody downloads a film. */
static const struct question {
	size_t path; /* in struct wire */
	const char *list, *behind;
} questions[] = {
	[SERVICE_ORIGINALS] = { offsetof(struct wire, item_path), "item_id_list",
	    ",\"pack_item_opt\":{\"scene\":1,\"need_data_integrity\":true},"
	    "\"is_for_video_download\":true" },
	[SERVICE_IMAGES] = { offsetof(struct wire, image_uri_path), "uris", "" },
	[SERVICE_FILMS] = { offsetof(struct wire, video_vid_path), "vids", "" },
};

bool files_is_name(const char *name)
{
	size_t len = 0;

	for (; name && name[len]; len++)
		if (name[len] <= ' ' || name[len] > '~' || name[len] == '"' ||
		    name[len] == '\\' || len == FILES_NAME_MAX)
			return false;
	return len > 0;
}

enum err_kind files_body(enum service_files which, const struct service_file *files,
    size_t n, struct buf *body, struct err *err)
{
	const struct question *parts = &questions[which];

	buf_addf(body, "{\"%s\":[", parts->list);
	for (size_t i = 0; i < n; i++) {
		if (!files_is_name(files[i].name))
			return err_set(err, ERR_USAGE, "'%.80s' can't be a file's name",
			    files[i].name ? files[i].name : "");
		buf_addf(body, "%s\"%s\"", i ? "," : "", files[i].name);
	}
	buf_addf(body, "]%s}", parts->behind);
	if (buf_failed(body))
		return err_set(err, ERR_NOMEM, "no memory for a query");
	return ERR_OK;
}

const char *files_path(enum service_files which, const struct wire *wire)
{
	return *(char *const *)(const void *)((const char *)wire + questions[which].path);
}
