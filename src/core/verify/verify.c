/*
 * verify.c - the verb: collect, read, scan, repair, tell.
 */
#include "base/say.h"
#include "core/verify/parts.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "core/common/given.h"
#include "core/engine/engine.h"
#include "dreamq/verify.h"

enum { SENTENCE_MAX = 3 * 4096 };

/* --- telling -------------------------------------------------------------------- */

static const char *const words_of_state[] = {
	[FILE_GOOD] = N_("it is all right"),
	[FILE_MISSING] = N_("there is no such file"),
	[FILE_OTHER_BYTES] = N_("its bytes are not those that were stored"),
	[FILE_IS_LINK] = N_("a link lies in its place"),
	[FILE_IS_FOLDER] = N_("a folder lies in its place"),
	[FILE_IS_SPECIAL] = N_("something that is no file lies in its place"),
};

/* NULL: no finding. */
static const char *const names[] = {
	[VERDICT_GOOD] = NULL,
	[VERDICT_MISSING] = "missing",
	[VERDICT_ALTERED] = "altered",
	[VERDICT_MOVED] = "moved",
	[VERDICT_UNFINISHED] = "unfinished",
	[VERDICT_UNREADABLE] = NULL,
};

/* What is said of a finding: in English, and as people read it. */
struct saying {
	char text[SENTENCE_MAX], shown[SENTENCE_MAX];
};

static void say_both(struct saying *saying, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void say_both(struct saying *saying, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (vsnprintf(saying->text, SENTENCE_MAX, fmt, ap) < 0)
		saying->text[0] = '\0';
	va_end(ap);
	va_start(ap, fmt);
	say_format(saying->shown, SENTENCE_MAX, fmt, ap);
	va_end(ap);
}

static void describe(const struct verify_file *file, struct saying *saying)
{
	const struct file_found *found = &file->found;

	if (file->verdict == VERDICT_GOOD && !*file->unjudged)
		say_both(saying, "it is as it was stored, but not all of it came");
	else if (file->verdict == VERDICT_GOOD)
		say_both(saying,
		    "it is as it was stored, but whether all of it came can't be judged: "
		    "this %s does not tell where it ends, and the service told neither "
		    "length nor md5",
		    file->unjudged);
	else if (file->verdict == VERDICT_UNFINISHED)
		say_both(saying, "it is not fetched yet");
	else if (file->verdict == VERDICT_MOVED)
		say_both(
		    saying, "it was '%s'; the ledger has it here now", file->old_path);
	else if (file->is_folder_gone)
		say_both(saying, "the folder it was in is gone");
	else if (found->state != FILE_OTHER_SIZE)
		say_both(saying, "%s", words_of_state[found->state]);
	else if (found->bytes < file->want_bytes)
		say_both(saying, "truncated: %" PRId64 " of %" PRId64 " bytes",
		    found->bytes, file->want_bytes);
	else
		say_both(saying, "longer: %" PRId64 " bytes instead of %" PRId64,
		    found->bytes, file->want_bytes);
}

static void add_words(char into[SENTENCE_MAX], const char *between, const char *words)
{
	const size_t len = strlen(into);

	if (words)
		(void)snprintf(into + len, SENTENCE_MAX - len, "%s%s", between, words);
	text_make_printable(into);
}

static void tell(struct verify *verify, struct dq_finding *finding)
{
	if (verify->options->on_finding)
		verify->options->on_finding(verify->options->payload, finding);
}

static void tell_file(struct verify *verify, const struct verify_file *file)
{
	struct saying saying;
	struct dq_finding finding = {
		.what = file->verdict == VERDICT_GOOD ? "unjudged" : names[file->verdict],
		.path = file->old_path && file->verdict != VERDICT_MOVED ? file->old_path
									 : file->path,
		.submit_id = file->id,
		.index = file->index,
		.want_bytes = file->want_bytes,
		.bytes = file->found.bytes,
		.is_repaired = file->is_repaired,
		.text = saying.text,
		.shown = saying.shown,
	};

	describe(file, &saying);
	add_words(saying.text, "; ", file->words);
	add_words(saying.shown, say_text(N_("; ")), file->shown_words);
	tell(verify, &finding);
}

static void tell_stray(struct verify *verify, const struct verify_stray *stray)
{
	struct dq_finding finding = {
		.what = stray->kind == SCAN_FILE ? "unknown" : "leftover",
		.path = stray->path,
		.submit_id = stray->kind == SCAN_PARTIAL ? stray->id : NULL,
		.index = stray->index,
		.want_bytes = -1,
		.bytes = stray->bytes,
		.is_repaired = stray->is_gone,
		.text = stray->is_gone
		    ? N_("left behind by a process that has ended; removed")
		    : stray->kind == SCAN_FILE
		    ? N_("the ledger does not know it")
		    : N_("left behind by a process that has ended"),
	};

	finding.shown = say_text(finding.text);
	tell(verify, &finding);
}

static void count_file(struct dq_verified *counts, const struct verify_file *file)
{
	switch (file->verdict) {
	case VERDICT_GOOD:
	case VERDICT_UNREADABLE:
	case VERDICT_MOVED: /* among the repaired */
		break;
	case VERDICT_MISSING:
		counts->missing++;
		break;
	case VERDICT_ALTERED:
		counts->altered++;
		break;
	case VERDICT_UNFINISHED:
		counts->unfinished++;
		break;
	}
	counts->files += file->verdict != VERDICT_UNFINISHED;
	counts->repaired += file->is_repaired;
}

static int by_path(const void *a, const void *b)
{
	const struct verify_file *x = *(struct verify_file *const *)a;
	const struct verify_file *y = *(struct verify_file *const *)b;

	return strcmp(x->path ? x->path : "", y->path ? y->path : "");
}

/* The last thing: the order of `files` changes. */
static void tell_all(struct verify *verify, struct dq_verified *counts)
{
	if (verify->n_files > 0)
		qsort(verify->files, verify->n_files, sizeof(struct verify_file *),
		    by_path);
	for (size_t i = 0; i < verify->n_files; i++) {
		const struct verify_file *file = verify->files[i];

		count_file(counts, file);
		if (names[file->verdict] ||
		    (file->verdict == VERDICT_GOOD && file->unjudged))
			tell_file(verify, file);
	}
	for (size_t i = 0; i < verify->n_strays; i++) {
		const struct verify_stray *stray = &verify->strays[i];

		if (stray->is_adopted)
			continue;
		counts->unknown += stray->kind == SCAN_FILE;
		counts->leftover += stray->kind != SCAN_FILE;
		counts->repaired += stray->is_gone;
		tell_stray(verify, stray);
	}
	counts->bytes = atomic_load(&verify->bytes);
}

/* --- the verb ------------------------------------------------------------------- */

static enum err_kind read_all(struct verify *verify, struct err *err)
{
	_cleanup_free_ struct verify_file **stored =
	    calloc(verify->n_files + 1, sizeof(struct verify_file *));
	size_t n = 0;

	if (!stored)
		return verify_no_memory(err);
	for (size_t i = 0; i < verify->n_files; i++)
		if (verify->files[i]->state == ASSET_STORED)
			stored[n++] = verify->files[i];
	if (verify_read(verify, stored, n, err))
		return err->kind;
	for (size_t i = 0; i < verify->n_files; i++) {
		verify_judge(verify->files[i]);
		if (verify->files[i]->verdict == VERDICT_UNREADABLE)
			verify_note(verify, &verify->files[i]->err);
	}
	return ERR_OK;
}

/* What stayed wrong, as an error. */
static void note_the_rest(struct verify *verify, const struct dq_verified *counts)
{
	const bool repairs = verify->options->repair && !verify->options->dry_run;
	struct err err;

	if (!repairs && counts->missing + counts->altered > 0) {
		err_set(&err, ERR_IO,
		    counts->files == 1
			? N_("%zu missing and %zu altered of %zu file; 'dreamq verify "
			     "--repair' fetches it again")
			: N_("%zu missing and %zu altered of %zu files; 'dreamq verify "
			     "--repair' fetches them again"),
		    counts->missing, counts->altered, counts->files);
		verify_note(verify, &err);
	}
	for (size_t i = 0; i < verify->n_files && repairs; i++)
		if (names[verify->files[i]->verdict] && !verify->files[i]->is_repaired)
			verify_note(verify, &verify->files[i]->err);
}

static enum err_kind run(
    struct verify *verify, struct dq_verified *ret_verified, struct err *err)
{
	const bool is_dry = verify->options->dry_run;
	enum err_kind kind;

	if (sinks_new(&verify->sinks, err) || session_ledger_to_read(verify->dq, err) ||
	    verify_collect(verify, err) || read_all(verify, err) ||
	    verify_scan(verify, err) || (!is_dry && verify_adopt(verify, err)))
		return err->kind;
	kind = verify->options->repair && !is_dry ? verify_repair(verify, err) : ERR_OK;
	tell_all(verify, ret_verified);
	if (kind)
		return kind;
	note_the_rest(verify, ret_verified);
	if (session_ledger_trouble(verify->dq, err))
		verify_note(verify, err);
	*err = verify->trouble;
	return err->kind;
}

enum dq_status dq_verify(struct dq *dq, const struct dq_verify *given,
    struct dq_verified *ret_verified, struct dq_error *ret_error)
{
	_cleanup_(session_verb_ends) struct dq *running = dq;
	struct dq_verify options;
	_cleanup_(
	    verify_release) struct verify verify = { .dq = dq, .options = &options };
	struct err err = { .kind = ERR_OK };

	given_take(&options, sizeof(options), given);
	*ret_verified = (struct dq_verified){ 0 };
	session_verb_begins(dq, 0);
	return run(&verify, ret_verified, &err) ? session_fail(&err, ret_error) : DQ_OK;
}
