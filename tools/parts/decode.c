/*
 * decode.c - what a poll does with an answer: check all of it, cut it into records, see
 * whether they are mixed up, judge each id, and copy what is kept into its task. Again
 * and again over the same bytes until tens of megabytes have passed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/fs.h"
#include "parts.h"
#include "service/jimeng/read/answer.h"

enum { FILE_MAX = 16 << 20, BYTES = 40 << 20, ROUNDS = 5, BATCH_RECORDS = 50 };

struct sample {
	struct buf text;
	cJSON *json; /* owns the ids */
	struct answer_asker *askers;
	struct service_doubt *doubts;
	size_t n_askers;
};

static void sample_release(struct sample *sample)
{
	buf_release(&sample->text);
	cJSON_Delete(sample->json);
	free(sample->askers);
	free(sample->doubts);
}

/* Who asks: an id for each record, by its key; of a list, or of nothing, one that is not
 * there. */
static void find_askers(struct sample *sample)
{
	const cJSON *data = cJSON_GetObjectItemCaseSensitive(sample->json, "data");
	const cJSON *record;
	const size_t n = data ? (size_t)cJSON_GetArraySize(data) : 0;

	sample->askers = calloc(n + 1, sizeof(*sample->askers));
	sample->doubts = calloc(n + 1, sizeof(*sample->doubts));
	if (!sample->askers || !sample->doubts)
		abort();
	cJSON_ArrayForEach(record, data)
		if (record->string)
			sample->askers[sample->n_askers++] =
			    (struct answer_asker){ .asked = record->string,
				    .id = record->string };
	if (sample->n_askers == 0)
		sample->askers[sample->n_askers++] =
		    (struct answer_asker){ .asked = "1", .id = "1" };
}

static struct sample sample_of(struct buf text)
{
	struct sample sample = { .text = text };

	sample.json = cJSON_ParseWithLength(text.data, text.len);
	find_askers(&sample);
	return sample;
}

static struct sample sample_read(const char *path)
{
	struct buf text = buf_make(FILE_MAX);
	struct err err;

	ok_or_die(fs_read_all(path, &text, &err), &err);
	return sample_of(text);
}

/* The records of the samples under keys of their own, over and over: a poll of many. */
static struct sample sample_batch(const struct sample *samples, size_t n)
{
	struct buf text = buf_make(FILE_MAX);
	size_t made = 0;

	buf_addf(&text, "{\"ret\":\"0\",\"errmsg\":\"success\",\"data\":{");
	for (size_t i = 0; made < BATCH_RECORDS; i++) {
		const cJSON *data =
		    cJSON_GetObjectItemCaseSensitive(samples[i % n].json, "data");
		const cJSON *record;

		cJSON_ArrayForEach(record, data) {
			_cleanup_free_ char *plain = cJSON_PrintUnformatted(record);

			if (made == BATCH_RECORDS || !plain || !cJSON_IsObject(record))
				continue;
			buf_addf(&text, "%s\"%zu\":%s", made ? "," : "",
			    (size_t)77000000000000 + made, plain);
			made++;
		}
		if (i > n && made == 0)
			break;
	}
	buf_addf(&text, "}}");
	return sample_of(text);
}

/* Returns how many tasks came of it. */
static size_t pass(struct sample *sample)
{
	_cleanup_(answer_freep) struct answer *answer = NULL;
	struct err err;
	size_t n = 0;

	if (answer_decode(sample->text.data, sample->text.len, -1, &answer, &err) ||
	    answer_doubts(answer, sample->askers, sample->n_askers, sample->doubts, &err))
		return 0;
	for (size_t i = 0; i < sample->n_askers; i++) {
		struct poll_memory memory = { .asked_as_history = true };
		_cleanup_(task_freep) struct task *task = NULL;

		n += !answer_judge(
		    answer, sample->askers[i].asked, 0, &memory, &task, &err);
	}
	return n;
}

/* The best of some rounds, by the processor's clock: whatever else runs makes one slower.
 */
static void row(const char *label, struct sample *samples, size_t n_samples)
{
	size_t bytes = 0, tasks = 0, passes;
	double best_s = 1e9;

	for (size_t i = 0; i < n_samples; i++)
		bytes += samples[i].text.len;
	if (bytes == 0)
		return;
	passes = BYTES / ROUNDS / bytes + 1;
	for (int round = 0; round < ROUNDS; round++) {
		const struct spent from = spent_now();
		double took_s;

		tasks = 0;
		for (size_t k = 0; k < passes; k++)
			for (size_t i = 0; i < n_samples; i++)
				tasks += pass(&samples[i]);
		took_s = spent_since(from).cpu_s;
		best_s = took_s < best_s ? took_s : best_s;
	}
	(void)printf("%-28s %10zu %10.0f %10.0f\n", label, bytes,
	    (double)(bytes * passes) / best_s / 1e6, (double)tasks / best_s);
}

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

int table_decode(int n_files, char **files)
{
	const size_t n = (size_t)n_files;
	struct sample *samples = calloc(n, sizeof(*samples));
	size_t largest = 0;
	struct sample batch;
	char label[64];

	if (!samples)
		abort();
	for (size_t i = 0; i < n; i++) {
		samples[i] = sample_read(files[i]);
		if (samples[i].text.len > samples[largest].text.len)
			largest = i;
	}
	batch = sample_batch(&samples[largest], 1);
	(void)snprintf(label, sizeof(label), "%.27s", base_of(files[largest]));
	row(label, &samples[largest], 1);
	row("50 of these in one answer", &batch, 1);
	row("all fixtures in turn", samples, n);
	for (size_t i = 0; i < n; i++)
		sample_release(&samples[i]);
	sample_release(&batch);
	free(samples);
	return EXIT_SUCCESS;
}
