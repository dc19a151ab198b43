#!/usr/bin/python3
"""Damage a ledger at random, and see what dreamq makes of it.

    damage.py FOLDER ROUNDS SEED LINES_FILE

FOLDER holds ledger.db with its -wal, -shm and -mark as a run has left them, `old.db` (an
older copy) and `other.db` (another ledger). A line of LINES_FILE is "ID KEY PROMPT" of a
task that was accepted under that key. DREAMQ is the program, the rest of the environment
leads to the emulator. Each round damages a fresh copy once for each command. Prints what
was wrong, and a line of counts at the end.
"""
import collections
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import urllib.request

STATUSES = {0, 1, 2, 3, 4, 5, 6, 7, 8}
TIME_LIMIT_S = 120


def flip(data, rng):
    for _ in range(rng.choice((1, 1, 1, 2, 4, 16))):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return data


def flip_heads(data, rng):
    """In the head of a page, where its shape is."""
    page = rng.randrange(max(1, len(data) // 4096)) * 4096
    data[min(len(data) - 1, page + rng.randrange(64))] ^= 1 << rng.randrange(8)
    return data


def overwrite(data, rng):
    at = rng.randrange(len(data))
    for i in range(at, min(len(data), at + rng.choice((8, 100, 4096)))):
        data[i] = rng.randrange(256)
    return data


def zero(data, rng):
    at = rng.randrange(len(data)) // 4096 * 4096
    data[at:at + 4096] = bytes(len(data[at:at + 4096]))
    return data


def cut(data, rng):
    return data[:rng.randrange(len(data))]


def cut_at_page(data, rng):
    return data[:rng.randrange(len(data) // 4096 + 1) * 4096]


def swap_pages(data, rng):
    n = len(data) // 4096
    if n > 2:
        a, b = (rng.randrange(1, n) * 4096 for _ in range(2))
        data[a:a + 4096], data[b:b + 4096] = data[b:b + 4096], data[a:a + 4096]
    return data


def append(data, rng):
    return data + bytearray(rng.randrange(256) for _ in range(rng.randrange(1, 5000)))


BYTES = (flip, flip, flip, flip_heads, flip_heads, overwrite, zero, cut, cut_at_page, swap_pages,
         append)


def damage(folder, rng):
    """Damage one file of the ledger in `folder`; says what was done."""
    suffix = rng.choice(("", "", "-wal", "-wal", "-shm", "-mark"))
    path = folder / f"ledger.db{suffix}"
    kind = rng.randrange(100)
    if kind < 8:
        path.unlink()
        return f"deletion of '{suffix}'"
    if kind < 20:
        source = folder / rng.choice(("old.db", "other.db", "ledger.db", "ledger.db-wal"))
        path.write_bytes(source.read_bytes())
        return f"'{suffix}' is now {source.name}"
    data = bytearray(path.read_bytes())
    work = rng.choice(BYTES)
    if data:
        path.write_bytes(work(data, rng))
    return f"{work.__name__} in '{suffix}'"


def accepted():
    url = os.environ["DREAMQ_API_BASE"] + "/_emulator/stats"
    with urllib.request.urlopen(url, timeout=60) as answer:
        return json.load(answer)["accepted_ids"]


class Campaign:
    def __init__(self, source, work, lines):
        self.source, self.work, self.lines = source, work, lines
        self.wrong = collections.Counter()
        self.statuses = collections.Counter()
        self.rounds = self.commands = 0

    def complain(self, what, where, detail):
        self.wrong[what] += 1
        if self.wrong[what] <= 10:
            print(f"{what}: {where}: {detail[-600:]}")

    def fresh(self):
        shutil.rmtree(self.work, ignore_errors=True)
        shutil.copytree(self.source, self.work)

    def run(self, where, args):
        self.commands += 1
        command = [os.environ["DREAMQ"], "--ledger", str(self.work / "ledger.db"), *args]
        try:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True,
                                  timeout=TIME_LIMIT_S, check=False)
        except subprocess.TimeoutExpired:
            self.complain("hang", where, " ".join(args))
            return None
        self.statuses[done.returncode] += 1
        told = done.stderr.decode(errors="replace")
        if done.returncode not in STATUSES or "Sanitizer" in told or "runtime error" in told:
            self.complain("crash", where, f"{done.returncode} {args}: {told}")
        elif done.returncode and not told.strip():
            self.complain("silent", where, f"{done.returncode} {args}: no word")
        return done

    def lab(self, *words):
        """What ledger_lab.sh prints."""
        lab = pathlib.Path(__file__).resolve().parents[1] / "kit" / "ledger_lab.sh"
        return subprocess.run(["bash", str(lab), *words], check=True, capture_output=True, text=True,
                              env=os.environ | {"LEDGER": str(self.work / "ledger.db")}).stdout

    def count_rows(self, where, args):
        done = self.run(where, args)
        if not done:
            return
        ids = {json.loads(line)["submit_id"] for line in done.stdout.splitlines()
               if b'"event":"task"' in line}
        if len(ids) < len(self.lines) and done.returncode == 0:
            self.complain("silent", where, f"{len(ids)} of {len(self.lines)} rows and no word")

    def expect_known(self, where, args):
        done = self.run(where, args)
        if done and done.returncode == 1:
            self.complain("silent", where, f"{args} is called unknown: {done.stderr.decode()}")

    def has_key(self, where, key):
        done = self.run(where, ["list", "--all-accounts", "--json"])
        return done and any(json.loads(line).get("idempotency_key") == key
                            for line in done.stdout.splitlines() if b'"event":"task"' in line)

    def recover(self, where, key, submit):
        """Recovered, accepted, and used for long: true when the key was lost, and is new."""
        saved = self.work / "saved.db"
        done = self.run(where, ["ledger", "recover", str(saved)])
        if not done or done.returncode:
            return False
        done = self.run(where, ["ledger", "accept", str(saved)])
        if not done or done.returncode:
            self.complain("silent", where, "what was saved is not accepted")
            return False
        is_known = self.has_key(where, key)
        self.lab("lab_denied_long_ago")
        self.run(where, ["query", "somebody-elses-id"])
        self.run(where, submit)
        return not is_known

    def round(self, seed):
        self.rounds += 1
        task, key, prompt = random.Random(seed).choice(self.lines)
        submit = ["submit", "--prompt", prompt, "--idempotency-key", key, "--max-wait", "0"]
        works = (
            ("list", lambda w: self.count_rows(w, ["list", "--json"])),
            ("export", lambda w: self.count_rows(w, ["export"])),
            ("show", lambda w: self.expect_known(w, ["show", task])),
            ("stats", lambda w: self.run(w, ["stats"])),
            ("verify", lambda w: self.run(w, ["verify"])),
            ("query", lambda w: self.run(w, ["query", task])),
            ("submit", lambda w: self.run(w, submit)),
            ("watch", lambda w: self.run(w, ["watch", "--until-idle", "--max-wait", "1s",
                                             "-o", str(self.work / "out")])),
            ("recover", lambda w: self.recover(w, key, submit)),
        )
        before = len(accepted())
        for name, work in works:
            self.fresh()
            what = damage(self.work, random.Random(seed))
            where = f"seed {seed}, {what}, {name}"
            may_pay = work(where) is True
            now = len(accepted())
            if now > before and not may_pay:
                self.complain("paid", where, f"'{key}' was paid again")
            before = now


def main():
    folder, rounds, seed = pathlib.Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    lines = [line.split(" ", 2) for line in
             pathlib.Path(sys.argv[4]).read_text(encoding="utf-8").splitlines()]
    campaign = Campaign(folder, folder.with_name("damaged"), lines)
    for i in range(rounds):
        campaign.round(seed + i)
        if rounds >= 100 and i % 50 == 49:
            print(f"# {i + 1} rounds, {dict(campaign.wrong)}", file=sys.stderr, flush=True)
    statuses = " ".join(f"{status}:{n}" for status, n in sorted(campaign.statuses.items()))
    print(f"{campaign.rounds} damages, {campaign.commands} commands (exit {statuses}): "
          f"{campaign.wrong['crash']} crashes, {campaign.wrong['hang']} hangs, "
          f"{campaign.wrong['silent']} silent losses, {campaign.wrong['paid']} second payments")
    return 1 if campaign.wrong else 0


sys.exit(main())
