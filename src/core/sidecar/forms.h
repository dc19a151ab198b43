/*
 * forms.h - what can lie beside a stored file FILE and speaks of it, a row each:
 *
 *	FILE.json  its task, as 'show --json' tells it
 *	FILE.txt   prompt and parameters, as Stable Diffusion web UIs write them
 *	FILE.xmp   an XMP packet, as photo managers read it
 *
 * Pure; docs/names.md tells users of them. None has a link or a cookie.
 */
#pragma once

#include <stdbool.h>

#include "model/task.h"

enum { SIDECAR_FORMS = 3 };

/* What is told of. */
struct sidecar_of {
	const struct task *task;
	const struct asset *asset; /* of the task: the file that it lies beside */
	/* Which places may be named: those of files that are there for this run. */
	bool (*is_here)(void *payload, const struct asset *asset);
	void *payload;
};

struct sidecar_form {
	unsigned bit; /* in a set of them; DQ_SIDECAR_... */
	const char *ending; /* ".json" */
	bool is_of_task; /* the same beside all files of a task, and says where these are
			  */
	char *(*make_text)(const struct sidecar_of *of); /* malloc'ed; NULL: no memory */
	/*
	 * A file that has this in it is ours, of this task, and may be written anew:
	 * nobody else has made or changed it, as far as its form can tell. malloc'ed;
	 * NULL: no memory.
	 */
	char *(*make_mark)(const char *submit_id);
};

extern const struct sidecar_form sidecar_forms[SIDECAR_FORMS];

/* Returns "FILE.xmp", malloc'ed; NULL: no memory. */
char *sidecar_path(const struct sidecar_form *form, const char *file);
/* Is `path` called like one beside the first `ret_len` bytes of it? */
bool sidecar_is_beside(const char *path, size_t *ret_len);
