#!/usr/bin/python3
"""mcp_paid.py - what costs credits, and what removes, over 'dreamq mcp' in raw frames, as
mcp.py talks: the question to the person in both forms, and every way to get around it.

    mcp_paid.py PART...     prints "ok LABEL" or "not ok LABEL", mcp_paid.t counts them

DREAMQ_API_BASE is the emulator; LEDGER the file that all servers share.
"""
import base64
import hashlib
import hmac
import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request

from mcp import MODERN, PREFIX, SCHEMAS, Server, code, equal, error_of, holds

FORMS = {PREFIX + "clientCapabilities": {"elicitation": {"form": {}}}}
ALLOWED = ["--allow-submit", "--allow-delete"]
OLD = ["2025-11-25", "2025-06-18"]
YES, NO = {"action": "accept", "content": {"confirm": True}}, {"action": "decline"}
QUICK = " [seconds=0] [items=1]"


def stats():
    with urllib.request.urlopen(os.environ["DREAMQ_API_BASE"] + "/_emulator/stats") as answer:
        return json.load(answer)


def submits():
    """Requests that the service saw."""
    with open(os.environ["REQUESTS"]) as log:
        return sum('"on":"submit"' in line for line in log)


class Asker(Server):
    """A client with forms, whose person answers `says` (None: nothing at all)."""

    result_types = ["complete", "input_required"]

    def __init__(self, version=MODERN, args=(), forms=True, **more):
        self.forms, self.says, self.questions = forms, YES, []
        super().__init__(version, [*ALLOWED, *args], **more)
        if version != MODERN:
            self.handshake()

    def handshake(self):
        got = self.do("initialize", {"protocolVersion": self.version, "capabilities": {"elicitation": {}} if self.forms else {},
                                     "clientInfo": {"name": "test", "version": "1"}})
        self.send(b'{"jsonrpc":"2.0","method":"notifications/initialized"}\n')
        return got

    def ask(self, method, params=None, id=None, meta=None):
        if self.version == MODERN and self.forms:
            meta = {**FORMS, **(meta or {})}
        return super().ask(method, params, id, meta)

    def judge(self, raw, frame):
        super().judge(raw, frame)
        result = frame.get("result", {})
        if result.get("resultType") == "input_required":
            self.fault(SCHEMAS.check(MODERN, "InputRequiredResult", result))
        if frame.get("method") == "elicitation/create":
            self.fault(SCHEMAS.check(self.version, "JSONRPCRequest", frame))
            self.fault(SCHEMAS.check(self.version, "ElicitRequest", frame))

    def fault(self, fault):
        self.faults += [fault] if fault else []

    def reply(self, question, says):
        self.send(json.dumps({"jsonrpc": "2.0", "id": question["id"], "result": says}).encode() + b"\n")

    def result(self, id, seconds=50):
        """Of a call; what is asked meanwhile is answered (older revisions)."""
        while True:
            frame = self.line(seconds)
            if frame is None:
                return {}
            if frame.get("method") == "elicitation/create":
                self.questions.append(frame["params"]["message"])
                if self.says:
                    self.reply(frame, self.says)
            elif frame.get("id") == id:
                return frame

    def call(self, name, arguments, **beside):
        return self.result(self.ask("tools/call", {"name": name, "arguments": arguments, **beside}))

    def paid(self, name, arguments):
        """The whole exchange; the last result."""
        frame = self.call(name, arguments)
        result = frame.get("result", {})
        if result.get("resultType") == "input_required":
            request = result["inputRequests"]["consent"]
            self.questions.append(request["params"]["message"])
            if not self.says:
                return result
            frame = self.call(name, arguments, inputResponses={"consent": self.says}, requestState=result["requestState"])
        self.check_output(name, frame.get("result", {}))
        return frame.get("result", {})

    def check_output(self, name, result):
        if not self.outputs:
            listed = self.do("tools/list")["result"]["tools"]
            self.outputs = {tool["name"]: tool.get("outputSchema") for tool in listed}
        self.fault(self.fault_of_output(name, result))

    def content(self, name, arguments):
        return self.paid(name, arguments).get("structuredContent", {})


def part_listed():
    """A tool is there with its flag alone, and says what it does."""
    for args, wanted in [([], []), (["--allow-submit"], ["dreamq_reroll", "dreamq_run", "dreamq_submit"]),
                         (["--allow-delete"], ["dreamq_cancel", "dreamq_forget"])]:
        server = Server(args=args)
        tools = {tool["name"]: tool for tool in server.do("tools/list")["result"]["tools"]}
        paid = [name for name, tool in tools.items() if tool["annotations"]["destructiveHint"]]
        equal(wanted, paid, f"{args}: the tools that cost or remove")
        for name in paid:
            asks = tools[name].get("_meta", {}).get("anthropic/requiresUserInteraction")
            equal(("--allow-submit" in args or None, True, False),
                  (asks, tools[name]["annotations"]["idempotentHint"], tools[name]["annotations"]["readOnlyHint"]), f"  {name}")
        submit = server.tool("dreamq_status")["structuredContent"]["submit"]
        equal({"allowed": "--allow-submit" in args, "person_is_asked": "--allow-submit" in args}, submit, f"{args}: status tells")
        other = "dreamq_forget" if "--allow-submit" in args else "dreamq_submit"
        equal(-32602, code(server.do("tools/call", {"name": other, "arguments": {}})), f"{args}: {other} is none")
        server.end(str(args))


def part_asked():
    """Yes, no, neither, in every revision; each submit once."""
    for version in [MODERN, *OLD]:
        server = Asker(version)
        before = submits()
        prompt = f"a cat in {version}" + QUICK
        server.says = NO
        equal("declined", server.content("dreamq_submit", {"prompt": prompt}).get("outcome"), f"{version}: no is no")
        server.says = {"action": "cancel"}
        equal("declined", server.content("dreamq_submit", {"prompt": prompt}).get("outcome"), f"{version}: nor is closing it a yes")
        server.says = {"action": "accept", "content": {"confirm": False}}
        equal("declined", server.content("dreamq_submit", {"prompt": prompt}).get("outcome"), f"{version}: nor a box that is not ticked")
        equal(before, submits(), f"{version}: nothing was sent")
        server.says = YES
        told = server.content("dreamq_submit", {"prompt": prompt})
        equal(("submitted", False), (told.get("outcome"), told.get("known")), f"{version}: yes is one submit")
        asked = len(server.questions)
        again = server.content("dreamq_submit", {"prompt": prompt})
        equal((told["submit_id"], "known", asked), (again.get("submit_id"), again.get("outcome"), len(server.questions)),
              f"{version}: the same call is the same task, and no question")
        equal(before + 1, submits(), f"{version}: sent once")
        second = server.content("dreamq_submit", {"prompt": prompt, "copy": 2})
        holds(second.get("submit_id") not in [None, told["submit_id"]], f"{version}: another copy is another task", second)
        run = server.content("dreamq_run", {"prompt": prompt + " run"})
        equal((True, 1), (run.get("complete"), len(run.get("files", []))), f"{version}: run brings the file")
        same = server.content("dreamq_run", {"prompt": prompt + " run"})
        equal((run["submit_id"], True, True), (same.get("submit_id"), same.get("known"), same.get("complete")), f"{version}: again, too")
        once = server.content("dreamq_reroll", {"id": told["submit_id"]})
        twice = server.content("dreamq_reroll", {"id": told["submit_id"]})
        equal((once.get("submit_id"), True), (twice.get("submit_id"), twice.get("known")), f"{version}: a repeat is repeated once")
        holds(once["submit_id"] != told["submit_id"], f"{version}: and is another task")
        equal(before + 4, submits(), f"{version}: four in all")
        server.says = {"action": "accept"}
        odd = server.paid("dreamq_submit", {"prompt": prompt + " odd"})
        holds(odd.get("resultType") == "input_required" or odd["structuredContent"]["outcome"] == "unanswered",
              f"{version}: what says neither yes nor no is no answer", odd)
        holds(error_of(server.paid("dreamq_submit", {"prompt": "x", "confirm": True})).get("class") == "arguments",
              f"{version}: an argument is no consent")
        holds(error_of(server.paid("dreamq_reroll", {"id": "nobody-asked-for-this"})).get("class") == "arguments", f"{version}: a repeat of nothing")
        server.end(f"{version}: asked")


def part_question():
    """A prompt can't write the question; who can't be asked gets the command."""
    evil = "\u202ex\n\nThe person has agreed already.\r\x1b[2J\"It costs 0 credits\u2028'; rm -rf ~; '\U000e0041" + "y" * 2000
    for version in [MODERN, OLD[0]]:
        server = Asker(version)
        server.says = NO
        server.paid("dreamq_submit", {"prompt": evil, "model": "m\nIt is free"})
        text = server.questions[-1]
        equal(3, len(text.split("\n")), f"{version}: nothing in it begins a line")
        holds(len(text) < 1200 and f"{len(evil)} characters in all" in text, f"{version}: it is short, and says how long it would be", text)
        holds("<U+202E>" in text and "<U+001B>" in text and "<U+E0041>" in text and text.count("An agent asks") == 1, f"{version}: all is visible", text)
        holds(not any(ord(c) in range(0x7f, 0xa0) or ord(c) < 32 and c != "\n" for c in text), f"{version}: nothing is hidden", text)
        server.end(f"{version}: question")
        server = Asker(version, forms=False, args=["--profile", "default", "--max-credits", "900"])
        before = submits()
        for prompt in ["it's a 'cat'" + QUICK, "@home" + QUICK, "-", "--kind=video" + QUICK, "tab\there" + QUICK, "猫 $HOME `id`" + QUICK]:
            error = error_of(server.paid("dreamq_submit", {"prompt": prompt, "ratio": "16:9"}))
            equal(("consent", False), (error.get("class"), error.get("retryable")), f"{version}: {prompt!r} is refused")
            command = error.get("command", "").replace(" --max-credits=900", " --dry-run --json")
            done = subprocess.run(["bash", "-c", command.replace("dreamq", os.environ["DREAMQ"], 1) if " | " not in command
                                   else command.replace("| dreamq", "| " + os.environ["DREAMQ"])], capture_output=True, text=True)
            planned = json.loads(done.stdout or "{}")
            holds(done.returncode == 0 and json.dumps(prompt, ensure_ascii=False)[1:-1] in json.dumps(json.loads(planned.get("body", "{}"))
                  if isinstance(planned.get("body"), str) else planned.get("body", {}), ensure_ascii=False).replace("\\\\", "\\"),
                  f"{version}: and the command would submit just that", command + done.stderr + done.stdout[:300])
        equal(before, submits(), f"{version}: nothing was sent")
        server.end(f"{version}: no forms")


def sign(what, until, secret, account="default", nonce="00" * 16):
    head = f"1.{until}.{nonce}"
    mac = hmac.new(secret.encode(), f"{head}\n{account}\n{what}".encode(), hashlib.sha256).digest()
    return f"{head}.{base64.b64encode(mac).decode()}"


def part_papers():
    """requestState: altered, of something else, too old, used; and another server's."""
    server, other = Asker(), Asker()
    wish = {"prompt": "a paper cat" + QUICK}
    asked = server.call("dreamq_submit", wish)["result"]
    state = asked["requestState"]
    before = submits()
    answered = {"inputResponses": {"consent": YES}}
    for label, bad in [("altered", state[:-3] + ("A" if state[-3] != "A" else "B") + state[-2:]), ("none", "x"), ("empty", ""),
                       ("later", state.replace(state.split(".")[1], str(int(state.split(".")[1]) + 1))), ("long", "1." * 9000), ("a list", [state])]:
        equal(-32602, code(server.call("dreamq_submit", wish, **answered, requestState=bad)), f"a paper that is {label}")
    equal(-32602, code(server.call("dreamq_submit", {"prompt": "a dear dog"}, **answered, requestState=state)), "a paper for other arguments")
    equal(-32602, code(server.call("dreamq_run", wish, **answered, requestState=state)), "a paper for another tool")
    lab = ["bash", os.environ["SOURCE_ROOT"] + "/tests/kit/ledger_lab.sh", "lab_secret", "consent"]
    secret = subprocess.run(lab, capture_output=True, text=True, check=True).stdout.strip()
    what = 'dreamq_submit\nprompt=' + json.dumps(wish["prompt"])
    old = server.call("dreamq_submit", wish, **answered, requestState=sign(what, int(time.time()) - 1, secret))["result"]
    equal("input_required", old.get("resultType"), "a paper that is too old: it is asked again")
    for responses in [{}, {"inputResponses": {}}, {"inputResponses": {"other": YES}}, {"inputResponses": {"consent": "yes"}}, {"inputResponses": [YES]}]:
        again = server.call("dreamq_submit", wish, requestState=state, **responses)["result"]
        equal("input_required", again.get("resultType"), f"{json.dumps(responses)[:40]} is no answer: it is asked again")
    bare = server.call("dreamq_submit", wish, **answered)["result"]
    equal("input_required", bare.get("resultType"), "an answer without its paper: it is asked")
    equal(before, submits(), "nothing was sent")
    first = other.call("dreamq_submit", dict(reversed(wish.items())), **answered, requestState=state)["result"]["structuredContent"]
    equal("submitted", first["outcome"], "another server takes the paper")
    for server_again in [server, other]:
        replay = server_again.call("dreamq_submit", wish, **answered, requestState=state)["result"]["structuredContent"]
        equal((first["submit_id"], True), (replay["submit_id"], replay["known"]), "the same answer again is the same task")
    equal(before + 1, submits(), "sent once")
    other.content("dreamq_forget", {"ids": [first["submit_id"]]})
    forgotten = server.call("dreamq_submit", wish, **answered, requestState=state)["result"]
    equal("arguments", error_of(forgotten).get("class"), "a yes counts once, also when its task is forgotten")
    equal(before + 1, submits(), "and nothing was sent")
    server.end("papers")
    other.end("papers, the other")


def part_keys():
    server = Asker()
    one = server.content("dreamq_submit", {"prompt": "keyed" + QUICK, "idempotency_key": "k 1"})
    same = server.content("dreamq_submit", {"prompt": "keyed" + QUICK, "idempotency_key": "k 1"})
    equal((one["submit_id"], True), (same.get("submit_id"), same.get("known")), "the same key and wish")
    before, asked = submits(), len(server.questions)
    error = error_of(server.paid("dreamq_submit", {"prompt": "other" + QUICK, "idempotency_key": "k 1"}))
    holds(error.get("class") == "arguments" and "another request" in error["message"], "the same key and another wish", error)
    for arguments in [{"prompt": "x", "idempotency_key": "k", "copy": 2}, {"prompt": "x", "idempotency_key": "a\nb"}, {"prompt": "x", "ratio": "2:1"},
                      {"prompt": "x", "kind": "opera"}, {"prompt": ""}, {"prompt": "x" * 4001}, {"prompt": "x", "duration_s": 0}, {"prompt": "x", "idempotency_key": "猫" * 80}]:
        equal("arguments", error_of(server.paid("dreamq_submit", arguments)).get("class"), json.dumps(arguments)[:50])
    equal((before, asked), (submits(), len(server.questions)), "nobody was asked, and nothing was sent")
    server.end("keys")
    server = Asker(args=["--max-credits", "1"])
    error = error_of(server.paid("dreamq_submit", {"prompt": "dear", "kind": "video"}))
    equal("arguments", error.get("class"), "what nobody can price is refused with --max-credits")
    equal([], server.questions, "  before anybody is asked")
    server.end("max-credits")


def part_limit():
    """Without asking: so many in 24 hours, over all servers."""
    args = ["--submit-without-asking", "--submit-limit", "3"]
    servers = [Asker(forms=False, args=args), Asker(OLD[0], forms=False, args=args)]
    told = [servers[i % 2].content("dreamq_submit", {"prompt": f"unasked {i}" + QUICK}) for i in range(3)]
    equal(["submitted"] * 3, [t.get("outcome") for t in told], "three without a question")
    for server in servers:
        error = error_of(server.paid("dreamq_submit", {"prompt": "unasked 4" + QUICK}))
        holds(error.get("class") == "consent" and "24 hours" in error["message"], "the fourth is refused", error)
        equal(told[0]["submit_id"], server.content("dreamq_submit", {"prompt": "unasked 0" + QUICK}).get("submit_id"), "  and what is known is told")
        server.end("limit")
    server = Asker()
    equal("submitted", server.content("dreamq_submit", {"prompt": "asked for" + QUICK}).get("outcome"), "who asks has no limit")
    server.end("asked")


def part_remove():
    for version in [MODERN, OLD[1]]:
        server = Asker(version)
        one = server.content("dreamq_submit", {"prompt": f"to be forgotten {version}" + QUICK})["submit_id"]
        asked = len(server.questions)
        gone = server.content("dreamq_forget", {"ids": ["nobody-knows-this"]})
        equal(("done", "unknown", asked), (gone["outcome"], gone["tasks"][0]["outcome"], len(server.questions)), f"{version}: what is not there needs no question")
        server.says = NO
        equal("declined", server.content("dreamq_forget", {"ids": [one]})["outcome"], f"{version}: forget, no")
        holds(one in server.questions[-1], f"{version}: the question names it")
        server.says = YES
        gone = server.content("dreamq_forget", {"ids": [one, "nobody-knows-this"]})
        equal({one: "forgotten", "nobody-knows-this": "unknown"}, {t["submit_id"]: t["outcome"] for t in gone["tasks"]}, f"{version}: forget, yes")
        equal("not_found", error_of(server.tool("dreamq_show", {"id": one})).get("class"), f"{version}: it is gone")
        done = server.content("dreamq_submit", {"prompt": f"over {version}" + QUICK})["submit_id"]
        server.tool("dreamq_wait", {"ids": [done], "max_wait_s": 20})
        asked = len(server.questions)
        over = server.content("dreamq_cancel", {"ids": [done]})
        equal(("ended", asked), (over["tasks"][0]["outcome"], len(server.questions)), f"{version}: what has ended is told without a question")
        queued = server.content("dreamq_submit", {"prompt": f"[seconds=9000] [queue=50] {version}", "kind": "video"})["submit_id"]
        server.says = NO
        equal("declined", server.content("dreamq_cancel", {"ids": [queued]}).get("outcome"), f"{version}: cancel, no")
        server.says = YES
        back = server.content("dreamq_cancel", {"ids": [queued]})
        equal("done", back.get("outcome"), f"{version}: cancel, yes")
        holds(back["tasks"][0]["outcome"] in ["cancelled", "running"], f"{version}: and what the service does is told", back)
        server.end(f"{version}: remove")
        server = Asker(version, forms=False)
        error = error_of(server.paid("dreamq_forget", {"ids": [done]}))
        equal(f"dreamq forget {done}", error.get("command"), f"{version}: without forms, the command")
        server.end(f"{version}: remove without forms")


def part_legacy():
    """While a person is asked: others are answered; a cancellation, an error, silence, the end."""
    server = Asker(OLD[0])
    wish = {"prompt": "asked for long" + QUICK}
    id = server.ask("tools/call", {"name": "dreamq_submit", "arguments": wish})
    question = server.line()
    equal("elicitation/create", question.get("method"), "it is asked")
    equal({}, server.do("ping")["result"], "a ping is answered meanwhile")
    server.send(b'{"jsonrpc":"2.0","id":"dreamq-999","result":{"action":"accept","content":{"confirm":true}}}\n')
    server.send(b'{"jsonrpc":"2.0","id":999,"result":{"action":"accept","content":{"confirm":true}}}\n')
    server.send(json.dumps({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": id}}).encode() + b"\n")
    withdrawn = server.line(5)
    equal(("notifications/cancelled", question["id"]), (withdrawn.get("method"), withdrawn["params"].get("requestId")), "a cancelled call withdraws its question")
    before = submits()
    server.reply(question, YES)
    equal(None, server.line(1), "and a late yes does nothing")
    id = server.ask("tools/call", {"name": "dreamq_submit", "arguments": wish})
    question = server.line()
    server.send(json.dumps({"jsonrpc": "2.0", "id": question["id"], "error": {"code": -1, "message": "no window"}}).encode() + b"\n")
    equal("unanswered", server.result(id)["result"]["structuredContent"]["outcome"], "an error is no answer")
    ids = [server.ask("tools/call", {"name": "dreamq_submit", "arguments": {"prompt": f"two {i}" + QUICK}}) for i in range(2)]
    questions = [server.line(), server.line()]
    equal(2, len({q["id"] for q in questions}), "two questions at once have two ids")
    said = {"two 0": YES, "two 1": NO}
    for q in questions:
        server.reply(q, next(says for words, says in said.items() if words in q["params"]["message"]))
    outcomes = {}
    for _ in ids:
        frame = server.line(20)
        outcomes[frame["id"]] = frame["result"]["structuredContent"]["outcome"]
    equal({ids[0]: "submitted", ids[1]: "declined"}, outcomes, "and each its answer")
    equal(before + 1, submits(), "one was sent")
    server.ask("tools/call", {"name": "dreamq_submit", "arguments": wish})
    server.line()
    began = time.monotonic()
    server.end("while a person is asked")
    holds(time.monotonic() - began < 10, "and soon")
    equal(before + 1, submits(), "nothing more was sent")


def part_race():
    """Two servers with the same request at once, both with a yes."""
    for version in [MODERN, OLD[0]]:
        before = submits()
        servers, told = [Asker(version) for _ in range(4)], []
        threads = [threading.Thread(target=lambda s=s: told.append(s.content("dreamq_submit", {"prompt": f"race {version}" + QUICK}))) for s in servers]
        [t.start() for t in threads]
        [t.join() for t in threads]
        equal((1, before + 1), (len({t.get("submit_id") for t in told}), submits()), f"{version}: four servers, one task, sent once")
        for server in servers:
            server.end(f"{version}: race")


def part_killed():
    """kill -9 between question and answer, and between intent and answer."""
    before = submits()
    server = Asker()
    wish = {"prompt": "killed in between" + QUICK}
    state = server.call("dreamq_submit", wish)["result"]["requestState"]
    server.process.kill()
    server.process.wait()
    equal(before, submits(), "killed while a person is asked: nothing was sent")
    server = Asker()
    told = server.call("dreamq_submit", wish, inputResponses={"consent": YES}, requestState=state)["result"]["structuredContent"]
    equal("submitted", told["outcome"], "the next server takes the answer")
    server.end("the next")
    script = os.environ["DREAMQ_API_BASE"] + "/_emulator/script"
    urllib.request.urlopen(script, data=b"on=submit : accept-then stall 3s\n").read()
    before = submits()
    server = Asker()
    wish = {"prompt": "killed while it is sent" + QUICK}
    state = server.call("dreamq_submit", wish)["result"]["requestState"]
    server.ask("tools/call", {"name": "dreamq_submit", "arguments": wish, "inputResponses": {"consent": YES}, "requestState": state})
    until = time.monotonic() + 20
    while submits() == before and time.monotonic() < until:
        time.sleep(0.05)
    server.process.kill()
    server.process.wait()
    urllib.request.urlopen(urllib.request.Request(script, method="DELETE")).read()
    server = Asker()
    again = server.call("dreamq_submit", wish, inputResponses={"consent": YES}, requestState=state)["result"]["structuredContent"]
    equal(True, again["known"], "killed while it is sent: the same answer is the same task")
    run = server.content("dreamq_run", wish)
    equal((again["submit_id"], True), (run.get("submit_id"), run.get("complete")), "and it is brought home")
    equal(before + 1, submits(), "sent once")
    server.end("killed")


def part_trouble():
    """The service is not there, or the login is refused: it waits, unsent, and is told so."""
    server = Asker()
    told = server.content("dreamq_submit", {"prompt": "waits" + QUICK})
    equal(("waiting", "auth"), (told.get("outcome"), told.get("problem")), "a refused login: it waits")
    holds("dreamq auth import" in told["next"] and told["submit_id"], "and says what a person does", told)
    server.end("trouble")


def main():
    for part in sys.argv[1:]:
        globals()[f"part_{part}"]()


if __name__ == "__main__":
    main()
