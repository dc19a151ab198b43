#!/usr/bin/env python3
"""Where dreamq's processor time goes for many small files: `perf`, rolled up by part.

    tools/profile_files.py
    tools/profile_files.py --write docs/performance.md
    tools/profile_files.py --instructions --write docs/performance.md

The setting is that of `tools/bench_files.py --case small --scheme http`. A run under perf
says in which part each sample was; what all of it takes is the median of runs without.
It needs perf, a build with debug information (meson's debugoptimized), and for the
kernel's share the right to see it.

--instructions counts instead, with callgrind, of a fifth of the files: no other work on
the machine changes that, but the kernel's is not in it. Beside dreamq stands the floor
that reads its answers. Sums of bytes are left out: valgrind's processor has no
instructions for sha256.
"""
import argparse
import collections
import contextlib
import pathlib
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile

import bench_files
import bench_peers as peers
import bench_serve as serve

RUNS, FREQUENCY, STACK_BYTES = 3, 1500, 8192

# A sample belongs to the first row that has a function of its stack.
Part = collections.namedtuple("Part", "group words functions")
FILE, LEDGER, NET, POLL, REST = "the file", "the ledger", "the transfer", "the answers", "the rest"
PARTS = [
    Part(FILE, "the partial made, its lock", ["folder_begin"]),
    Part(FILE, "sha256", ["folder_sum_next", "digest_add", "hash_peek"]),
    Part(FILE, "bytes into it", ["backlog_write_rest", "backlog_write"]),
    Part(FILE, "container walk", ["media_check"]),
    Part(FILE, "a name chosen", ["folder_choose"]),
    Part(FILE, "renamed, looked at again", ["give_names", "check_arrivals"]),
    Part(FILE, "`syncfs`", ["sync_shared", "seal_each", "sync_folders"]),
    Part(FILE, "closed", ["partial_close", "folder_close"]),
    Part(LEDGER, "the log: written, synced, emptied",
         ["sqlite3PagerCommitPhaseOne", "sqlite3WalFrames", "sqlite_tidy"]),
    Part(LEDGER, "intent and fact", ["sqlite_commit", "ledger_commit"]),
    Part(LEDGER, "what a poll has shown", ["sqlite_observe"]),
    Part(LEDGER, "what others did meanwhile", ["sqlite_find_assets"]),
    Part(LEDGER, "leases, budget, adopting, counts, opening", ["ledger_run", "sqlite_open_url"]),
    Part(POLL, "inflated", ["inflate"]),
    Part(POLL, "scanned, judged, copied out", ["finish_poll"]),
    Part(NET, "a request made and freed", ["request_new", "request_free"]),
    Part(NET, "`send`, `recv`, `poll`", ["send", "__send", "__libc_send", "recv", "__recv",
                                         "__libc_recv", "poll", "__poll", "__GI___poll"]),
    Part(NET, "libcurl, and what hears its bytes", ["curl_multi_perform", "net_perform",
                                                    "net_wait"]),
    Part(REST, "threads that wait for each other", ["work", "workers_post"]),
    Part(REST, "the loop: names, events, lines on stdout", ["engine_run"]),
]


# What a part is the sum of, with all that is called from there; what follows a "-" is
# called from there and belongs elsewhere. In dreamq, and in the floor.
Counted = collections.namedtuple("Counted", "group words ours floor")
COUNTED = [
    Counted(POLL, "unpacked", "gunzip", "gunzip"),
    Counted(POLL, "scanned as JSON", "json_scan_whole", "json_scan_tape"),
    Counted(POLL, "made into trees, looked through for keys that come twice",
            "json_tape_tree json_tape_may_double", ""),
    Counted(POLL, "judged, copied out", "record_judge", ""),
    Counted(LEDGER, "opened", "ledger_open_with", "open_ledger"),
    Counted(LEDGER, "what a poll has shown", "ledger_observe", ""),
    Counted(LEDGER, "intent and fact", "ledger_commit", "name_files"),
    Counted(LEDGER, "what others did meanwhile", "ledger_find_assets", ""),
    Counted(LEDGER, "leases, adopting, counts",
            "ledger_adopt ledger_lease ledger_lease_release ledger_count_polls", ""),
    Counted(NET, "libcurl", "curl_multi_perform -on_body -on_header -on_connected",
            "curl_multi_perform -take_bytes"),
    Counted(NET, "a request made and freed", "request_new request_free", "begin"),
    Counted(FILE, "a partial, its bytes, its container, its name",
            "folder_begin folder_write folder_sum folder_choose folder_flush folder_close "
            "-SHA256_Update", "take_bytes -SHA256_Update"),
]


def find_part(stack):
    for at, part in enumerate(PARTS):
        if any(name in stack for name in part.functions):
            return at
    return None


def read_stacks(folder):
    """The functions of each sample, a set."""
    argv = ["perf", "script", "-i", folder / "perf.data", "-F", "ip,sym"]
    stack = set()
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          text=True, errors="replace") as script:
        for line in script.stdout:
            words = line.split()
            if words:
                stack.add(" ".join(words[1:]).removesuffix(" (inlined)"))
            elif stack:
                yield stack
                stack = set()
    if stack:
        yield stack


def profile(job, folder):
    """How many samples were in each part, by its place; None: in no one's."""
    perf = ["perf", "record", "-q", "-F", FREQUENCY, "--call-graph", f"dwarf,{STACK_BYTES}",
            "-o", folder / "perf.data", "--"]
    peers.run([*perf, *peers.dreamq(job)], job)
    counts = collections.Counter(map(find_part, read_stacks(folder)))
    if not sum(counts.values()):
        raise serve.Trouble("perf has seen nothing: may this user profile?")
    return counts


@contextlib.contextmanager
def setting(args, folder, port):
    """The servers, and what everybody is to bring: the job, and the files of nginx."""
    case = next(case for case in bench_files.CASES if case.name == "small")
    groups = bench_files.groups_of(case, args.scale)
    with serve.Emulator(args.build, folder, f"http://127.0.0.1:{port}") as emulator:
        ids = emulator.make_tasks(groups)
        links = emulator.links(ids)
        sources = serve.make_files(emulator, folder, links)
        (folder / "ids").write_text("\n".join(ids) + "\n")
        env = peers.clean_environment(folder) | {
            "DREAMQ_API_BASE": emulator.api(), "DREAMQ_SUBMIT_BASE": emulator.api()}
        job = peers.Job(folder, folder / "out", links, folder / "ids", env,
                        args.build, {})
        job.out.mkdir()
        yield job, sources


def measure(args, folder, port):
    with setting(args, folder, port) as (job, sources):
        costs = {}
        for name, argv in (("dreamq", peers.dreamq), ("wget2", peers.wget2), ("curl", peers.curl),
                           ("curl to `/dev/null`", peers.receive),
                           *peers.PROMISES.items()):
            costs[name] = cpu_of(name, argv, job, sources)
        bench_files.tell("under perf")
        peers.clean(job)
        counts = profile(job, folder)
    bench_files.tell("")
    return profile_words(len(sources), {name: cost for name, cost in costs.items() if cost}, counts)


def cpu_of(name, argv, job, sources):
    """Seconds of a processor, the median; None: it is not installed."""
    if argv not in (peers.dreamq, *peers.PROMISES.values()) and not shutil.which(name.split()[0]):
        return None
    seconds = []
    for turn in range(RUNS):
        bench_files.tell(f"{name}, {turn + 1} of {RUNS}")
        peers.clean(job)
        seconds.append(peers.run(argv(job), job).cpu)
        if argv is not peers.receive:
            peers.check_result(name, job, sources)
    return statistics.median(seconds)


def rows_of(n_files, cpu, counts):
    each = cpu / n_files * 1e6 / sum(counts.values())
    groups = collections.Counter()
    for at, n in counts.items():
        groups[REST if at is None else PARTS[at].group] += n
    for group, n_group in groups.most_common():
        yield [f"**{group}**", "", f"**{n_group * each:.0f}**"]
        rows = [(n, "unknown" if at is None else PARTS[at].words) for at, n in counts.items()
                if (REST if at is None else PARTS[at].group) == group]
        for n, words in sorted(rows, reverse=True):
            yield ["", words, f"{n * each:.0f}"]
    yield ["**all**", "", f"**{cpu / n_files * 1e6:.0f}**"]


def profile_words(n_files, costs, counts):
    text = bench_files.table(["", "", "µs of a processor, each file"],
                             rows_of(n_files, costs["dreamq"], counts))
    return text + "\n\n" + ", ".join(f"{name} {cpu:.2f} s" for name, cpu in costs.items()) + \
        f" of a processor for {bench_files.count(n_files)} files; {sum(counts.values())} samples."


# --- instructions -------------------------------------------------------------------------

ANNOTATED = re.compile(r"\s*([\d,]+) \(.*?\)\s+\S*?:(\w+)(?:\.\w+)* \[")


def count(argv, job, folder):
    """The instructions of each function with what it calls; of all of it as `None`."""
    out = folder / "callgrind.out"
    peers.clean(job)
    peers.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", *argv], job)
    said = serve.quiet(["callgrind_annotate", "--inclusive=yes", "--threshold=100", "--auto=no", out])
    total = re.search(r"([\d,]+) \(.*?PROGRAM TOTALS", said)
    if not total:
        raise serve.Trouble("callgrind_annotate tells no totals")
    counts = {None: number(total.group(1))}
    for found in filter(None, map(ANNOTATED.match, said.splitlines())):
        name = found.group(2)
        counts[name] = max(counts.get(name, 0), number(found.group(1)))
    return counts


def number(text):
    return int(text.replace(",", ""))


def sum_of(counts, functions):
    return sum(-counts.get(name[1:], 0) if name[0] == "-" else counts.get(name, 0)
               for name in functions.split())


def counted_rows(n_files, ours, floor):
    def each(n):
        return f"{n / n_files / 1000:.0f}"

    rows = [(part.group, part.words, sum_of(ours, part.ours), sum_of(floor, part.floor))
            for part in COUNTED]
    wholes = [counts[None] - counts.get("SHA256_Update", 0) for counts in (ours, floor)]
    rest = [whole - sum(row[at] for row in rows) for at, whole in enumerate(wholes, 2)]
    rows.append((REST, "the loop, names, events, lines on stdout, the loader", *rest))
    for group in dict.fromkeys(row[0] for row in rows):
        of_group = [row for row in rows if row[0] == group]
        yield [f"**{group}**", "", *(f"**{each(sum(row[at] for row in of_group))}**" for at in (2, 3))]
        yield from (["", row[1], each(row[2]), each(row[3])] for row in of_group)
    yield ["**all**", "", *(f"**{each(whole)}**" for whole in wholes)]


def measure_instructions(args, folder, port):
    with setting(args, folder, port) as (job, sources):
        counts = []
        for name, argv in (("dreamq", peers.dreamq), (peers.READ, peers.promise_read)):
            bench_files.tell(f"{name}, under callgrind")
            counts.append(count(argv(job), job, folder))
            peers.check_result(name, job, sources)
    bench_files.tell("")
    text = bench_files.table(["", "thousand instructions, each file", "dreamq", peers.READ],
                             counted_rows(len(sources), *counts))
    return text + f"\n\n{bench_files.count(len(sources))} files; neither the kernel's nor sha256's."


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--instructions", action="store_true", help="count them, by part")
    parser.add_argument("--scale", type=float, help="so much of the files (1; of instructions 0.2)")
    parser.add_argument("--build", type=pathlib.Path, default=bench_files.ROOT / "build")
    parser.add_argument("--dir", default="/var/tmp", help="where the files lie meanwhile")
    parser.add_argument("--write", type=pathlib.Path, metavar="FILE",
                        help="put the table between the markers of this document")
    args = parser.parse_args()
    args.build = args.build.resolve()
    args.scale = args.scale or (0.2 if args.instructions else 1.0)
    return args


def main():
    args = read_arguments()
    tool, package = ("valgrind", "valgrind") if args.instructions else ("perf", "linux-perf")
    if not shutil.which(tool):
        raise serve.Trouble(f"{tool} is not installed (Debian: {package})")
    table = "instructions" if args.instructions else "profile"
    if args.write:
        bench_files.check_document(args.write, [table])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="dreamq-bench-", dir=args.dir) as name:
        folder = pathlib.Path(name).resolve()
        serve.make_certificates(folder)
        serve.make_cookie(folder)
        ports = serve.free_ports(len(serve.SCHEMES))
        with serve.nginx(folder, ports):
            text = (measure_instructions if args.instructions else measure)(args, folder, ports[0])
    print(text)
    if args.write:
        bench_files.write_document(args.write, {table: text})


if __name__ == "__main__":
    try:
        main()
    except serve.Trouble as trouble:
        sys.exit(f"profile_files: {trouble}")
    except KeyboardInterrupt:
        sys.exit(130)
