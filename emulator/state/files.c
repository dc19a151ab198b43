/*
 * files.c - the files of the store's tasks: what they are made of, the life of the links
 * to them, their sums.
 */
#include "state/store.h"

#include <stdio.h>
#include <string.h>

#include "common/hash.h"
#include "common/text.h"

enum { USUAL_SAMPLE = 120 << 10, USUAL_ORIGINAL = 4 << 20 };

bool task_has_file(const struct task *task, unsigned file)
{
	const bool is_original = file_variant(file) == VARIANT_ORIGINAL;

	return file < FILES_MAX && file_item(file) < (unsigned)task->life.items &&
	    (is_original || (task->wishes.sample && task->life.kind == KIND_VIDEO));
}

/* Where the state of a file stands in task->files. */
static size_t slot_of(const struct task *task, unsigned file)
{
	return (size_t)file_variant(file) * (size_t)task->life.items + file_item(file);
}

static struct file_state state_locked(const struct task *task, unsigned file)
{
	struct file_state state = { 0 };

	if (task->files && task_has_file(task, file))
		state = task->files[slot_of(task, file)];
	return state;
}

/* The same to be changed, or NULL when the task has no such file. */
static struct file_state *changing_locked(
    const struct store *store, const struct task *task, unsigned file)
{
	struct task *mine = store_mutable(store, task);

	if (!task_has_file(task, file))
		return NULL;
	if (!mine->files)
		mine->files =
		    mem_new((size_t)task->life.items * VARIANTS, sizeof(*mine->files));
	return &mine->files[slot_of(task, file)];
}

static uint64_t wished_bytes(const struct task *task, enum variant variant)
{
	const struct wishes *wishes = &task->wishes;
	const uint64_t sample =
	    wishes->sample_bytes ? wishes->sample_bytes : USUAL_SAMPLE;
	const uint64_t original =
	    wishes->asset_bytes ? wishes->asset_bytes : USUAL_ORIGINAL;

	if (!wishes->sample || task->life.kind != KIND_VIDEO)
		return wishes->asset_bytes;
	if (variant == VARIANT_ORIGINAL)
		return original;
	return variant == VARIANT_SAMPLE ? sample : (sample + original) / 2;
}

static struct asset asset_locked(const struct task *task, unsigned file)
{
	static const enum media_format formats[TASK_KINDS] = {
		[KIND_VIDEO] = FORMAT_MP4,
		[KIND_AUDIO] = FORMAT_MP3,
	};
	const enum task_kind kind = task->life.kind;
	const uint32_t version = state_locked(task, file).version;
	struct asset asset = {
		.key = hash_mix(hash_mix(task->key, file), version),
		.format = kind == KIND_IMAGE ? task->wishes.bytes_as : formats[kind],
		.width = task->width,
		.height = task->height,
		.pad_to = wished_bytes(task, file_variant(file)),
	};

	(void)snprintf(asset.label, sizeof(asset.label), "dreamq-emulator %s item %u.%u",
	    task->submit_id, file, version);
	return asset;
}

struct asset store_asset(struct store *store, const struct task *task, unsigned file)
{
	struct asset asset;

	(void)pthread_mutex_lock(&store->lock);
	asset = asset_locked(task, file);
	(void)pthread_mutex_unlock(&store->lock);
	return asset;
}

uint32_t store_salt(struct store *store, const struct task *task, unsigned file)
{
	uint32_t salt;

	(void)pthread_mutex_lock(&store->lock);
	salt = state_locked(task, file).salt;
	(void)pthread_mutex_unlock(&store->lock);
	return salt;
}

bool store_kill_links(
    struct store *store, const struct task *task, unsigned file, uint32_t salt)
{
	struct file_state *state;
	bool is_alive;

	(void)pthread_mutex_lock(&store->lock);
	state = changing_locked(store, task, file);
	is_alive = state && state->salt == salt;
	if (is_alive) {
		state->salt++;
		state->link_bytes = 0;
	}
	(void)pthread_mutex_unlock(&store->lock);
	return is_alive;
}

uint64_t store_use_links(struct store *store, const struct task *task, unsigned file,
    uint32_t salt, uint64_t bytes)
{
	struct file_state *state;
	uint64_t used = 0;

	(void)pthread_mutex_lock(&store->lock);
	state = changing_locked(store, task, file);
	if (state) {
		state->link_bytes += state->salt == salt ? bytes : 0;
		used = state->link_bytes;
	}
	(void)pthread_mutex_unlock(&store->lock);
	return used;
}

void store_change_bytes(struct store *store, const struct task *task, unsigned file)
{
	struct file_state *state;

	(void)pthread_mutex_lock(&store->lock);
	state = changing_locked(store, task, file);
	if (state)
		state->version++;
	(void)pthread_mutex_unlock(&store->lock);
}

/* The sum that is known of the file as it is now; false without. */
static bool read_md5(const struct file_state *state, uint8_t ret[ASSET_MD5])
{
	if (!state || state->md5_version != state->version + 1)
		return false;
	memcpy(ret, state->md5, ASSET_MD5);
	return true;
}

void store_md5(struct store *store, struct studio *studio, const struct task *task,
    unsigned file, uint8_t ret[ASSET_MD5])
{
	struct file_state *state;
	struct asset asset;
	uint32_t version;
	bool is_known;

	(void)pthread_mutex_lock(&store->lock);
	state = changing_locked(store, task, file);
	is_known = read_md5(state, ret);
	version = state ? state->version : 0;
	asset = asset_locked(task, file);
	(void)pthread_mutex_unlock(&store->lock);
	if (is_known)
		return;
	asset_md5(studio, &asset, ret);
	(void)pthread_mutex_lock(&store->lock);
	if (state && state->version == version) {
		memcpy(state->md5, ret, ASSET_MD5);
		state->md5_version = version + 1;
	}
	(void)pthread_mutex_unlock(&store->lock);
}
