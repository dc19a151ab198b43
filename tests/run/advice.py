#!/usr/bin/env python3
"""Which sentences of the sources advise something, and which of them somebody has followed.

    advice.py described           the texts of help and manual that name a command, one a line
    advice.py unknown HEARD DQ    each advising sentence that is neither in the text HEARD nor in
                                  ELSEWHERE below; and each option named in one that DQ lacks

A row of ELSEWHERE names the test that brings its sentence about and does what it advises. What no
test can bring about has no place in the sources either.

A sentence advises when it names a command ('dreamq ...'), when it says to run something again, or
when it tells what to do with an option. SOURCE_ROOT names the sources.
"""
import ast
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(os.environ["SOURCE_ROOT"])
ADVISES = re.compile(
    r"['“`:] ?dreamq [a-z%]|`|(?:^|[;:,(.] |\b(?:and|then|or) )(?:try|run|use|raise)\b"
    r"|\b(?:name|give|check|leave out|write|with|needs?|or) (?:[^;:,]* )?--[a-z]|--[a-z-]+(?: \w+)? (?:has|shows|sends|submits|takes|tells)\b")
# Help, manual and tables begin with a capital, or are rows: they are not told when something fails.
DESCRIBES = re.compile(r"cli/options/(?:help|manual|rows/.*|complete)\.")

# What advice.t does not bring about, by its beginning, and the test that does: a file of tests/, and
# words of it. Nothing is only a reason why there is no test: such a row is refused.
ELSEWHERE = {
    "dreamq: %s; run the same command again": "run/advice_faults.t: run the same command again",
    "the browser writes to '%s' all the time": "run/advice_faults.t: all the time; close it",
    "end other programs, or raise 'ulimit -u'": "run/advice_faults.t: or raise 'ulimit -u'",
    "this disk is slow to be sure": "run/advice_faults.t: this disk is slow to be sure",
    "names are slow": "run/advice_faults.t: names are slow",
    "can't find the proxy on the way": "run/proxies.t: check --proxy or https_proxy",
    "the way to '%s' can't begin at that interface": "run/network.t: check --interface",
    "with an idempotency key: --keys takes them": "run/find.t: but with --keys",
    "and %zu more: --json has": "run/advice_faults.t: more: --json has",
    "file %d of task '%s' is in another folder": "run/advice_faults.t: run this again to copy it",
    "the desktop's keyring is locked": "run/auth.t: unlocked again it serves",
    "; 'dreamq auth import' without --keyring": "run/auth.t: without --keyring keeps the cookie in a file",
    "the keyring has no cookie of profile": "run/auth.t: run 'dreamq auth import --keyring'",
    "still running when the waiting time ended": "run/advice_faults.t: still running when the waiting time",
    "%s; profile '%s' pauses until its cookie changes ('dreamq auth import'), and": "run/advice_faults.t: a watch without a login",
    "a copy with %lld task;": "run/find.t: the copy comes back",
    "the keyring has no entry of %s": "run/browser.t: the keyring has no entry of Chromium",
    "%s is logged in at %s in %zu containers": "run/browser.t: in 2 containers, and not outside",
    "%zu missing and %zu altered of %zu files": "run/verify.t: 2 missing and 6 altered of 11 files",
    "%zu files would be renamed; with --yes": "run/names.t: 6 files would be renamed; with --yes",
    "another process is at work on task": "run/names.t: another process is at work on task",
    "'%s' has been moved or is being fetched again": "run/advice_faults.t: is being fetched again",
    "'%s' is taken; run this again": "run/advice_faults.t: is taken; run this again",
    "'%s' is still taken by a file": "run/advice_faults.t: is still taken by a file",
    "is just being submitted; run this again": "run/advice_faults.t: is just being submitted",
    "whether task '%s' is cancelled is not known yet": "run/advice_faults.t: is cancelled is not known yet",
    "interrupted; nothing is lost, run it again": "run/verify.t: interrupted",
    "asset %d of the task '%.100s' was made anew": "run/advice_faults.t: was made anew while it was fetched",
    "the ledger's file '%s%s' was removed or replaced": "run/advice_faults.t: was removed or replaced while it was in use",
    "the ledger '%s' is damaged, and left as it is (%lld": "run/advice_faults.t: keys are there",
    "'%s-live' can't be locked": "run/advice_faults.t: can't be locked",
    "no space left for '%s-mark'": "run/advice_faults.t: free some and run it again",
    "the file system under the ledger '%s' can't": "run/advice_faults.t: can't share it between processes",
    "no space left for the ledger '%s'": "run/bad_input.t: free some and run it again",
    "the ledger '%s' can't be opened, too many": "run/advice_faults.t: too many files are open",
    "the ledger '%s' can't be opened%s%s": "run/advice_faults.t: check that you may write it and its folder",
    "the ledger '%s' is damaged, and left as it is: ": "run/advice_faults.t: is damaged, and left as it is: ",
    "the ledger '%s' may not be written": "run/advice_faults.t: may not be written",
    "the ledger '%s' is kept busy by another program": "unit/ledger/test_ledger_look.c: kept busy by another program",
    "the ledger '%s' is kept busy by too many": "unit/ledger/test_ledger_errno.c: kept busy by too many programs",
    "the ledger '%s' was kept busy": "run/ledger.t: the same command goes on",
    "'%s' was moved away while it got its name": "run/advice_faults.t: was moved away while it got its name",
    "'%s' was changed by somebody else just now": "run/mcp_install.py: written meanwhile",
    "the output folder '%s' was moved": "run/advice_faults.t: was moved or replaced while files came",
}


def messages():
    """(file, text) of each text of the sources that can be translated."""
    def rows(name):
        return [line for line in (ROOT / "po" / name).read_text().splitlines() if line and line[0] != "#"]
    made = subprocess.run(
        ["xgettext", "--language=C", "--from-code=UTF-8", "--no-wrap",
         *[f"--keyword={word}" for word in rows("KEYWORDS")], "-o", "-", *rows("POTFILES")],
        cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for block in re.split(r"\n\s*\n", made):
        places = re.findall(r"^#: (.*)$", block, re.M)
        for part in re.findall(r'^msgid(?:_plural)? ("(?:.*"\n")*.*")$', block, re.M):
            text = "".join(ast.literal_eval(line) for line in part.splitlines())
            if text and places:
                yield re.split(r":\d", places[0])[0], text


def pattern(text):
    """How the sentence looks when it was told."""
    parts = re.split(r"(%(?:-?\*?\d*(?:\.[\d*]+)?(?:ll|l|z|h)?[a-zA-Z]|%))", text.strip())
    return "".join(re.escape(part) if i % 2 == 0 else "%" if part == "%%" else ".*?"
                   for i, part in enumerate(parts))


def plain(text):
    """Without what the program adds to a command that it advises (src/cli/options/advice.h)."""
    return re.sub(r" --(?:profile|region|cookie-file|config|ledger|api-base|submit-base) (?:'[^']*'|[^\s'”]+)", "", text)


def describes(place, text):
    return DESCRIBES.search(place) or text[0].isupper() or ("/cmd_" in place and re.search(r"\. \S", text))


def elsewhere(text):
    """The row of ELSEWHERE for a text, and what is wrong with it."""
    begin = next((begin for begin in ELSEWHERE if text.startswith(begin)), None)
    file, _, words = (ELSEWHERE[begin] if begin else "").partition(": ")
    if not begin:
        return None, None
    if not file.startswith(("run/", "unit/")) or not words:
        return begin, f"ELSEWHERE names no test, but '{file}'"
    if words not in (ROOT / "tests" / file).read_text():
        return begin, f"tests/{file} has no '{words}'"
    return begin, None


def unknown(heard, program):
    manual = subprocess.run([program, "help", "--man"], capture_output=True, text=True, check=False).stdout
    options = set(re.findall(r"--([\w-]+)", manual.replace("\\-", "-")))
    used, lines = set(), set(heard.splitlines()) | set(plain(heard).splitlines())
    for place, text in messages():
        if describes(place, text) or not ADVISES.search(text):
            continue
        for option in re.findall(r"(?<![\w-])--([a-z][\w-]*)", text):
            if option not in options:
                yield f"{place}: no verb has --{option}: {text}"
        begin, trouble = elsewhere(text)
        used.add(begin)
        if trouble:
            yield f"{place}: {trouble}: {text}"
        if not begin and not any(re.search(form, line) for form in {pattern(text), pattern(plain(text))}
                                 for line in lines):
            yield f"{place}: nobody has followed: {text}"
    yield from (f"ELSEWHERE has a row that no sentence begins with: {begin}"
                for begin in ELSEWHERE if begin not in used)


def main(word, *more):
    if word == "described":
        lines = [text.replace("\n", " ") for place, text in messages() if describes(place, text) and "dreamq " in text]
    else:
        lines = list(unknown(pathlib.Path(more[0]).read_text(errors="replace"), more[1]))
    print("\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
