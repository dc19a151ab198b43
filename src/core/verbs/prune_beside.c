#include "core/verbs/prune_beside.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/fs.h"
#include "core/sidecar/forms.h"

enum { SIDECAR_MAX = 4 << 20 };

/* One that somebody else has made or changed has no such mark, or is no such file. */
static bool is_ours(const char *path, const char *mark)
{
	_cleanup_(buf_release) struct buf text = buf_make(SIDECAR_MAX);
	struct stat st;
	struct err ignored;

	return lstat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	    !fs_read_all(path, &text, &ignored) && strstr(text.data, mark) != NULL;
}

enum err_kind prune_beside(struct shares *shares, const char *location, const char *path,
    const char *submit_id, struct err *err)
{
	for (size_t i = 0; i < SIDECAR_FORMS; i++) {
		const struct sidecar_form *form = &sidecar_forms[i];
		_cleanup_free_ char *beside = sidecar_path(form, path);
		_cleanup_free_ char *its_location = sidecar_path(form, location);
		_cleanup_free_ char *mark = form->make_mark(submit_id);
		bool is_a_file = false;

		if (!beside || !its_location || !mark ||
		    !shares_have(shares, its_location, &is_a_file))
			return err_set(err, ERR_NOMEM, "out of memory");
		if (is_a_file || !is_ours(beside, mark))
			continue;
		if (unlink(beside) && errno != ENOENT)
			return err_errno(err, ERR_IO, "can't remove '%s'", beside);
		if (fs_sync_folder_of(beside, err))
			return err->kind;
	}
	return ERR_OK;
}
