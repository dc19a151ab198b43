/*
 * fs.h - files and folders with errors for people. Every descriptor is
 * CLOEXEC. Paths are bytes; nothing here changes the working directory.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"

/*
 * Append the whole file; one that is larger than the buffer's ceiling is ERR_USAGE. "-"
 * is not special. A pipe that has a name is ERR_USAGE, too, for who opens one waits until
 * somebody writes; one of the shell's <(...) is read.
 */
enum err_kind fs_read_all(const char *path, struct buf *into, struct err *err);

/* As above, and refuse (ERR_AUTH) what group or others can read, somebody else owns, or
 * is no file: a pipe of any kind, a device. */
enum err_kind fs_read_secret(const char *path, struct buf *into, struct err *err);

/* Writes a temporary file beside it, `mode`, fsync, rename over, fsync of the folder. */
enum err_kind fs_write_atomic(
    const char *path, const void *bytes, size_t len, mode_t mode, struct err *err);

/*
 * Does what mkdir -p does, durably: syncs also what another process made and had no time
 * to sync. A file in the way is ERR_IO naming it.
 */
enum err_kind fs_make_folders(const char *path, mode_t mode, struct err *err);
/* Does the same for the folder that `path` lies in. */
enum err_kind fs_make_parent(const char *path, mode_t mode, struct err *err);

enum err_kind fs_sync_folder_of(const char *path, struct err *err);
/* fsync, where the file system can: some on the network can't for folders. */
enum err_kind fs_sync_folder(int fd, const char *path, struct err *err);
/*
 * Every folder on the way to `path` keeps the name of the next one. Those that we may
 * not read are passed over.
 */
enum err_kind fs_sync_way(const char *path, struct err *err);

/* Rename, never replacing: *ret_exists says that the target was there (then nothing
 * moved). */
enum err_kind fs_rename_new(
    const char *from, const char *to, bool *ret_exists, struct err *err);

/* The same between two open folders; the paths are for messages. */
struct fs_name {
	int folder_fd;
	const char *name, *path;
};
enum err_kind fs_rename_new_at(const struct fs_name *from, const struct fs_name *to,
    bool *ret_exists, struct err *err);

/* Which file it is, whatever its name: of an open one that stays so. */
struct fs_file {
	dev_t dev;
	ino_t ino;
};
/* Does `name` in the folder mean that file? */
bool fs_is_name_of(int folder_fd, const char *name, const struct fs_file *file);

bool fs_exists(const char *path);
/* A pipe in a folder, whose opening waits for another program; the shell's <(...) is
 * none.
 */
bool fs_is_named_pipe(const char *path);
/*
 * `path` as a name below the folder, within `path`; NULL when it is elsewhere. By their
 * texts: the disk is not asked.
 */
const char *fs_below(const char *folder, const char *path);
int64_t fs_size(const char *path); /* -1 when there is no such file; a link is none */
/* Free bytes for us on the file system of the folder; -1 when unknown. */
int64_t fs_free_bytes(const char *folder);

/* Returns "dir/name", malloc'ed; NULL when out of memory. */
char *fs_join(const char *folder, const char *name);
/*
 * Returns the absolute form without resolving links, malloc'ed; NULL: *err says why (the
 * folder that we are in may be gone).
 */
char *fs_absolute(const char *path, struct err *err);
/* Returns the folder of the program that we are, malloc'ed; NULL: nobody knows. */
char *fs_own_folder(void);

void closep(int *fd); /* for _cleanup_; -1 is nothing */
