#!/usr/bin/env python3
"""How long 'dreamq mcp' takes: to its first answer, and with many tasks in the ledger.

    BUILD=build tools/bench_mcp.py [--tasks 100000] [--write docs/performance.md]

Medians of 15. Prints a table; --write puts it between the marks of a document. Its status
is 1 when a limit is passed. The ledger is made by tools/parts/, its prompts here.
"""
import argparse
import json
import os
import pathlib
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("BUILD", "build")).resolve()
PREFIX = "io.modelcontextprotocol/"
META = {PREFIX + "protocolVersion": "2026-07-28", PREFIX + "clientCapabilities": {}}
ROUNDS = 15


class Server:
    def __init__(self, ledger, folder):
        env = {**os.environ, "XDG_CONFIG_HOME": folder, "XDG_STATE_HOME": folder, "HOME": folder}
        self.began, self.id = time.monotonic(), 0
        self.process = subprocess.Popen([BUILD / "dreamq", "mcp", "-q", "--ledger", ledger], env=env, cwd=folder,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, method, **params):
        """Milliseconds, and the result."""
        self.id += 1
        line = json.dumps({"jsonrpc": "2.0", "id": self.id, "method": method, "params": {**params, "_meta": META}})
        began = time.monotonic()
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()
        result = json.loads(self.process.stdout.readline())["result"]
        return (time.monotonic() - began) * 1000, result

    def call(self, name, **arguments):
        ms, result = self.ask("tools/call", name=name, arguments=arguments)
        if result.get("isError"):
            sys.exit(f"bench_mcp: {name}: {result['content'][0]['text']}")
        return ms

    def peak_mib(self):
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s*(\d+)", text)[1]) / 1024

    def end(self):
        self.process.stdin.close()
        self.process.wait(10)


def first_answer(ledger, folder):
    server = Server(ledger, folder)
    server.ask("server/discover")
    ms = (time.monotonic() - server.began) * 1000
    server.end()
    return ms


def measure(ledger, folder):
    """Rows: what, measured, limit, unit."""
    median = lambda ask: statistics.median(ask() for _ in range(ROUNDS))
    rows = [("start to first answer", median(lambda: first_answer(ledger, folder)), 30, "ms")]
    server = Server(ledger, folder)
    rows += [("tools/list", median(lambda: server.ask("tools/list")[0]), 50, "ms"),
             ("dreamq_list, 20 of all", median(lambda: server.call("dreamq_list")), 50, "ms"),
             ("dreamq_list, a word that no prompt has", median(lambda: server.call("dreamq_list", search="zzqx")), 50, "ms"),
             ("dreamq_list, a word of many", median(lambda: server.call("dreamq_list", search="cat")), 50, "ms"),
             ("resources/list", median(lambda: server.ask("resources/list")[0]), 50, "ms"),
             ("memory, at most", server.peak_mib(), 40, "MiB")]
    server.end()
    return rows


def table(rows, tasks):
    cores = os.cpu_count()
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout.strip() or "?"
    lines = [f"dreamq mcp with {tasks} tasks in the ledger{'':14} measured   limit"]
    lines += [f"{what:46} {value:8.1f} {limit:7} {unit}" for what, value, limit, unit in rows]
    lines += ["", f"{cores} cores, load {os.getloadavg()[0]:.1f}; commit {commit}"]
    return "\n".join(lines)


def write(path, text):
    page = path.read_text()
    changed, n = re.subn(r"(<!-- mcp -->\n).*?(<!-- /mcp -->)", lambda m: f"{m[1]}```\n{text}\n```\n{m[2]}", page, flags=re.S)
    if n != 1:
        sys.exit(f"'{path}' has not one pair of marks")
    path.write_text(changed)


def make_ledger(path, tasks):
    subprocess.run([BUILD / "tools/parts/bench-parts", "ledger", path, str(tasks)], check=True, stdout=subprocess.DEVNULL)
    with sqlite3.connect(path) as ledger:
        ledger.execute("UPDATE tasks SET model = 'high_aes_general_v30l', prompt = '一只小猫坐在窗台上, a cat on a "
                       "window sill, soft light, film grain, number ' || id || ' of many, 4k'")
    ledger.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", type=int, default=100000)
    parser.add_argument("--write", type=pathlib.Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        ledger = f"{folder}/many.db"
        make_ledger(ledger, args.tasks)
        rows = measure(ledger, folder)
    text = table(rows, args.tasks)
    print(text)
    if args.write:
        write(args.write, text)
    sys.exit(any(value > limit for _, value, limit, _ in rows))


main()
