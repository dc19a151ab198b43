"""The contestants of tools/bench_files.py: how each is called with its best public flags,
and what a run of it takes.
"""
import collections
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

from bench_serve import HISTORY, Trouble, curl_config, object_of

JOBS = "16"
ASIDE_FILES, ASIDE_BYTES = 1000, 64 << 10  # many, and small ones

# seconds, seconds of a processor (with children), and the largest process in MiB
Cost = collections.namedtuple("Cost", "wall cpu mib")
# argv(job) is the command; its files go to job.out, which is its working folder
Peer = collections.namedtuple("Peer", "name argv cases schemes version")
# What everyone is asked to do: the links, their names, the tasks behind them
Job = collections.namedtuple("Job", "folder out links ids env build case")

TIME = shutil.which("time")
PROMISE, ASKED, READ = "bare promise", "links asked", "answers read"
NO_SYNC = ", no sync"


def clean_environment(folder):
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR", "LD_LIBRARY_PATH")
            if name in os.environ}
    return kept | {"LC_ALL": "C.UTF-8", "HOME": str(folder), "XDG_CONFIG_HOME": str(folder / "no"),
                   "XDG_STATE_HOME": str(folder / "state"),
                   "DREAMQ_COOKIE_FILE": str(folder / "cookie")}


def run(argv, job, stdout=subprocess.DEVNULL):
    """Of a child the kernel remembers what it was before exec: so the largest size comes
    from time(1), which is small, where that is there."""
    report = job.folder / "usage"
    argv = [str(word) for word in argv]
    timed = [TIME, "-q", "-f", "%M", "-o", str(report), *argv] if TIME else argv
    with open(job.folder / "errors", "wb") as errors:
        start = time.perf_counter()
        child = subprocess.Popen(timed, cwd=job.out, env=job.env, stdin=subprocess.DEVNULL,
                                 stdout=stdout, stderr=errors, start_new_session=True)
        try:
            _, status, usage = os.wait4(child.pid, 0)
        except BaseException:  # whoever goes on would write into folders that are removed
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
            raise
        wall = time.perf_counter() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        why = (job.folder / "errors").read_text(errors="replace")[-300:]
        raise Trouble(f"{argv[0]}: status {child.returncode}: {why}")
    kib = int(report.read_text()) if TIME else usage.ru_maxrss
    return Cost(wall, usage.ru_utime + usage.ru_stime, kib / 1024)


def curl(job):
    config = curl_config(job.folder / "list.curl", job.links, map(object_of, job.links))
    return ["curl", "-q", "--no-progress-meter", "--parallel", "--parallel-max", JOBS,
            "--cacert", job.folder / "ca.pem", "--config", config]


def receive(job):
    """The floor: bytes come, and go nowhere."""
    config = curl_config(job.folder / "null.curl", job.links, ["/dev/null"] * len(job.links))
    return ["curl", "-q", "--no-progress-meter", "--parallel", "--parallel-max", JOBS,
            "--cacert", job.folder / "ca.pem", "--config", config]


def aria2(job, *more):
    path = job.folder / "list.aria2"
    path.write_text("".join(f"{link}\n  out={object_of(link)}\n" for link in job.links))
    return ["aria2c", "--no-conf", "--quiet", "--file-allocation=none", "--auto-save-interval=0",
            "--summary-interval=0", "--check-integrity=false", "--disable-ipv6", "--async-dns=false",
            "--ca-certificate=" + str(job.folder / "ca.pem"), "-j", JOBS, "-i", path,
            *(more or ("-x1", "-s1"))]


def aria2_split(job):
    return aria2(job, "-x4", "-s4", "-k4M")


def wget2(job):
    path = job.folder / "list.wget2"
    path.write_text("".join(link + "\n" for link in job.links))
    shape = ["--force-directories", "--no-host-directories"] if "/video/" in job.links[0] else []
    return ["wget2", "--no-config", "--quiet", "--max-threads=" + JOBS, "--no-xattr",
            "--no-robots", "--cut-file-get-vars", "--ca-certificate=" + str(job.folder / "ca.pem"),
            *shape, "-i", path]


def dreamq(job, *more):
    """As after an installation: no ledger yet, no account known."""
    shutil.rmtree(job.folder / "state", ignore_errors=True)
    return [job.build / "dreamq", "get", "--quiet", "--output-dir", job.out, "--jobs", JOBS,
            "--requests-per-minute", "off", "--input", job.ids, *more]


def dreamq_no_sync(job):
    return dreamq(job, "--no-sync")


PEERS = [
    Peer("curl", curl, None, None, ["curl", "--version"]),
    Peer("aria2", aria2, None, ("http", "https1"), ["aria2c", "--version"]),
    Peer("aria2 split", aria2_split, ("big", "big-md5"), ("http", "https1"), ["aria2c", "--version"]),
    Peer("wget2", wget2, None, None, ["wget2", "--version"]),
]


def peers_of(case, scheme):
    return [peer for peer in PEERS if shutil.which(peer.version[0])
            and (not peer.cases or case in peer.cases)
            and (not peer.schemes or scheme in peer.schemes)]


def can_skip_sync(build):
    helped = subprocess.run([build / "dreamq", "get", "--help"], capture_output=True, text=True,
                            check=False)
    return "--no-sync" in helped.stdout


def files_in(folder):
    return [path for path in pathlib.Path(folder).rglob("*")
            if path.is_file() and not path.name.startswith(".dreamq-")]


def check_result(name, job, sources):
    """Everybody has to bring all of it: as many files, as many bytes."""
    got = sorted(path.stat().st_size for path in files_in(job.out))
    wanted = sorted(path.stat().st_size for path in sources)
    if got != wanted:
        raise Trouble(f"{name} brought {len(got)} files, {sum(got)} bytes of "
                      f"{len(wanted)} files, {sum(wanted)} bytes")


def clean(job):
    """What is there goes away, or aside: ext4 makes a file slowly where many were deleted
    within the last minutes (recently_deleted() in its ialloc.c), which would be measured."""
    sizes = [path.stat().st_size for path in files_in(job.out)]
    if len(sizes) >= ASIDE_FILES and sum(sizes) <= len(sizes) * ASIDE_BYTES:
        job.out.rename(tempfile.mkdtemp(prefix="aside-", dir=job.folder))
    else:
        shutil.rmtree(job.out, ignore_errors=True)
    job.out.mkdir()
    subprocess.run(["sync", "-f", job.out], check=False)


def sync_whole(job):
    return ["sync", "-f", job.out]


def sync_each(job):
    """xargs: a command takes no more than so many names."""
    names = job.folder / "names.sync"
    names.write_bytes(b"\0".join(os.fsencode(path) for path in [*files_in(job.out), job.out]))
    return ["xargs", "-0", "-a", names, "sync"]


SYNCS = {"sync -f": sync_whole, "sync FILES": sync_each}


def run_peer(peer, job, sources, sync):
    """What it takes, and what the sync behind it takes."""
    clean(job)
    cost = run(peer.argv(job), job)
    check_result(peer.name, job, sources)
    return cost, run(SYNCS[sync](job), job)


def quicker_sync(peer, job, sources):
    return min(SYNCS, key=lambda sync: run_peer(peer, job, sources, sync)[1].wall)


def bare(job, name, lines, *more):
    """tools/floors/bare_promise.c: the same promise, and nothing else."""
    shutil.rmtree(job.folder / "state", ignore_errors=True)
    (job.folder / "state").mkdir()
    path = job.folder / f"list.{name}"
    path.write_text("".join(f"{line}\n" for line in lines))
    return [job.build / "tools/floors/bare-promise", path, job.out,
            job.folder / "state" / "promise.db", *more]


def promise(job, *more):
    """It is given the links, as a peer is."""
    return bare(job, "promise", (f"{link} {object_of(link)}" for link in job.links), *more)


def promise_asked(job, *more, how="--skim"):
    """It asks for them, as we do: one program, so that nothing has to be added up."""
    return bare(job, "asked", job.ids.read_text().split(), *more, how,
                job.env["DREAMQ_API_BASE"] + HISTORY)


def promise_read(job, *more):
    """And reads the answers as JSON, instead of skimming them for what links look like."""
    return promise_asked(job, *more, how="--read")


PROMISES = {PROMISE: promise, ASKED: promise_asked, READ: promise_read}


def run_promises(job, sources):
    """The floors that files with sums and a ledger have, with sync and without."""
    costs = {}
    for name, argv in PROMISES.items():
        for ending, more in (("", []), (NO_SYNC, ["--no-sync"])):
            clean(job)
            costs[name + ending] = run(argv(job, *more), job)
            check_result(name, job, sources)
    return costs


def run_floors(job, sources):
    """What no downloader can be quicker than, each alone."""
    names = job.folder / "names.cp"
    names.write_bytes(b"\0".join(os.fsencode(path) for path in sources))
    costs = {"receive": run(receive(job), job)}
    clean(job)
    costs["cp"] = run(["xargs", "-0", "-a", names, "cp", "--reflink=never", "-t", job.out], job)
    costs["sync"] = run(sync_whole(job), job)
    # Not sha256sum, which asks no instruction of the processor for it everywhere.
    costs["sha256"] = run(["xargs", "-0", "-a", names, "openssl", "dgst", "-sha256", "-r"], job)
    return costs | run_promises(job, sources)
