/*
 * sink.c - how a folder sink is opened, and its table of operations.
 */
#include "store/folder/sink_impl.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "store/folder/seal.h"

static void free_folder(struct sink *sink)
{
	struct folder *folder = (struct folder *)sink;

	if (!folder)
		return;
	closep(&folder->fd);
	promises_release(&folder->promises);
	free(folder->root);
	free(folder);
}

static void free_folderp(struct folder **folder)
{
	free_folder((struct sink *)*folder);
}

static const struct folder *folder_of(const struct sink *sink)
{
	return (const struct folder *)sink;
}

static enum err_kind check(const struct sink *sink, struct err *err)
{
	mode_t mode;

	if (folder_check_path(folder_of(sink), err))
		return err->kind;
	return folder_probe(folder_of(sink), &mode, err);
}

static const char *place(const struct sink *sink)
{
	return folder_of(sink)->root;
}

static void no_sync(struct sink *sink)
{
	((struct folder *)sink)->never_syncs = true;
}

static bool is_below(const struct sink *sink, const char *location)
{
	return fs_below(folder_of(sink)->root, location) != NULL;
}

static int64_t free_bytes(const struct sink *sink)
{
	return fs_free_bytes(folder_of(sink)->root);
}

static const struct sink_ops ops = {
	.free = free_folder,
	.place = place,
	.no_sync = no_sync,
	.check = check,
	.is_below = is_below,
	.free_bytes = free_bytes,
	.begin = folder_begin,
	.write = folder_write,
	.read = folder_read,
	.truncate = folder_truncate,
	.trust = folder_trust,
	.sync = folder_sync,
	.want_md5 = folder_want_md5,
	.sum = folder_sum,
	.choose = folder_choose,
	.flush = folder_flush,
	.close = folder_close,
	.discard = folder_discard,
	.size = folder_size,
	.settle = folder_settle,
	.copy = folder_copy,
	.path = folder_path,
	.note = folder_note,
	.inspect = folder_inspect,
	.tells_end = folder_tells_end,
	.place_is_gone = folder_place_is_gone,
	.scan = folder_scan,
	.is_held = folder_is_held,
	.remove = folder_remove,
	.partial_at = folder_partial_at,
	.move = folder_move,
	.duplicate = folder_duplicate,
	.look = folder_look,
	.give = folder_give,
	.take = folder_take,
	.true_place = folder_true_place,
	.reaches = folder_reaches,
};

static enum err_kind open_to_read(struct sink **ret_sink, struct err *err)
{
	struct folder *folder = calloc(1, sizeof(*folder));

	if (!folder)
		return folder_no_memory(err);
	folder->base.ops = &ops;
	promises_init(&folder->promises);
	folder->fd = -1;
	*ret_sink = (struct sink *)folder;
	return ERR_OK;
}

static enum err_kind open_to_store(
    const char *url, struct sink **ret_sink, struct err *err)
{
	_cleanup_(free_folderp) struct folder *folder = calloc(1, sizeof(*folder));

	if (!folder)
		return folder_no_memory(err);
	folder->base.ops = &ops;
	promises_init(&folder->promises);
	folder->fd = -1;
	folder->root = folder_find_root(url, err);
	if (!folder->root || fs_make_folders(folder->root, 0777, err))
		return err_note(err, "output folder");
	folder->fd = open(folder->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder->fd < 0)
		return err_errno(
		    err, ERR_IO, "can't open the output folder '%s'", folder->root);
	if (folder_probe(folder, &folder->file_mode, err))
		return err->kind;
	folder->may_share = seal_may_share(folder->fd);
	*ret_sink = (struct sink *)TAKE_PTR(folder);
	return ERR_OK;
}

static enum err_kind place_of(const char *url, char **ret_place, struct err *err)
{
	char *root = folder_find_root(url, err);

	if (!root)
		return err->kind;
	*ret_place = root;
	return ERR_OK;
}

const struct sink_kind sink_folder = {
	.scheme = "file",
	.takes_paths = true,
	.open = open_to_store,
	.open_to_read = open_to_read,
	.place = place_of,
};
