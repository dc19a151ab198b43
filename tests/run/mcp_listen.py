#!/usr/bin/python3
"""mcp_listen.py - the notices of 'dreamq mcp' in raw frames: subscriptions of both eras.

    mcp_listen.py PART...     prints "ok LABEL" or "not ok LABEL", mcp_listen.t counts them

SLOW is the id of a task that goes on; NEXT is one that the ledger has not heard of.
"""
import fcntl
import os
import signal
import subprocess
import sys
import time

from mcp import LEGACY, META, MODERN, PREFIX, SCHEMAS, Server, code, equal, holds
from mcp_tasks import TaskServer, fault_of

SUBSCRIPTION = PREFIX + "subscriptionId"
NOTICES = {"notifications/subscriptions/acknowledged": "SubscriptionsAcknowledgedNotification",
           "notifications/resources/updated": "ResourceUpdatedNotification",
           "notifications/resources/list_changed": "ResourceListChangedNotification"}


class Listener(TaskServer):
    """Holds its notices against the schema of its revision."""

    def judge(self, raw, frame):
        super().judge(raw, frame)
        kind = NOTICES.get(frame.get("method"))
        fault = kind and SCHEMAS.check(self.version, kind, frame)
        if frame.get("method") == "notifications/tasks":
            fault = fault_of(frame["params"])
        self.faults += [fault] if fault else []

    def ask(self, method, params=None, id=None, meta=None):
        return super().ask(method, params, id, meta) if self.version == MODERN else Server.ask(self, method, params, id, meta)

    def listen(self, id, **filter):
        self.ask("subscriptions/listen", {"notifications": filter}, id=id)
        return self.notice()

    def notice(self, seconds=10):
        """The next (method, params); None: none in time."""
        if self.notices:
            frame = self.notices.pop(0)
        else:
            frame = self.line(seconds)
        return frame and (frame.get("method"), frame.get("params"))


def dreamq(*words):
    return subprocess.run([os.environ["DREAMQ"], *words], capture_output=True, text=True, check=False)


def tag(word):
    """Somebody else changes a task."""
    dreamq("tag", "-q", os.environ["SLOW"], "+" + word)


def part_modern():
    slow = os.environ["SLOW"]
    uri = "dreamq://task/" + slow
    server = Listener()
    got = server.listen(0, resourcesListChanged=True, toolsListChanged=True, promptsListChanged=True,
                        resourceSubscriptions=[uri, uri, "file:///etc/passwd", "dreamq://task/never-heard-of"], taskIds=["0" * 32])
    equal(("notifications/subscriptions/acknowledged",
           {"notifications": {"resourcesListChanged": True, "resourceSubscriptions": [uri, "dreamq://task/never-heard-of"]},
            "_meta": {SUBSCRIPTION: 0}}), got, "what is honoured is acknowledged")
    equal({SUBSCRIPTION: "é\""}, server.listen("é\"")[1]["_meta"], "another one, of nothing")
    equal(-32600, code(server.answer(server.ask("tools/list", id=0))), "its id is taken")
    tag("once")
    equal(("notifications/resources/updated", {"uri": uri, "_meta": {SUBSCRIPTION: 0}}), server.notice(), "a task that another changed")
    equal(None, server.notice(1.3), "is told once")
    dreamq("query", "-q", os.environ["NEXT"])
    equal(("notifications/resources/list_changed", {"_meta": {SUBSCRIPTION: 0}}), server.notice(), "a new task changes the list")
    server.send(b'{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":0}}\n')
    equal("complete", server.do("tools/list")["result"]["resultType"], "it is cancelled")
    tag("twice")
    equal(None, server.notice(1.3), "and nothing more is told")
    # a task of the extension, from its beginning to its end
    id = server.call("dreamq_wait", ids=[slow])["taskId"]
    got = server.listen("t", taskIds=[id, "nonsense"])
    equal({"taskIds": [id]}, got[1]["notifications"], "of tasks those that are known are honoured")
    got = server.notice()
    equal(("notifications/tasks", id, "working", {SUBSCRIPTION: "t"}), (got[0], got[1]["taskId"], got[1]["status"], got[1]["_meta"]), "how it is")
    other = Listener()
    other.do("tasks/cancel", {"taskId": id})
    got = server.notice()
    equal(("notifications/tasks", id, "cancelled"), (got[0], got[1]["taskId"], got[1]["status"]), "and what became of it, by another server")
    other.end("the other")
    for params, want, label in [({}, -32602, "no filter"), ({"notifications": []}, -32602, "a filter that is none")]:
        equal(want, code(server.do("subscriptions/listen", params)), label)
    frame = server.do("subscriptions/listen", {"notifications": {"taskIds": []}}, meta=META)
    equal((-32021, PREFIX + "tasks"), (code(frame), list(frame["error"]["data"]["requiredCapabilities"]["extensions"])[0]),
          "tasks of a client that does not know them")
    # the end of the server is told
    server.process.stdin.close()
    ends = [server.line(), server.line()]
    equal({"t", "é\""}, {frame["id"] for frame in ends}, "at the end both that are left are answered")
    holds(all(frame["result"]["_meta"][SUBSCRIPTION] == frame["id"] and PREFIX + "serverInfo" in frame["result"]["_meta"]
              and not SCHEMAS.check(MODERN, "SubscriptionsListenResult", frame["result"]) for frame in ends), "as the schema has it", ends)
    equal(0, server.process.wait(10), "and it ends")
    holds(not server.faults, "every frame follows the schemas", server.faults[:3])


def part_legacy():
    uri = "dreamq://task/" + os.environ["SLOW"]
    for version in LEGACY:
        server = Listener(version)
        offered = server.handshake()["result"]["capabilities"]["resources"]
        equal({"subscribe": True, "listChanged": True}, offered, f"{version}: it is offered")
        equal({}, server.do("resources/subscribe", {"uri": uri})["result"], f"{version}: subscribe")
        equal({}, server.do("resources/subscribe", {"uri": uri})["result"], f"{version}: once more is the same")
        tag(f"of-{version}")
        equal(("notifications/resources/updated", {"uri": uri}), server.notice(), f"{version}: what another changed is told")
        if version != LEGACY[0]:
            server.end(version)
            continue
        equal(None, server.notice(1.3), f"{version}: once")
        dreamq("forget", "-q", os.environ["NEXT"])
        dreamq("query", "-q", os.environ["NEXT"])
        equal(None, server.notice(1.3), f"{version}: who has not asked for the list hears nothing of it")
        server.do("resources/list")
        time.sleep(0.5)
        dreamq("forget", "-q", os.environ["NEXT"])
        equal(("notifications/resources/list_changed", {}), server.notice(), f"{version}: who has asked for it does")
        equal({}, server.do("resources/unsubscribe", {"uri": uri})["result"], f"{version}: unsubscribe")
        equal({}, server.do("resources/unsubscribe", {"uri": "dreamq://task/x"})["result"], f"{version}: what was none")
        server.notices.clear()
        tag(f"after-{version}")
        equal(None, server.notice(1.3), f"{version}: then nothing is told")
        equal(-32002, code(server.do("resources/subscribe", {"uri": "file:///etc/passwd"})), f"{version}: what is no resource")
        equal(-32602, code(server.do("resources/subscribe", {})), f"{version}: no uri")
        server.end(version)


def part_bounds():
    server = Listener()
    for number in range(32):
        equal("notifications/subscriptions/acknowledged", server.listen(f"n{number}", resourcesListChanged=True)[0], f"listener {number}") \
            if number % 31 == 0 else server.listen(f"n{number}", resourcesListChanged=True)
    equal(-32603, code(server.do("subscriptions/listen", {"notifications": {}})), "the 33rd is refused")
    server.send(b'{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"n3"}}\n')
    equal(-32603, code(server.do("subscriptions/listen", {"notifications": {
        "resourceSubscriptions": [f"dreamq://task/t{n}" for n in range(65)]}})), "so are 65 names at once")
    equal(64, len(server.listen("many", resourceSubscriptions=[f"dreamq://task/t{n}" for n in range(64)])[1]["notifications"]["resourceSubscriptions"]),
          "64 are not")
    server.process.stdin.close()
    equal(0, server.process.wait(10), "it ends with all of them")


def part_deaf():
    """A subscriber that never reads costs the others nothing, and ends when it is told to."""
    deaf, other = Listener(), Listener()
    uri = "dreamq://task/" + os.environ["SLOW"]
    deaf.listen("d", resourceSubscriptions=[uri])
    other.listen("o", resourceSubscriptions=[uri])
    fcntl.fcntl(deaf.process.stdout.fileno(), fcntl.F_SETPIPE_SZ, 4096)
    for number in range(8):  # fills what it does not read
        deaf.ask("tools/list")
        deaf.ask("nonsense")
    for word in ["deaf-1", "deaf-2"]:
        tag(word)
        equal("notifications/resources/updated", other.notice()[0], f"the other is told of {word}")
    deaf.process.send_signal(signal.SIGTERM)
    equal(0, deaf.process.wait(10), "who never reads ends by a signal")
    other.process.stdin.close()
    equal(0, other.process.wait(10), "so does the other, with its input")


def part_idle():
    """Nothing is looked at while nobody listens; once somebody does, once a second at most."""
    def opened(server):
        return sum(".db" in (os.readlink(f"/proc/{server.process.pid}/fd/{fd}") if os.path.islink(f"/proc/{server.process.pid}/fd/{fd}") else "")
                   for fd in os.listdir(f"/proc/{server.process.pid}/fd"))

    def threads(server):
        return len(os.listdir(f"/proc/{server.process.pid}/task"))
    server = Listener()
    server.do("server/discover")
    equal((0, 1), (opened(server), threads(server)), "who has asked for nothing has no ledger open, and one thread")
    server.listen("l", resourcesListChanged=True)
    holds(opened(server) > 0, "who listens looks into it")
    before = sum(map(int, open(f"/proc/{server.process.pid}/stat").read().rsplit(")", 1)[1].split()[11:13]))
    time.sleep(2)
    after = sum(map(int, open(f"/proc/{server.process.pid}/stat").read().rsplit(")", 1)[1].split()[11:13]))
    holds(after - before <= 20, "which costs little", f"{after - before} ticks in 2 s")
    server.send(b'{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"l"}}\n')
    until = time.monotonic() + 5
    while opened(server) and time.monotonic() < until:
        time.sleep(0.1)
    equal(0, opened(server), "and no longer when it is over")
    server.end("idle")


def main():
    dreamq("query", "-q", os.environ["SLOW"])
    for part in sys.argv[1:]:
        globals()[f"part_{part}"]()


if __name__ == "__main__":
    main()
