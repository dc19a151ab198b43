#!/usr/bin/env python3
"""How time and memory grow with the number of tasks.

    tools/bench_growth.py                       1 000 and 10 000 tasks
    tools/bench_growth.py --most 100000 --write docs/performance.md

`wait` and `get` of finished tasks with one small picture each, on a ledger that knows none
of them, and `get` once more, when all is there; the emulator serves the pictures, too, so
that what is told of the processor and of memory is ours alone. `n log n` is the processor's
time by n log n, as a multiple of the first row's: 1 and below is no worse than n log n.
"""
import argparse
import math
import pathlib
import shutil
import signal
import sys
import tempfile

import bench_files
import bench_peers as peers
import bench_serve as serve

PROMPT = "[items=1] [size=64x64] [jpeg]"


def ask_all(build, job, verb):
    more = {"wait": [], "get": ["--output-dir", job.out, "--jobs", peers.JOBS]}[verb]
    return [build / "dreamq", verb, "--quiet", "--requests-per-minute", "off", *more,
            "--input", job.ids]


def measure(build, folder, n):
    """verb -> Cost"""
    with serve.Emulator(build, folder, None) as emulator:
        ids = emulator.make_tasks([bench_files.Group(f"g{n}", "image", n, PROMPT)])
        (folder / "ids").write_text("\n".join(ids) + "\n")
        env = peers.clean_environment(folder) | {
            "DREAMQ_API_BASE": emulator.api(), "DREAMQ_SUBMIT_BASE": emulator.api()}
        job = peers.Job(folder, folder / "out", [], folder / "ids", env, build, {})
        costs = {}
        for name, verb in (("wait", "wait"), ("get", "get"), ("get again", "get")):
            if name != "get again":
                shutil.rmtree(folder / "state", ignore_errors=True)
                peers.clean(job)
            costs[name] = peers.run(ask_all(build, job, verb), job)
        got = len(peers.files_in(job.out))
        if got != n:
            raise serve.Trouble(f"{got} of {n} files came")
        shutil.rmtree(job.out)
    return costs


def rows_of(results):
    first = {}
    for n, costs in results:
        for name, cost in costs.items():
            share = cost.cpu / (n * math.log2(n))
            first.setdefault(name, share)
            yield [name, bench_files.count(n), f"{cost.wall:.1f} s", f"{cost.cpu:.1f} s",
                   f"{cost.mib:.0f} MiB", f"{share / first[name]:.2f}"]


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--least", type=int, default=1000)
    parser.add_argument("--most", type=int, default=10000)
    parser.add_argument("--build", type=pathlib.Path, default=bench_files.ROOT / "build")
    parser.add_argument("--dir", default="/var/tmp", help="where the files lie meanwhile")
    parser.add_argument("--write", type=pathlib.Path, metavar="FILE",
                        help="put the table between the markers of this document")
    parser.set_defaults(rounds=1, scale=1)  # for the facts
    args = parser.parse_args()
    args.build = args.build.resolve()
    return args


def main():
    args = read_arguments()
    if args.write:
        bench_files.check_document(args.write, ["growth"])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    results = []
    with tempfile.TemporaryDirectory(prefix="dreamq-bench-", dir=args.dir) as name:
        folder = pathlib.Path(name).resolve()
        serve.make_cookie(folder)
        fact = bench_files.facts(args, folder)
        n = args.least
        while n <= args.most:
            bench_files.tell(f"{n} tasks")
            results.append((n, measure(args.build, folder, n)))
            n *= 10
    bench_files.tell("")
    text = bench_files.table(["", "tasks", "time", "CPU", "peak memory", "n log n"],
                             sorted(rows_of(results), key=lambda row: row[0]))
    said = bench_files.facts_words(fact)
    print(f"{text}\n\n{said}")
    if args.write:
        command = f"tools/bench_growth.py --least {args.least} --most {args.most}"
        bench_files.write_document(args.write, {"growth": f"{text}\n\n{said} `{command}`"})


if __name__ == "__main__":
    try:
        main()
    except serve.Trouble as trouble:
        sys.exit(f"bench_growth: {trouble}")
    except KeyboardInterrupt:
        sys.exit(130)
