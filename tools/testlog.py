#!/usr/bin/env python3
"""Count what meson's tests said: "PASSED FAILED SKIPPED" on stdout.

    tools/testlog.py BUILD/meson-logs/testlog.json
    tools/testlog.py --failures ...     what failed instead, and what it said

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
    elif failed == 0 and not (skipped and test["returncode"] == 0):
        failed = 1  # cmocka says "not ok # SKIP", which meson takes for a failure
    return passed, failed, skipped


def failures(test):
    """The lines "not ok" with the comments around them, and the end of stderr."""
    lines = (test.get("stdout") or "").splitlines()
    shown = set()
    for number, line in enumerate(lines):
        if line.startswith("not ok"):
            shown.update(range(max(0, number - 3), min(len(lines), number + 12)))
    yield f"{test['name']}: {test['result']} after {test['duration']:.0f} s"
    yield from (f"  {lines[n]}" for n in sorted(shown) if not lines[n].startswith("ok"))
    yield from (f"  | {line}" for line in (test.get("stderr") or "").splitlines()[-40:])


def main(path, wants_failures=False):
    with open(path, encoding="utf-8") as log:
        tests = [json.loads(line) for line in log if line.strip()]
    if wants_failures:
        for test in tests:
            if count(test)[1]:
                print(*failures(test), sep="\n")
        return 0
    counts = [count(test) for test in tests]
    print(*(sum(column) for column in zip(*counts)) if counts else (0, 1, 0))
    return 0 if counts else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[-1], "--failures" in sys.argv))
