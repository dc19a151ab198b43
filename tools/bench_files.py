#!/usr/bin/env python3
"""File downloads against the downloaders that people trust, on this machine.

    tools/bench_files.py                                  all of it, tables on stdout
    tools/bench_files.py --case small --scheme http --rounds 9
    tools/bench_files.py --json FILE --write docs/performance.md

nginx serves files on loopback; the emulator of the service answers polls with links to it.
curl, aria2 and wget2 get the links themselves, and are followed by sync(1) of what they
wrote, by the quicker of `sync -f` and `sync FILES`; dreamq gets the ids of the tasks, polls,
checks, writes its ledger. Everybody runs once a round, one after the other, in another order
each time. A ratio is the median over rounds of a peer's time by ours: above 1 we are quicker.
Tables show medians. Nothing is judged: times depend on what else runs here.
"""
import argparse
import collections
import json
import os
import pathlib
import platform
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile

import bench_peers as peers
import bench_serve as serve

ROOT = pathlib.Path(__file__).resolve().parent.parent

Group = collections.namedtuple("Group", "prefix kind tasks prompt")
# `kinds`: prompts that share the tasks; `wanted`: ratios with and without sync
Case = collections.namedtuple("Case", "name words tasks items size kinds wanted")
KIB, MIB = 1 << 10, 1 << 20
PICTURES = (("image", "[jpeg]"), ("image", ""))
CASES = [
    Case("small", "{files} of {size}", 1250, 4, 10 * KIB, PICTURES, (1.2, 1.0)),
    Case("mid", "{files} of {size}", 125, 4, MIB, PICTURES, (1.0, 1.0)),
    Case("big", "{files} of {size}", 4, 1, 256 * MIB, (("video", "[no-md5]"),), (1.0, 1.0)),
    Case("big-md5", "{files} of {size}, md5 promised", 4, 1, 256 * MIB, (("video", ""),), (None, None)),
    Case("tasks", "{tasks} tasks × 4 of {size}", 1000, 4, MIB, PICTURES, (None, None)),
    Case("many", "{files} of {size}", 12500, 4, 10 * KIB, PICTURES, (None, None)),
]
OURS, BARE = "dreamq", "dreamq --no-sync"
SERVER = {"http": "HTTP", "https1": "HTTPS, HTTP/1.1", "https2": "HTTPS, HTTP/2"}


def groups_of(case, scale):
    tasks = max(len(case.kinds), round(case.tasks * scale)) if case.tasks > 4 else case.tasks
    size = case.size if case.tasks > 4 else max(MIB, int(case.size * scale))
    share, rest = divmod(tasks, len(case.kinds))
    return [Group(f"{case.name}-{at}", kind, share + (at < rest),
                  f"{word} [items={case.items}] [bytes={size}] [size=64x64]")
            for at, (kind, word) in enumerate(case.kinds)]


def contestants(case, scheme, build):
    """Peers, and us. So many files are for our memory alone; what is done for each task
    needs a peer that does nothing."""
    ours = [peers.Peer(OURS, peers.dreamq, None, None, None)]
    if case.name == "many":
        return [], ours
    able = peers.peers_of(case.name, scheme)
    if case.name == "tasks":
        able = [peer for peer in able if peer.name == "curl"]
    if peers.can_skip_sync(build):
        ours.append(peers.Peer(BARE, peers.dreamq_no_sync, None, None, None))
    return able, ours


def run_round(case, job, sources, able, ours, turn):
    """One run of everybody: name -> [cost, cost of the sync behind it]."""
    runs = [(peer, job.case[peer.name]) for peer in able] + [(peer, None) for peer in ours]
    turn %= len(runs)
    costs = {}
    for peer, sync in runs[turn:] + runs[:turn]:
        if sync:
            costs[peer.name] = peers.run_peer(peer, job, sources, sync)
        else:
            peers.clean(job)
            costs[peer.name] = (peers.run(peer.argv(job), job), peers.Cost(0, 0, 0))
            peers.check_result(peer.name, job, sources)
    floors = {} if case.name == "many" else peers.run_floors(job, sources)
    return costs, floors


def measure(case, scheme, base, args, folder):
    groups = groups_of(case, args.scale)
    tell(f"{case.name}, {SERVER[scheme]}: files")
    with serve.Emulator(args.build, folder, base) as emulator:
        ids = emulator.make_tasks(groups)
        links = emulator.links(ids)
        sources = serve.make_files(emulator, folder, links)
        (folder / "ids").write_text("\n".join(ids) + "\n")
        env = peers.clean_environment(folder) | {
            "DREAMQ_API_BASE": emulator.api(), "DREAMQ_SUBMIT_BASE": emulator.api(),
            "DREAMQ_CA_FILE": str(folder / "ca.pem")}
        job = peers.Job(folder, folder / "out", links, folder / "ids", env,
                        args.build, {})
        able, ours = contestants(case, scheme, args.build)
        job.out.mkdir(exist_ok=True)
        for peer in able:
            tell(f"{case.name}, {SERVER[scheme]}: how {peer.name} is synced")
            job.case[peer.name] = peers.quicker_sync(peer, job, sources)
        rounds = []
        turns = 1 if case.name == "many" else args.rounds
        for turn in range(turns):
            tell(f"{case.name}, {SERVER[scheme]}: round {turn + 1} of {turns}")
            rounds.append(run_round(case, job, sources, able, ours, turn))
        shutil.rmtree(job.out)
    tell("")
    return result(case, scheme, groups, sources, job.case, rounds)


def result(case, scheme, groups, sources, syncs, rounds):
    runs = {}
    for costs, _ in rounds:
        for name, (cost, sync) in costs.items():
            runs.setdefault(name, []).append({
                "wall": cost.wall, "cpu": cost.cpu, "mib": cost.mib,
                "sync_wall": sync.wall, "sync_cpu": sync.cpu})
    floors = {name: {key: statistics.median(getattr(floors[name], key) for _, floors in rounds)
                     for key in ("wall", "cpu")} for name in rounds[0][1]}
    return {"case": case.name, "scheme": scheme, "files": len(sources),
            "tasks": sum(group.tasks for group in groups),
            "bytes": sum(path.stat().st_size for path in sources),
            "syncs": syncs, "runs": runs, "floors": floors}


# --- what the numbers say -------------------------------------------------------------

def column(runs, key, is_durable):
    more = {"wall": "sync_wall", "cpu": "sync_cpu"}.get(key)
    return [run[key] + (run[more] if is_durable and more else 0) for run in runs]


def median(runs, key, is_durable=False):
    return statistics.median(column(runs, key, is_durable))


def fastest(found, is_durable):
    able = [name for name in found["runs"] if name not in (OURS, BARE)]
    return min(able, key=lambda name: median(found["runs"][name], "wall", is_durable), default=None)


def ratio(found, peer, ours, key, is_durable):
    """The peer's by ours, in pairs."""
    pairs = zip(column(found["runs"][peer], key, is_durable), column(found["runs"][ours], key, False))
    return statistics.median(a / b for a, b in pairs)


def count(n):
    return f"{n:,}".replace(",", " ")


def size_words(size):
    unit, name = (MIB, "MiB") if size >= MIB else (KIB, "KiB")
    return f"{size / unit:.0f} {name}"


def words_of(found):
    case = next(case for case in CASES if case.name == found["case"])
    return case.words.format(files=count(found["files"]), tasks=count(found["tasks"]),
                             size=size_words(found["bytes"] / found["files"])), case


def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def cost_words(runs, is_durable):
    return (f"{median(runs, 'wall', is_durable):.2f} s, {median(runs, 'cpu', is_durable):.2f} s, "
            f"{median(runs, 'mib'):.0f} MiB")


def floor_words(found, peer, is_durable):
    """What the same promise alone takes, also by the peer's processor time: given the links,
    asking for them, reading the answers; then the other floors."""
    floors = found["floors"]
    ending = "" if is_durable else peers.NO_SYNC
    for name in peers.PROMISES:
        bare = floors[name + ending]
        by_peer = bare["cpu"] / median(found["runs"][peer], "cpu", is_durable)
        yield f"{bare['wall']:.2f} s, {bare['cpu']:.2f} s: {by_peer:.2f}"
    others = [name for name in floors if name.removesuffix(peers.NO_SYNC) not in peers.PROMISES]
    yield ", ".join(f"{name} {floors[name]['wall']:.2f}" for name in others)


def against_peers(results, is_durable):
    """The table of one promise: with sync, or without."""
    ours = OURS if is_durable else BARE
    rows = []
    for found in results:
        words, case = words_of(found)
        peer = fastest(found, is_durable)
        if found["case"] in ("tasks", "many") or ours not in found["runs"] or not peer:
            continue
        wanted = case.wanted[0 if is_durable else 1]
        others = ", ".join(f"{name} {median(runs, 'wall', is_durable):.2f}" for name, runs
                           in found["runs"].items() if name not in (OURS, BARE, peer))
        rows.append([words, SERVER[found["scheme"]],
                     f"{peer}: {cost_words(found['runs'][peer], is_durable)}",
                     others or "-", cost_words(found["runs"][ours], False),
                     f"**{ratio(found, peer, ours, 'wall', is_durable):.2f}**",
                     f"{wanted:.1f}" if wanted else "-",
                     f"{1 / ratio(found, peer, ours, 'cpu', is_durable):.2f}",
                     *floor_words(found, peer, is_durable)])
    head = ["work", "server", "fastest peer", "other peers", ours, "ratio", "wanted", "CPU ×",
            *peers.PROMISES, "floors"]
    return table(head, rows) if rows else ""


def end_to_end(results):
    rows = []
    for found in results:
        for ours in (OURS, BARE):
            if found["case"] == "tasks" and ours in found["runs"]:
                curl = found["runs"]["curl"]
                rows.append([words_of(found)[0], SERVER[found["scheme"]], ours,
                             cost_words(found["runs"][ours], False), cost_words(curl, False),
                             cost_words(curl, True),
                             f"**{1 / ratio(found, 'curl', ours, 'wall', False):.2f}**", "1.25"])
    head = ["work", "server", "", "get, to the last stored file", "bare curl", "curl and sync",
            "of bare", "wanted"]
    return table(head, rows) if rows else ""


def memory(results):
    rows = [[words_of(found)[0], SERVER[found["scheme"]], ours,
             f"{median(found['runs'][ours], 'wall'):.1f} s", f"{median(found['runs'][ours], 'mib'):.0f} MiB"]
            for found in results for ours in (OURS, BARE)
            if found["case"] in ("small", "many") and ours in found["runs"]]
    return table(["work", "server", "", "time", "peak memory"], rows) if rows else ""


TABLES = {
    "durable": ("Durable: everybody's bytes are on the disk",
                lambda results: against_peers(results, True)),
    "no-sync": ("Without sync", lambda results: against_peers(results, False)),
    "tasks": ("From `get` to the last stored file", end_to_end),
    "memory": ("Memory by the number of files", memory),
}


# --- the machine, the document, the command line -----------------------------------------

def first_line(argv):
    try:
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
    except OSError:
        return None
    return done.stdout.splitlines()[0].strip() if done.stdout else None


def facts(args, folder):
    system = first_line(["findmnt", "-no", "FSTYPE,OPTIONS", "-T", str(folder)]) or "?"
    versions = {peer.version[0]: first_line(peer.version) for peer in peers.PEERS}
    nginx = subprocess.run([shutil.which("nginx") or "/usr/sbin/nginx", "-v"],
                           capture_output=True, text=True, check=False)
    cpu = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    return {"cores": os.cpu_count(), "cpu": cpu.group(1) if cpu else platform.machine(),
            "kernel": platform.release(), "file_system": system,
            "load": os.getloadavg()[0], "rounds": args.rounds, "scale": args.scale,
            "dreamq": first_line([args.build / "dreamq", "--version"]),
            "commit": first_line(["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"]),
            "peers": {name: said for name, said in versions.items() if said},
            "nginx": nginx.stderr.strip().removeprefix("nginx version: ")}


def facts_words(fact):
    cut = [said.split(" (")[0].split(" - ")[0] for said in fact["peers"].values()]
    return (f"{fact['cores']} cores ({fact['cpu']}), Linux {fact['kernel']}, {fact['file_system'].split()[0]}; "
            f"load {fact['load']:.1f} when it began; {fact['nginx']}; {', '.join(cut)}; "
            f"{fact['dreamq']}, commit {fact['commit']}; {fact['rounds']} rounds"
            + (f", scale {fact['scale']}" if fact["scale"] != 1 else "") + ".")


def marks(name):
    return f"<!-- files: {name} -->", f"<!-- /files: {name} -->"


def check_document(path, names):
    """Before minutes are spent."""
    document = path.read_text()
    for name in names:
        begin, end = marks(name)
        if document.count(begin) != 1 or document.count(end) != 1:
            raise serve.Trouble(f"'{path}' has not one '{begin}' and one '{end}'")


def write_document(path, text_of, put=lambda old, new: new):
    """Put each table between its markers; what was not measured stays as it was."""
    document = path.read_text()
    for name, text in text_of.items():
        begin, end = marks(name)
        before, rest = document.split(begin)
        old, behind = rest.split(end)
        document = before + begin + "\n" + put(old.strip(), text) + "\n" + end + behind
    path.write_text(document)


# Rows that were measured together, and what was said of that run
Block = collections.namedtuple("Block", "head rows said")


def blocks_of(text):
    parts = text.split("\n\n") if text else []
    for at, part in enumerate(parts):
        if part.startswith("|"):
            lines = part.split("\n")
            said = parts[at + 1] if parts[at + 1:] and parts[at + 1][0] != "|" else ""
            yield Block(lines[:2], lines[2:], said)


def what_of(block, row):
    """The cells that say what was measured: the work, the server, who (without a title)."""
    columns = 3 if block.head[0].split(" | ")[2] == "" else 2
    return tuple(row.split(" | ")[:columns])


def merge(old, new):
    """What was measured again replaces its rows; others stay, with what was said of them."""
    fresh = list(blocks_of(new))
    again = {what_of(block, row) for block in fresh for row in block.rows}
    blocks, place = [], None
    for block in blocks_of(old):
        kept = [row for row in block.rows if what_of(block, row) not in again]
        if place is None and len(kept) < len(block.rows):
            place = len(blocks)
        if kept:
            blocks.append(block._replace(rows=kept))
    place = len(blocks) if place is None else place
    return "\n\n".join("\n".join(block.head + block.rows) + ("\n\n" + block.said if block.said else "")
                       for block in blocks[:place] + fresh + blocks[place:])


def tell(text):
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    names = [case.name for case in CASES]
    parser.add_argument("--case", action="append", choices=names, help="only these; all")
    parser.add_argument("--scheme", action="append", choices=serve.SCHEMES, help="only these; all")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--scale", type=float, default=1.0, help="so much of the files (1)")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    parser.add_argument("--dir", default="/var/tmp", help="where the files lie meanwhile")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="all numbers")
    parser.add_argument("--write", type=pathlib.Path, metavar="FILE",
                        help="put the rows between the markers of this document")
    args = parser.parse_args()
    args.build = args.build.resolve()
    return args


def wanted_pairs(args):
    """The last two measure us rather than servers: over HTTP, unless a scheme is named."""
    for case in CASES:
        if args.case and case.name not in args.case:
            continue
        own = case.name in ("tasks", "many")
        for scheme in args.scheme or (["http"] if own else serve.SCHEMES):
            yield case, scheme


def run_all(args, folder):
    serve.make_certificates(folder)
    serve.make_cookie(folder)
    ports = serve.free_ports(len(serve.SCHEMES))
    results = []
    before = None
    with serve.nginx(folder, ports):
        for case, scheme in wanted_pairs(args):
            if before not in (None, case.name):
                shutil.rmtree(folder / "files")
            for aside in folder.glob("aside-*"):
                shutil.rmtree(aside)
            before = case.name
            protocol = "http" if scheme == "http" else "https"
            base = f"{protocol}://127.0.0.1:{ports[serve.SCHEMES.index(scheme)]}"
            results.append(measure(case, scheme, base, args, folder))
    return results


def what_matters(words):
    """Without where files lie: a document says what was measured, not on whose disk."""
    places = ("--json", "--dir", "--build")
    return [word for at, word in enumerate(words)
            if word.split("=")[0] not in places and (at == 0 or words[at - 1] not in places)]


def main():
    args = read_arguments()
    if args.write:
        check_document(args.write, TABLES)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="dreamq-bench-", dir=args.dir) as name:
        folder = pathlib.Path(name).resolve()
        fact = facts(args, folder)
        results = run_all(args, folder)
    command = "tools/bench_files.py " + " ".join(what_matters(sys.argv[1:]))
    texts = {name: made for name, (_, make) in TABLES.items() if (made := make(results))}
    print(facts_words(fact))
    for name, text in texts.items():
        print(f"\n{TABLES[name][0]}\n\n{text}")
    if args.json:
        args.json.write_text(json.dumps({"facts": fact, "results": results}, indent=1) + "\n")
    if args.write:
        write_document(args.write, {name: f"{text}\n\n{facts_words(fact)} `{command.strip()}`"
                                    for name, text in texts.items()}, merge)


if __name__ == "__main__":
    try:
        main()
    except serve.Trouble as trouble:
        sys.exit(f"bench_files: {trouble}")
    except KeyboardInterrupt:
        sys.exit(130)
