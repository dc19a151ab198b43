#!/usr/bin/env python3
"""The house rules a machine can check.

    tools/house.py TREE      prints each offence, exits 1 when there is one

Files are those that git tracks; in a tree without git, all but hidden and build folders.
"""
import pathlib
import re
import subprocess
import sys

FILE_MAX, FUNCTION_MAX = 450, 60  # lines
TEST_FUNCTION_MAX = 120  # their tables and texts are long
CODE = {".c", ".h"}

# Written so that this file doesn't find itself.
WORDS = re.compile(r"\bTOD[O]\b|\bFIXM[E]\b|\bXX[X]\b|not implemente[d]|lorem ipsu[m]")
PLACES = re.compile(r"(?<![\w.])/(?:wor[k]|roo[t]|User[s])/\w")
OPENS = re.compile(r'^[^"]*(?:"[^"]*"[^"]*)*?/\*(?!.*\*/)')  # a comment, and not in a text
# These ask the ledger through its operations or through dreamq; what nobody shows or does is
# in tests/kit.
NO_SQL = re.compile(r"(?:^|/)tests/(?:unit/core|unit/cli|run)/")
SQL = re.compile(r"(?<!-l)\bsqlite3(?:_\w+)?\b|(?<!#)\bpragma \w|\bbegin immediate\b|\bvacuum into\b"
                 r"|\bselect\b[^|]+\bfrom \w|\binsert into\b|\bdelete from \w|\bupdate \w+ set\b", re.I)
NOLINT = re.compile(r"NOLIN[T](?!END)\w*(?:\([^)]*\))?")

# What is in one list and has to be in another, where nobody else would miss it: the names, how
# one is found there, where each has to be (one of these files), and how it stands there.
FAULT, VERB = r'\[FAULT_\w+\] = \{ "([\w-]+)"', r"&cmd_(?!help|version|list_task|query_result)(\w+),"
LISTS = [
    ("src/cli/options/command.c", VERB, "README.md", r"^\|.*`{}[ `]"),
    ("src/cli/options/command.c", VERB, "README.zh-CN.md", r"^\|.*`{}[ `]"),
    ("src/ledger/ops.h", r"\(\*(\w+)\)\(", "docs/ledger.md", r"^\|.*`(?:ledger)?_{}`"),
    ("emulator/script/parse_fault.c", FAULT, "docs/emulator.md", r"^\| `{}[ `]"),
    ("emulator/script/parse_fault.c", FAULT, "tests/emulator/*.t", r"(?<![\w-]){}(?![\w-])"),
]
# What a user reads is there in both languages, docs/NAME.md and docs/zh/NAME.md; these are for others.
ALONE = {"architecture", "emulator", "performance", "polling"}
BLOCK = re.compile(r"^[ ]*```.*?^[ ]*```$|(?<=\n\n) {4}\S[^\n]*(?:\n {4}[^\n]*)*", re.M | re.S)
# A file that has to be in a list: which, the list in its folder or above, and what its name is there.
VERB_FILE = re.compile(r"(?:^|/)src/cli/commands/(cmd_\w+)\.c$")
TEST_FILE = re.compile(r"(?:^|/)tests/.*?/(?:test_)?(\w+\.t|(?<=test_)\w+\.(?:c|sh|py))$")


def tracked(root):
    git = ["git", "-c", "safe.directory=*", "-C", str(root), "ls-files", "-z"]
    done = subprocess.run(git, capture_output=True, check=False)
    if done.returncode == 0 and done.stdout:
        names = done.stdout.decode().split("\0")
        return [root / name for name in names if name and (root / name).is_file()]
    return [path for path in root.rglob("*") if path.is_file() and not any(
        part.startswith((".", "build")) for part in path.relative_to(root).parts)]


def long_functions(lines, most):
    start = name = None
    for number, line in enumerate(lines, 1):
        if line == "{":
            start, name = number, lines[number - 2].strip()
        elif line == "}" and start:
            if number - start - 1 > most:
                yield start, f"function of {number - start - 1} lines: {name}"
            start = None


def broken_comments(lines):
    """What a formatter leaves of prose that was too wide for it."""
    is_inside = False
    for number, line in enumerate(lines, 1):
        if is_inside and re.match(r"\s*\*\w", line):
            yield number, "a line of a comment was broken: no blank behind its star"
        if is_inside and re.match(r" \*([ -]*\*)?/$", line) and lines[number - 2].startswith("/* --- "):
            yield number - 1, "a section's rule was broken in two"
        is_inside = bool(OPENS.match(line)) or (is_inside and "*/" not in line)


def code_offences(path, lines):
    is_test = "tests" in path.parts
    if len(lines) > FILE_MAX:
        yield 1, f"{len(lines)} lines, more than {FILE_MAX}: which second idea moved in?"
    if path.suffix == ".h":
        head = "\n".join(lines[:3])
        if not head.startswith("/*") or path.name not in head:
            yield 1, "a header starts with a comment: its name, and what it promises"
        if not any(line.startswith(("#pragma once", "#ifndef")) for line in lines):
            yield 1, "a header needs #pragma once"
    yield from long_functions(lines, TEST_FUNCTION_MAX if is_test else FUNCTION_MAX)
    yield from broken_comments(lines)
    for number, line in enumerate(lines, 1):
        _, slash, comment = line.partition("/")
        if NOLINT.search(comment) and not NOLINT.sub("", slash + comment).strip(" :-*/"):
            yield number, "a NOLINT needs its reason beside it"


def offences(path):
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return
    lines = text.splitlines()
    speaks_sql = SQL if NO_SQL.search(path.as_posix()) else None
    for number, line in enumerate(lines, 1):
        if speaks_sql and speaks_sql.search(line):
            yield number, f"this test speaks SQL: {speaks_sql.search(line)[0]} (see tests/kit/ledger_lab)"
        if WORDS.search(line):
            yield number, f"unfinished business: {WORDS.search(line)[0]}"
        if PLACES.search(line):
            yield number, f"a place on somebody's machine: {PLACES.search(line)[0]}"
        if line.endswith((" ", "\t")) and path.suffix not in (".md", ".diff"):
            yield number, "blanks at the end of the line"
    if text and not text.endswith("\n") and path.suffix in CODE:
        yield len(lines), "no line break at the end"
    if path.suffix in CODE:
        yield from code_offences(path, lines)


def lacking(root):
    """Names of one list that another one lacks."""
    for source, name, target, form in LISTS:
        if not (root / source).is_file():
            continue
        there = "\n".join(path.read_text(encoding="utf-8") for path in sorted(root.glob(target)))
        for number, line in enumerate((root / source).read_text(encoding="utf-8").splitlines(), 1):
            for found in re.finditer(name, line):
                if not re.search(form.format(re.escape(found[1])), there, re.M):
                    yield root / source, number, f"'{found[1]}' is not in {target}"


def shape(text):
    """Levels of the headings of a page, and its blocks of code: what two languages share."""
    return re.findall(r"^#+(?= )", BLOCK.sub("", text), re.M), BLOCK.findall(text)


def strangers(root):
    """Pages whose twin in the other language lacks, or has other parts."""
    if not (root / "docs" / "zh").is_dir():
        return
    pages = {path.stem for folder in ("docs", "docs/zh") for path in (root / folder).glob("*.md")}
    for name in sorted(pages - ALONE):
        both = [root / "docs" / f"{name}.md", root / "docs" / "zh" / f"{name}.md"]
        lacks = [path for path in both if not path.is_file()]
        yield from ((path, 1, "a page of the user's is in one language only (ALONE of tools/house.py has those that may be)") for path in lacks)
        if lacks:
            continue
        (heads, blocks), (heads_zh, blocks_zh) = (shape(path.read_text(encoding="utf-8")) for path in both)
        if heads != heads_zh:
            yield both[1], 1, f"{len(heads_zh)} headings, and other ones than the {len(heads)} of docs/{name}.md"
        for number, (one, other) in enumerate(zip(blocks, blocks_zh), 1):
            if one != other:
                yield both[1], 1, f"its code block {number} differs from that of docs/{name}.md"
        if len(blocks) != len(blocks_zh):
            yield both[1], 1, f"{len(blocks_zh)} code blocks, and docs/{name}.md has {len(blocks)}"


def unlisted(root, path):
    """What is in no list: a verb that can't be called, a test that is never run."""
    where = path.relative_to(root).as_posix()
    verb, test = VERB_FILE.search(where), TEST_FILE.search(where)
    if verb and (root / "src/cli/options/command.c").is_file():
        if f"&{verb[1]}," not in (root / "src/cli/options/command.c").read_text(encoding="utf-8"):
            yield 1, "no row of src/cli/options/command.c has this verb"
    if test:
        lists = [folder / "meson.build" for folder in path.parents if (folder / "meson.build").is_file()]
        name = re.compile(rf"\b(?:test_)?{test[1].split('.')[0]}\b")
        if lists and not any(name.search(each.read_text(encoding="utf-8")) for each in lists):
            yield 1, "no meson.build of its folder or above names this test: it is never run"


def main(root):
    found = [*lacking(root), *strangers(root)]
    found += [(path, number, what) for path in tracked(root)
              if "fixtures" not in path.parts and "corpus" not in path.parts
              for number, what in [*offences(path), *unlisted(root, path)]]
    for path, number, what in found:
        print(f"{path.relative_to(root)}:{number}: {what}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
