/*
 * write_down.c - intent and fact of a file go into the ledger: durable, and so not on the
 * loop's thread (group_commit.h).
 */
#include <stdlib.h>
#include <string.h>

#include "core/account/group_commit.h"
#include "core/download/file.h"

struct writing {
	struct group_entry entry; /* first */
	struct download *download;
	void (*done)(struct download *d);
	char id[TASKID_MAX + 1];
	struct asset asset;
	char texts[]; /* of the task, which a poll may replace meanwhile */
};

static void was_written(struct group_entry *entry)
{
	struct writing *writing = (struct writing *)entry;
	struct download *d = writing->download;
	void (*const done)(struct download * d) = writing->done;

	d->trouble = entry->entry.why;
	d->writing = NULL;
	d->downloads->n_writing--;
	free(writing);
	done(d);
}

static struct writing *writing_new(const struct download *d)
{
	const struct asset *asset = download_asset(d);
	const size_t uri_len = asset->uri ? strlen(asset->uri) : 0;
	const size_t choice_len = d->choice ? strlen(d->choice) : 0;
	struct writing *writing = calloc(1, sizeof(*writing) + uri_len + choice_len + 2);
	char *choice;

	if (!writing)
		return NULL;
	choice = writing->texts + uri_len + 1;
	(void)stpncpy(writing->id, d->files->task->submit_id, TASKID_MAX);
	writing->asset = (struct asset){
		.index = d->index,
		.uri = asset->uri ? memcpy(writing->texts, asset->uri, uri_len) : NULL,
		.path = d->path,
		.stored_bytes = (int64_t)d->sealed.size_bytes,
		.sha256 = d->sealed.sha256,
		.format = d->sealed.type ? d->sealed.type->format : NULL,
		.choice = d->choice ? memcpy(choice, d->choice, choice_len) : NULL,
	};
	return writing;
}

void download_write_down(
    struct download *d, enum asset_state to, void (*done)(struct download *d))
{
	struct writing *writing = writing_new(d);

	d->trouble = (struct err){ .kind = ERR_OK };
	if (!writing) {
		err_set(&d->trouble, ERR_NOMEM, "out of memory");
		done(d);
		return;
	}
	writing->download = d;
	writing->done = done;
	writing->entry.entry = (struct ledger_entry){ .kind = ENTRY_MOVE,
		.move = { .submit_id = writing->id,
		    .asset = &writing->asset,
		    .to = to,
		    .is_unsynced = d->downloads->never_syncs } };
	writing->entry.done = was_written;
	d->writing = writing;
	d->downloads->n_writing++;
	group_commit_post(d->downloads->commits, &writing->entry);
}
