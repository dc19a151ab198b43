#!/usr/bin/python3
"""mcp_submits.py - many wishes through several servers of 'dreamq mcp' at once, whose calls are
repeated, doubled, cut and cancelled at random, and which are killed at random, while the
service loses answers: each wish is accepted at most once, and each is accepted in the end, or
told to have failed.

    mcp_submits.py N SEED     prints "ok LABEL" or "not ok LABEL", mcp_submits.t counts them
"""
import json
import os
import random
import sys
import threading
import time
import urllib.request

from mcp import MODERN, equal, holds
from mcp_paid import OLD, YES, Asker

API = os.environ["DREAMQ_API_BASE"]
LANES = 4
FAULTS = ["on=submit prob=0.10 : accept-then reset", "on=submit prob=0.05 : accept-then status 502", "on=submit prob=0.05 : accept-then empty",
          "on=submit prob=0.10 : reset", "on=submit prob=0.05 : ret 1310 msg=\"too many\"", "on=submit prob=0.05 : accept-then stall 2s"]
tally = {}
counting = threading.Lock()


def count(what):
    with counting:
        tally[what] = tally.get(what, 0) + 1


class Lane:
    """A client that is impatient: one server at a time, and a new one when it is gone."""

    def __init__(self, version, seed):
        self.version, self.random, self.server, self.told = version, random.Random(seed), None, {}

    def alive(self):
        if not self.server or self.server.process.poll() is not None:
            self.server = Asker(self.version)
        return self.server

    def kill(self):
        if self.server:
            self.server.process.kill()
            self.server.process.wait()
        self.server = None
        count("killed")

    def send(self, wish, **beside):
        return self.alive().ask("tools/call", {"name": "dreamq_submit", "arguments": wish, **beside})

    def hear(self, ids, seconds):
        """Answers to these, as many as come; questions are answered with a yes."""
        got, until = {}, time.monotonic() + seconds
        while set(ids) - set(got) and time.monotonic() < until:
            frame = self.server.line(max(0.01, until - time.monotonic()))
            if frame is None:
                break
            if frame.get("method") == "elicitation/create":
                self.server.reply(frame, YES)
                if self.random.random() < 0.2:
                    self.server.reply(frame, YES)
            elif frame.get("id") in ids:
                got[frame["id"]] = frame.get("result", {})
        return got

    def once(self, wish, seconds):
        """One exchange, or what there was time for."""
        ids = [self.send(wish)]
        if self.random.random() < 0.2:
            ids.append(self.send(wish))
            count("doubled")
        answers = list(self.hear(ids, seconds).values())
        asking = [a for a in answers if a.get("resultType") == "input_required"]
        if asking:
            said = {"inputResponses": {"consent": YES}, "requestState": asking[0]["requestState"]}
            ids = [self.send(wish, **said)]
            if self.random.random() < 0.3:
                ids.append(self.send(wish, **said))
                count("replayed")
            answers = list(self.hear(ids, seconds).values())
        return answers, ids

    def try_it(self, wish):
        """In some way that a client may have. Whatever is told is noted."""
        way = self.random.random()
        try:
            if way < 0.35:
                answers, ids = self.once(wish, self.random.uniform(0, 0.15))
                if way < 0.12:
                    self.kill()
                elif way < 0.25 and self.server:
                    for id in ids:
                        self.server.send(json.dumps({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": id}}).encode() + b"\n")
                    count("cut")
            else:
                answers, _ = self.once(wish, 30)
        except (BrokenPipeError, OSError):
            answers, self.server = [], None
        for answer in answers:
            self.note(wish, answer)

    def note(self, wish, answer):
        content = answer.get("structuredContent", {})
        if content.get("submit_id"):
            self.told.setdefault(wish["prompt"], set()).add(content["submit_id"])
            count(content["outcome"])


def wish_of(number):
    return {"prompt": f"wish {number} [seconds=0] [items=1]"}


def work(lane, numbers):
    for number in numbers:
        for _ in range(lane.random.choice([1, 1, 2, 3])):
            lane.try_it(wish_of(number))


def settle(lane, number, told):
    """Until it is accepted, or has failed: quietly, as a patient client."""
    outcome = {}
    for _ in range(40):
        answers, _ = lane.once(wish_of(number), 45)
        for answer in answers:
            lane.note(wish_of(number), answer)
            outcome = answer.get("structuredContent", outcome)
        if outcome.get("outcome") in ["submitted", "known", "failed"]:
            break
        if outcome.get("submit_id"):
            lane.server.tool("dreamq_wait", {"ids": [outcome["submit_id"]], "max_wait_s": 20})
    told[number] = outcome


def script(method, lines=()):
    urllib.request.urlopen(urllib.request.Request(API + "/_emulator/script", data="\n".join(lines).encode() if lines else None, method=method)).read()


def main():
    n, seed = int(sys.argv[1]), int(sys.argv[2])
    lanes = [Lane([MODERN, OLD[0], MODERN, OLD[1]][i], seed + i) for i in range(LANES)]
    order = random.Random(seed).sample(range(n), n)
    script("POST", FAULTS)
    # Each wish is in two lanes, and so comes to two servers, often at about the same time.
    threads = [threading.Thread(target=work, args=(lane, order[i % 2::2])) for i, lane in enumerate(lanes)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    script("DELETE")
    told = {}
    threads = [threading.Thread(target=lambda i=i: [settle(lanes[i], number, told) for number in range(i, n, LANES)]) for i in range(LANES)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    names = {}
    for lane in lanes:
        for prompt, ids in lane.told.items():
            names.setdefault(prompt, set()).update(ids)
        if lane.server:
            lane.server.end("a lane")
    accepted = json.load(urllib.request.urlopen(API + "/_emulator/stats"))["accepted_ids"]
    print("#", json.dumps(tally, sort_keys=True), file=sys.stderr)
    equal([], [p for p, ids in names.items() if len(ids) != 1], "each wish has one task, whoever was asked")
    equal([], [id for id, times in accepted.items() if times != 1], "nothing was accepted twice")
    failed = [number for number in range(n) if told.get(number, {}).get("outcome") == "failed"]
    ours = {next(iter(names[wish_of(number)["prompt"]])) for number in range(n) if wish_of(number)["prompt"] in names}
    equal(set(), set(accepted) - ours, "nothing was accepted that no call has told")
    holds(all(told.get(number, {}).get("outcome") in ["submitted", "known", "failed"] for number in range(n)), "each is told in the end",
          [told.get(number) for number in range(n) if told.get(number, {}).get("outcome") not in ["submitted", "known", "failed"]][:3])
    equal(n, len(accepted) + len([f for f in failed if not names.get(wish_of(f)["prompt"], set()) & set(accepted)]),
          f"each was accepted, or is told to have failed ({len(failed)} of {n})")
    holds(all(tally.get(what, 0) > 0 for what in ["killed", "cut", "doubled", "replayed"]), "in every way", tally)


main()
