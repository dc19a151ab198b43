#!/usr/bin/python3
"""mcp_tasks.py - the tasks extension of 'dreamq mcp' in raw frames, as mcp.py talks.

    mcp_tasks.py PART...     prints "ok LABEL" or "not ok LABEL", mcp_tasks.t counts them

DONE, SLOW, SOON and LATER are ids of tasks: over, hours away, some seconds away.
"""
import concurrent.futures
import os
import pathlib
import re
import sys
import time

from mcp import META, MODERN, PREFIX, Server, code, equal, holds

TASKS = PREFIX + "tasks"
DECLARED = {PREFIX + "clientCapabilities": {"extensions": {TASKS: {}}}}
NOBODY = "0" * 32


class TaskServer(Server):
    """Every request of it declares the extension, and every handle is held against it."""

    result_types = ["complete", "task"]

    def ask(self, method, params=None, id=None, meta=None):
        return super().ask(method, params, id, {**DECLARED, **(meta or {})})

    def judge(self, raw, frame):
        super().judge(raw, frame)
        result = frame.get("result", {})
        asked = self.asked.get(frame.get("id"), ("", {}))[0]
        if result.get("resultType") == "task" or asked == "tasks/get" and "result" in frame:
            self.faults += [fault for fault in [fault_of(result)] if fault]

    def call(self, name, **arguments):
        return (self.do("tools/call", {"name": name, "arguments": arguments}) or {}).get("result", {})

    def get(self, id):
        return self.do("tasks/get", {"taskId": id})

    def until_over(self, id, seconds=40):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            task = self.get(id).get("result", {})
            if task.get("status") != "working":
                return task
            time.sleep(0.2)
        return {"status": "late"}


def fault_of(task):
    """What is wrong with it, as the extension has a Task and its results."""
    stamp = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z"
    wrong = [name for name in ["createdAt", "lastUpdatedAt"] if not re.fullmatch(stamp, str(task.get(name)))]
    wrong += [name for name in ["ttlMs", "pollIntervalMs"] if type(task.get(name)) is not int or task[name] <= 0]
    wrong += [] if re.fullmatch("[0-9a-f]{32}", str(task.get("taskId"))) else ["taskId"]
    held = {"working": [], "completed": ["result"], "failed": ["error"], "cancelled": []}.get(task.get("status"), ["status"])
    wrong += [name for name in ["result", "error", "inputRequests"] if (name in task) != (name in held)]
    return wrong and f"a task with wrong {wrong}: {task}"


def result_of(task):
    return task.get("result", {}).get("structuredContent", {})


def part_tasks():
    done, slow, soon = os.environ["DONE"], os.environ["SLOW"], os.environ["SOON"]
    server = TaskServer(args=["-o", os.environ["FOLDER"]])
    at_once = server.call("dreamq_wait", ids=[done])
    equal(("complete", True), (at_once.get("resultType"), at_once["structuredContent"]["complete"]), "what has ended is told at once")
    for name, arguments in [("dreamq_query", {"ids": [slow]}), ("dreamq_wait", {"ids": [slow], "max_wait_s": 0}),
                            ("dreamq_wait", {"ids": [slow, done], "until": "any"}), ("dreamq_wait", {"ids": []}),
                            ("dreamq_list", {}), ("dreamq_verify", {})]:
        equal("complete", server.call(name, **arguments).get("resultType"), f"{name} {arguments} is no task")
    began = time.monotonic()
    handle = server.call("dreamq_get", ids=[soon, done], max_wait_s=1)
    holds(handle.get("resultType") == "task" and time.monotonic() - began < 4, "what goes on is a task, and soon", handle)
    working = server.get(handle["taskId"])["result"]
    equal(("complete", "working"), (working["resultType"], working["status"]), "which is there when it is told")
    other = server.call("dreamq_wait", ids=[slow])
    holds(other["taskId"] != handle["taskId"], "the next has another name")
    over = server.until_over(handle["taskId"])
    content = result_of(over)
    equal(("completed", True, "complete"), (over["status"], content.get("complete"), over.get("result", {}).get("resultType")), "it ends with a result")
    holds(content.get("files") and all(os.path.getsize(f["path"]) == f["bytes"] for f in content["files"]), "and the files are there", content)
    equal(handle["createdAt"], over["createdAt"], "it was made once")
    wrong = server.call("dreamq_get", ids=[soon], subfolder="../x")
    holds(wrong.get("isError"), "wrong arguments are no task", wrong)
    server.end("tasks")


def part_cancel():
    server = TaskServer()
    handle = server.call("dreamq_wait", ids=[os.environ["SLOW"]])
    for _ in range(2):
        got = server.do("tasks/cancel", {"taskId": handle["taskId"]})["result"]
        equal("complete", got["resultType"], "a task is cancelled")
    task = server.get(handle["taskId"])["result"]
    equal("cancelled", task["status"], "and says so")
    shown = server.tool("dreamq_show", {"id": os.environ["SLOW"]})["structuredContent"]["task"]
    holds(not shown["ended"], "what it waited for goes on", shown)
    equal("complete", server.do("tasks/update", {"taskId": handle["taskId"], "inputResponses": {"x": {"action": "accept"}}})["result"]["resultType"],
          "answers that nobody asked for are passed over")
    for method, params in [("tasks/get", {"taskId": NOBODY}), ("tasks/cancel", {"taskId": NOBODY}), ("tasks/get", {}),
                           ("tasks/update", {"taskId": NOBODY, "inputResponses": {}}), ("tasks/get", {"taskId": 7}), ("tasks/get", {"taskId": ""}),
                           ("tasks/update", {"taskId": handle["taskId"]}), ("tasks/get", {"taskId": "' OR 1=1 --"})]:
        equal(-32602, code(server.do(method, params)), f"{method} {params}")
    for method in ["tasks/list", "tasks/result"]:
        equal(-32601, code(server.do(method, {"taskId": handle["taskId"]})), f"there is no {method}")
    for method in ["tasks/get", "tasks/update", "tasks/cancel"]:
        frame = server.do(method, {"taskId": handle["taskId"]}, meta=META)
        equal((-32021, {"requiredCapabilities": {"extensions": {TASKS: {}}}}), (code(frame), frame["error"].get("data")),
              f"{method} of a client that has not declared it")
    plain = server.do("tools/call", {"name": "dreamq_wait", "arguments": {"ids": [os.environ["SLOW"]], "max_wait_s": 1}}, meta=META)
    equal("complete", plain["result"]["resultType"], "nor is it told a task")
    server.end("cancel")


def part_restart():
    """Of a server that was killed others know; the one that is asked goes on."""
    later = os.environ["LATER"]
    servers = [TaskServer(args=["-o", os.environ["FOLDER"]]) for _ in range(2)]
    id = servers[0].call("dreamq_get", ids=[later])["taskId"]
    equal("working", servers[1].get(id)["result"]["status"], "another server knows the task")
    for server in servers:
        server.process.kill()
        server.process.wait()
    server = TaskServer(args=["-o", os.environ["FOLDER"]])
    equal("working", server.get(id)["result"]["status"], "so does one that was begun later")
    server.process.kill()
    server.process.wait()
    servers = [TaskServer(args=["-o", os.environ["FOLDER"]]) for _ in range(3)]
    with concurrent.futures.ThreadPoolExecutor() as pool:
        overs = list(pool.map(lambda server: server.until_over(id), servers))
    equal(["completed"] * 3, [over["status"] for over in overs], "three that are asked at once end it")
    equal(1, len({str(result_of(over)) for over in overs}), "with one result")
    files = [path.name for path in (pathlib.Path(os.environ["FOLDER"])).rglob(f"{later}*")]
    equal([f"{later}_0"], [name.rsplit(".", 1)[0] for name in files], "its file is there once")
    id = servers[0].call("dreamq_wait", ids=[os.environ["SLOW"]])["taskId"]
    equal("working", servers[1].get(id)["result"]["status"], "two work on it")
    equal("complete", servers[2].do("tasks/cancel", {"taskId": id})["result"]["resultType"], "a third cancels it")
    equal(["cancelled"] * 3, [server.get(id)["result"]["status"] for server in servers], "for all")
    for number, server in enumerate(servers):
        began = time.monotonic()
        server.end(f"server {number}")
        holds(time.monotonic() - began < 5, f"server {number} ends soon", time.monotonic() - began)


def main():
    for part in sys.argv[1:]:
        globals()[f"part_{part}"]()


if __name__ == "__main__":
    main()
