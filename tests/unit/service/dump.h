/*
 * dump.h - every field of a task as text, for golden files. Links are redacted, but
 * their expiry is shown.
 */
#pragma once

#include <inttypes.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/redact.h"
#include "model/task.h"

static inline void dump_text(struct buf *out, const char *name, const char *value)
{
	if (value)
		buf_addf(out, "  %s: '%s'\n", name, value);
	else
		buf_addf(out, "  %s: -\n", name);
}

static inline void dump_number(struct buf *out, const char *name, int64_t value)
{
	if (value == INT64_MIN)
		buf_addf(out, "  %s: never\n", name);
	else
		buf_addf(out, "  %s: %" PRId64 "\n", name, value);
}

static inline void dump_asset(struct buf *out, const struct asset *asset)
{
	char link[256], iso[CLOCK_ISO_MAX];

	buf_addf(out, "  asset %d: %s, %s\n", asset->index, media_kind_name(asset->kind),
	    asset_state_name(asset->state));
	buf_addf(out, "    uri: %s\n", asset->uri);
	buf_addf(out, "    url: %s\n", redact_url(asset->url, link, sizeof(link)));
	buf_addf(out, "    expires: %" PRId64 " %s\n", asset->expires_unix,
	    asset->expires_unix ? clock_iso(asset->expires_unix * 1000, iso) : "unknown");
	buf_addf(out,
	    "    size: %" PRId64 "x%" PRId64 ", %" PRId64 " ms, %" PRId64 " B\n",
	    asset->width, asset->height, asset->duration_ms, asset->size_bytes);
	buf_addf(out, "    format: %s, md5: %s\n", asset->format ? asset->format : "-",
	    asset->md5 ? asset->md5 : "-");
	buf_addf(out,
	    "    path: %s, stored: %" PRId64 ", sha256: %s, lost: %s, etag: %s\n",
	    asset->path ? asset->path : "-", asset->stored_bytes,
	    asset->sha256 ? asset->sha256 : "-",
	    asset->lost_reason ? asset->lost_reason : "-",
	    asset->etag ? asset->etag : "-");
}

static inline void dump_task(struct buf *out, const struct task *task)
{
	const char *kind = media_kind_name(task->kind);
	const char *class = fail_class_name(task->fail.class);

	buf_addf(out, "task '%s': %s\n", task->submit_id, task_state_name(task->state));
	dump_text(out, "account", task->account);
	dump_text(out, "history id", task->history_id);
	dump_text(out, "kind", kind);
	if (task->mode != MODE_NONE)
		dump_text(out, "mode", task_mode_name(task->mode));
	dump_number(out, "status", task->status);
	buf_addf(
	    out, "  assets: %" PRId64 " of %" PRId64 "\n", task->finished, task->total);
	buf_addf(out, "  queue: %s %" PRId64 "/%" PRId64 ", %" PRId64 " s\n",
	    task->has_queue ? "yes" : "no", task->queue.position, task->queue.length,
	    task->queue.eta_seconds);
	if (class)
		buf_addf(out, "  fail: %s, code %s, %s, '%s'\n", class,
		    task->fail.code ? task->fail.code : "-",
		    task->fail.is_retryable ? "retryable" : "not retryable",
		    task->fail.message);
	dump_number(out, "created ms", task->created_unix_ms);
	dump_number(out, "finished ms", task->finished_unix_ms);
	dump_number(out, "poll interval ms", task->poll_interval_ms);
	dump_number(out, "forecast generate s", task->forecast_generate_s);
	dump_number(out, "forecast queue s", task->forecast_queue_s);
	dump_text(out, "model", task->model);
	dump_text(out, "prompt", task->prompt);
	dump_text(out, "warning", task->warning);
	for (size_t i = 0; i < task->n_assets; i++)
		dump_asset(out, &task->assets[i]);
}
