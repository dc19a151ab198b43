#!/usr/bin/python3
"""mcp_crowd.py - eight agents, each with a server of its own, do what agents do to the same
tasks until the time is over: some calls are cut, some servers killed and begun again.

    mcp_crowd.py FOLDER    ids that were made go to FOLDER/ids; prints "ok ..." for mcp_crowd.t
"""
import json
import os
import pathlib
import random
import sys
import threading
import time
import urllib.request

from mcp import Server, equal, error_of, holds

PLACE = pathlib.Path(sys.argv[1])
SECONDS = int(os.environ["MCP_CROWD_SECONDS"])
SEED = int(os.environ.get("MCP_CROWD_SEED", "1"))
SERVERS = 8
FOLDER = os.environ["FOLDER"]


class World:
    """What all of them share."""

    def __init__(self):
        self.lock, self.ids, self.errors = threading.Lock(), [], []
        self.calls = self.killed = self.cut = 0
        self.until = time.monotonic() + SECONDS

    def make_tasks(self, chance):
        ids = [f"crowd-{len(self.ids) + n}" for n in range(3)]
        body = {"account": "tester", "ids": ids, "prompt": f"a crowd [items=2] [seconds={chance.randint(0, 60)}]"}
        urllib.request.urlopen(os.environ["DREAMQ_API_BASE"] + "/_emulator/tasks", json.dumps(body).encode()).read()
        with self.lock:
            self.ids += ids
            (PLACE / "ids").write_text("\n".join(self.ids) + "\n")
            temporary = PLACE / "ids.new"
            temporary.write_text("\n".join(self.ids[-40:]) + "\n")
            temporary.rename(PLACE / "ids.now")

    def note(self, **counts):
        with self.lock:
            for name, n in counts.items():
                setattr(self, name, getattr(self, name) + n)

    def trouble(self, what):
        with self.lock:
            self.errors.append(str(what)[:500])


def call_of(chance, ids):
    """(tool, arguments): what an agent asks next."""
    some = chance.sample(ids, min(len(ids), chance.randint(1, 12)))
    return chance.choices([
        ("dreamq_get", {"ids": some, "max_wait_s": chance.randint(0, 4)}),
        ("dreamq_wait", {"ids": some, "max_wait_s": chance.randint(0, 3), "until": chance.choice(["all", "any"])}),
        ("dreamq_query", {"ids": some}),
        ("dreamq_list", {"limit": chance.randint(1, 50)}),
        ("dreamq_show", {"id": some[0]}),
        ("dreamq_stats", {}),
        ("dreamq_status", {}),
    ], [8, 4, 4, 3, 2, 1, 1])[0]


def known(server, tool, arguments, error):
    """A task that nobody has asked for yet is unknown to the ledger: that is an answer."""
    return tool == "dreamq_show" and error.get("class") == "not_found"


def agent(world, number):
    chance = random.Random(SEED * 100 + number)
    server = Server(args=["-o", FOLDER])
    while time.monotonic() < world.until:
        with world.lock:
            ids = world.ids[-60:]
        tool, arguments = call_of(chance, ids)
        world.note(calls=1)
        what = chance.random()
        if what < 0.02:  # the client gives up
            id = server.ask("tools/call", {"name": tool, "arguments": arguments})
            time.sleep(chance.random() * 0.3)
            server.send(json.dumps({"jsonrpc": "2.0", "method": "notifications/cancelled",
                                    "params": {"requestId": id}}).encode() + b"\n")
            world.note(cut=1)
        elif what < 0.025:  # and this one is killed
            server.ask("tools/call", {"name": tool, "arguments": arguments})
            time.sleep(chance.random() * 0.3)
            server.process.kill()
            server.process.wait()
            for fault in server.faults:
                world.trouble(fault)
            server = Server(args=["-o", FOLDER])
            world.note(killed=1)
        else:
            result = server.tool(tool, arguments)
            error = error_of(result) if result else {"class": "no answer"}
            if error and not known(server, tool, arguments, error):
                world.trouble(f"server {number}: {tool} {json.dumps(arguments)[:100]}: {error}")
    server.process.stdin.close()
    try:
        status = server.process.wait(30)
    except Exception:  # noqa: BLE001: it did not end
        server.process.kill()
        status = "still there"
    said = server.process.stderr.read().decode()
    if status != 0 or said or server.faults:
        world.trouble(f"server {number}: ended with {status}: {said[:300]} {server.faults[:3]}")


def main():
    world, chance = World(), random.Random(SEED)
    for _ in range(4):
        world.make_tasks(chance)
    agents = [threading.Thread(target=agent, args=(world, n)) for n in range(SERVERS)]
    for one in agents:
        one.start()
    while time.monotonic() < world.until:
        time.sleep(0.5)
        if len(world.ids) < 3 * SECONDS:
            world.make_tasks(chance)
    for one in agents:
        one.join()
    print(f"# killed: {world.killed}")
    print(f"# cut: {world.cut}")
    holds(world.calls > SECONDS, f"{SERVERS} servers: {world.calls} calls in {SECONDS} s", world.calls)
    holds(len(world.ids) > 10, f"on {len(world.ids)} tasks")
    holds(not world.errors, "no call was shown an error", world.errors[:5])
    equal(0, len([t for t in threading.enumerate() if t is not threading.main_thread()]), "every agent is done")


main()
