#!/usr/bin/env python3
"""Count what meson's tests said: "PASSED FAILED SKIPPED" on stdout.

    tools/testlog.py BUILD/meson-logs/testlog.json

A test that speaks TAP counts once per line of it, any other counts as one. A test that
broke off (killed, timed out, planned more than it ran) fails at least once.
"""
import json
import re
import sys

LINE = re.compile(r"^(not )?ok\b([^\n]*)", re.M)
DIRECTIVE = re.compile(r"#\s*(skip|todo)", re.I)


def count(test):
    passed = failed = skipped = 0
    for bad, rest in LINE.findall(test.get("stdout") or ""):
        directive = DIRECTIVE.search(rest)
        if directive and directive[1].lower() == "skip":
            skipped += 1
        elif bad and not directive:
            failed += 1
        else:
            passed += 1
    result = test["result"]
    if result == "SKIP" and passed + failed + skipped == 0:
        skipped = 1
    elif result in ("OK", "EXPECTEDFAIL", "SKIP"):
        passed += passed + failed + skipped == 0
    elif failed == 0:
        failed = 1
    return passed, failed, skipped


def main(path):
    with open(path, encoding="utf-8") as log:
        counts = [count(json.loads(line)) for line in log if line.strip()]
    print(*(sum(column) for column in zip(*counts)) if counts else (0, 1, 0))
    return 0 if counts else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
