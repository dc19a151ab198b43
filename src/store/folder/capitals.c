#include "store/folder/capitals.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/fold.h"
#include "base/fs.h"
#include "store/folder/place.h"
#include "store/sink.h"

/* Could a file system call these one name, one that does not count capitals, say? */
static bool could_be_one(const char *one, const char *other)
{
	_cleanup_(buf_release) struct buf a = buf_make(PATH_MAX);
	_cleanup_(buf_release) struct buf b = buf_make(PATH_MAX);

	fold_add(&a, one);
	fold_add(&b, other);
	return buf_failed(&a) || buf_failed(&b) || !strcmp(a.data, b.data);
}

struct listed {
	bool one, other;
};

/* Which of the names does the folder list? To ask for one is not enough: see above. */
static struct listed list(const char *folder, const char *one, const char *other)
{
	struct listed listed = { false, false };
	DIR *all = opendir(folder);
	const struct dirent *entry;

	/* One thread, one folder. */
	while (
	    all && (entry = readdir(all))) { /* NOLINT(concurrency-mt-unsafe): as said */
		listed.one = listed.one || strcmp(entry->d_name, one) == 0;
		listed.other = listed.other || strcmp(entry->d_name, other) == 0;
	}
	if (all)
		(void)closedir(all);
	return listed;
}

enum folders { FOLDERS_UNKNOWN, FOLDERS_TWO, FOLDERS_ONE };

static enum folders compare_folders(const char *one, const char *other)
{
	struct stat st, st_other;

	if (!one || !other || stat(one, &st) || stat(other, &st_other))
		return FOLDERS_UNKNOWN;
	return st.st_dev == st_other.st_dev && st.st_ino == st_other.st_ino ? FOLDERS_ONE
									    : FOLDERS_TWO;
}

bool capitals_are_two(const char *one, const char *other)
{
	_cleanup_free_ char *folder = location_place(one);
	_cleanup_free_ char *folder_of_other = location_place(other);
	enum folders folders;
	struct listed listed;

	if (!could_be_one(one, other))
		return true;
	folders = compare_folders(folder, folder_of_other);
	if (folders != FOLDERS_ONE)
		return folders == FOLDERS_TWO;
	if (!strcmp(place_base(one), place_base(other)))
		return false;
	listed = list(folder, place_base(one), place_base(other));
	return listed.one && listed.other;
}

bool capitals_are_one(const char *one, const char *other)
{
	_cleanup_free_ char *folder = location_place(one);
	_cleanup_free_ char *folder_of_other = location_place(other);
	struct listed listed;

	if (!strcmp(place_base(one), place_base(other)) || !could_be_one(one, other) ||
	    !fs_exists(one) || !fs_exists(other) ||
	    compare_folders(folder, folder_of_other) != FOLDERS_ONE)
		return false;
	listed = list(folder, place_base(one), place_base(other));
	return listed.one && !listed.other;
}

enum err_kind capitals_change(const char *from, const char *to, struct err *err)
{
	if (rename(from, to))
		return err_errno(err, ERR_IO, "can't rename '%s' to '%s'", from, to);
	return fs_sync_folder_of(to, err);
}
