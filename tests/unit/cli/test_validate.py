#!/usr/bin/python3
"""tools/validate.py accepts what DESIGN shows, and refuses everything near it."""
import copy
import importlib.util
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[3]

TASK = {
    "schema_version": 1, "event": "task", "submit_id": "3f2a-b_9", "history_id": "123",
    "kind": "image", "state": "succeeded", "status": 50, "finished": 4, "total": 4,
    "queue": None, "fail": None, "created_at": "2026-11-22T21:30:05Z",
    "finished_at": "2026-11-22T21:30:05.123Z",
    "assets": [{
        "index": 0, "kind": "image", "uri": "tos-cn-i-x/1", "url": "https://p9.example/SECRET",
        "expires_at": "2026-11-22T23:00:00Z", "width": 2048, "height": 2048, "format": "png",
        "duration_ms": None, "path": "/out/x_0.png", "bytes": 123, "sha256": "0" * 64,
        "stored": True, "lost": None, "choice": {
            "quality": "best-listed", "wanted": "original", "definition": "360p", "width": 640,
            "height": 360, "bitrate": None, "size": 122880, "logo": "mark", "object": None,
            "variants": [{
                "definition": "360p", "width": 640, "height": 360, "bitrate": None, "size": None,
                "logo": "", "original": False, "chosen": True}]}}],
    "profile": "default", "prompt": "a cat", "model": "m", "ratio": "16:9", "seed": 7,
    "first_seen_at": "2026-11-22T21:30:05Z", "credits": {"amount": 8, "source": "reported"},
    "idempotency_key": "batch.1", "reroll_of": None, "looks": 3, "requests": 0.25, "mode": None, "tags": ["good"], "note": None, "rating": 5,
}
ERROR = {
    "schema_version": 1, "event": "error", "code": 3, "kind": "auth", "message": "expired",
    "do": "import a cookie"}
STATE = {
    "schema_version": 1, "event": "state", "submit_id": "x", "state": "queued", "status": None,
    "finished": 0, "total": None,
    "queue": {"position": 12, "length": 340, "eta_seconds": None}, "at": "2026-11-22T21:30:05Z"}
PROGRESS = {
    "schema_version": 1, "event": "progress", "submit_id": "x", "index": 0, "bytes": 5,
    "total": None, "bytes_per_second": None, "at": "2026-11-22T21:30:05Z"}
STORED = {
    "schema_version": 1, "event": "stored", "submit_id": "x", "index": 0, "path": "/x.png",
    "bytes": 5, "sha256": "a" * 64, "format": "png", "at": "2026-11-22T21:30:05Z"}
SUBMITTED = {"schema_version": 1, "event": "submitted", "submit_id": "x", "state": "unknown"}
LOGIN = {
    "schema_version": 1, "event": "login", "profile": "default", "path": "/c", "exists": False,
    "keyring": False, "valid": None, "expires_at": None, "expires_in_seconds": None, "credit": None}
LANE = {
    "schema_version": 1, "event": "stats_lane", "all": False, "kind": "image", "model": None,
    "tasks": 3, "succeeded": 2, "failed": 1, "unfinished": 0, "durations": 2,
    "quantiles_ms": {"p5": 1, "p10": 1, "p25": 1, "p50": 1, "p75": 1, "p90": 1, "p95": 1},
    "bars": {"low_ms": 1, "high_ms": 2, "counts": [0] * 24},
    "expected": {"median_ms": 19000, "sigma": 0.5}, "detected": 1, "delay_mean_ms": 0,
    "delay_p95_ms": 0, "looks": 5, "requests": 2.5,
    "credits": {"amount": 12, "tasks": 2, "measured": 1}}
EMPTY_LANE = {**LANE, "kind": None, "quantiles_ms": None, "bars": None, "expected": None,
              "delay_mean_ms": None, "delay_p95_ms": None, "requests": 0, "credits": None}
CREDITS = {
    "schema_version": 1, "event": "credits", "profile": "default", "at": "2026-11-22T21:30:05Z",
    "total": 22, "subscription": 0, "gift": 22, "purchase": None,
    "expiring": [{"amount": 22, "at": "2026-11-23T00:00:00Z"}], "entries": 1, "has_more": False,
    "priced": 1}
ENTRY = {
    "schema_version": 1, "event": "credit_entry", "at": None, "amount": -4, "title": "x",
    "submit_id": "t", "history_id": None, "known": False}
FAILURE = {"schema_version": 1, "event": "stats_failure", "class": None, "code": None, "tasks": 1}
DAY = {
    "schema_version": 1, "event": "stats_day", "day": "2026-11-23", "tasks": 1, "succeeded": 1,
    "failed": 0, "files": 4, "bytes": 9, "requests": 0.25}
FOUND = {
    "schema_version": 1, "event": "found", "source": "t.har", "form": "har", "unit": "entry",
    "number": 3, "submit_id": "x", "history_id": None, "kind": None, "state": "partial",
    "prompt": None, "model": None, "known": False}
SKIPPED = {
    "schema_version": 1, "event": "skipped", "source": "t.csv", "form": "table", "unit": "row",
    "number": 2, "text": "there is no id in it"}
ADOPTED = {
    "schema_version": 1, "event": "adopted", "source": "t", "form": None, "found": 0, "added": 0,
    "known": 0, "skipped": 0, "dry_run": True}
RESCUED = {
    "schema_version": 1, "event": "rescued", "files": 3, "stored": 2, "gone": 1, "bytes": 9,
    "requests": 2}
PLANNED = {
    "schema_version": 1, "event": "planned", "submit_id": "x", "known": False, "kind": "video",
    "idempotency_key": None, "reroll_of": "y", "credits": 4, "body": {"prompt": "x"}}
KEPT_OUT = {**PLANNED, "known": True, "credits": None, "body": None}
GOOD = [PLANNED, KEPT_OUT, FOUND, SKIPPED, ADOPTED, RESCUED, TASK, ERROR, STATE, PROGRESS, STORED, SUBMITTED, LOGIN, CREDITS, ENTRY, LANE, EMPTY_LANE, FAILURE, DAY]

# Where, and a value that does not belong there; ... deletes the member.
BAD = [
    (PLANNED, "body", "x"), (PLANNED, "credits", -1), (PLANNED, "kind", "audio"), (PLANNED, "known", None),
    (FOUND, "unit", "page"), (FOUND, "number", 0), (FOUND, "state", "success"),
    (FOUND, "submit_id", None), (SKIPPED, "form", None), (SKIPPED, "text", ...),
    (ADOPTED, "found", -1), (ADOPTED, "dry_run", None),
    (TASK, "submit_id", "a b"), (TASK, "submit_id", "x" * 65), (TASK, "submit_id", None),
    (TASK, "state", "done"), (TASK, "kind", "picture"), (TASK, "status", "50"),
    (TASK, "status", 1.5), (TASK, "finished", -1), (TASK, "assets", None), (TASK, "queue", {}),
    (TASK, "created_at", "2026-11-22 21:30:05"), (TASK, "created_at", 5),
    (TASK, "schema_version", 2), (TASK, "extra", 1), (TASK, "fail", "2038"),
    (TASK, "fail", {"code": "1", "message": None, "class": "other", "retryable": False}),
    (TASK, "assets.0.sha256", "0" * 63), (TASK, "assets.0.path", None),
    (TASK, "assets.0.stored", None), (TASK, "assets.0.width", 0), (TASK, "assets.0.extra", 1),
    (TASK, "assets.0.choice", ...), (TASK, "assets.0.choice.quality", "best"),
    (TASK, "assets.0.choice.variants", []), (TASK, "assets.0.choice.variants.0.logo", 1),
    (TASK, "assets.0.choice.variants.0.url", "x"), (RESCUED, "gone", -1), (RESCUED, "files", ...),
    (TASK, "assets.0.url", ...), (TASK, "event", "tusk"), (TASK, "event", ["task"]),
    (TASK, "seed", -1), (TASK, "mode", "hologram"), (TASK, "mode", ...), (TASK, "tags", None), (TASK, "rating", 6), (TASK, "credits", {"amount": 1, "source": "guessed"}),
    (TASK, "idempotency_key", ""), (TASK, "idempotency_key", ...), (TASK, "reroll_of", "a b"),
    (TASK, "looks", 0.5), (TASK, "looks", -1), (TASK, "requests", "1"), (TASK, "requests", ...),
    (ERROR, "code", 0), (ERROR, "kind", "bad"), (ERROR, "do", ""),
    (STATE, "at", None), (STATE, "queue", ...), (PROGRESS, "bytes", None),
    (PROGRESS, "bytes", True), (STORED, "sha256", None), (SUBMITTED, "state", None),
    (LOGIN, "valid", "yes"), (LANE, "bars.counts", [0] * 23), (LANE, "quantiles_ms.p50", -1),
    (CREDITS, "total", -1), (CREDITS, "expiring.0.amount", 0), (CREDITS, "expiring", None),
    (ENTRY, "amount", None), (ENTRY, "known", None), (LANE, "credits", {"amount": 1}),
    (LANE, "delay_mean_ms", -1), (LANE, "model", ...), (FAILURE, "class", "other"),
    (FAILURE, "code", ""), (FAILURE, "tasks", 0), (DAY, "day", "2026-11-23T00:00:00Z"),
]
RAW = ["", "null", "[]", "{", "{} {}", '{"event":"submitted"}', "NaN",
       '{"schema_version":1,"event":"submitted","submit_id":"x","submit_id":"y","state":"queued"}']


def changed(base, path, value):
    result = copy.deepcopy(base)
    where, names = result, path.split(".")
    for name in names[:-1]:
        where = where[int(name) if name.isdigit() else name]
    if value is ...:
        del where[names[-1]]
    else:
        where[names[-1]] = value
    return result


def main():
    try:
        import jsonschema  # noqa: F401  only to know whether it is there
    except ImportError:
        print("1..0 # SKIP python3-jsonschema is not installed")
        return 0
    spec = importlib.util.spec_from_file_location("validate", ROOT / "tools" / "validate.py")
    validate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(validate)
    validators = validate.load()
    results = [(f"a {event['event']} line is fine",
                validate.check(json.dumps(event), validators) is None) for event in GOOD]
    for base in GOOD:
        for name in base:
            trouble = validate.check(json.dumps(changed(base, name, ...)), validators)
            results.append((f"{base['event']} without {name}", trouble))
    for base, path, value in BAD:
        trouble = validate.check(json.dumps(changed(base, path, value)), validators)
        results.append((f"{base['event']}.{path} = {value!r:.40}",
                        trouble and "SECRET" not in trouble))
    results += [(f"no line: {text[:20]}", validate.check(text, validators)) for text in RAW]
    print(f"1..{len(results)}")
    for number, (name, passed) in enumerate(results, 1):
        print(f"{'ok' if passed else 'not ok'} {number} - {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
