#!/usr/bin/env python3
"""Do the house's own tools bite? Each rule meets a tree that breaks it. Speaks TAP."""
import json
import pathlib
import subprocess
import sys
import tempfile

TOOLS = pathlib.Path(sys.argv[1])
HEADER = "/*\n * a.h - promises.\n */\n#pragma once\n"

PAGE = "# q\n## q\n```\na\n```\n"
TWINS = {f"docs/{folder}{name}.md": PAGE for folder in ("", "zh/") for name in ("start", "faq")}

# tool, what, file, text (or files with their texts, and ""), part of the output ("" when the tree
# is fine)
CASES = [
    ("layers.py", "downwards", "src/net/a.c", '#include "base/a.h"\n', ""),
    ("layers.py", "system headers", "src/net/a.c", "#include <net/if.h>\n", ""),
    ("layers.py", "upwards", "src/base/a.c", '#include "net/a.h"\n', "base/ must not include net/"),
    ("layers.py", "sideways", "src/service/a.c", '#include "store/a.h"\n', "service/ must not include store/"),
    ("layers.py", "spaced", "src/base/a.h", ' #  include "core/a.h"\n', "must not include core/"),
    ("layers.py", "a seam", "src/core/a.c", '#include "service/service.h"\n', ""),
    ("layers.py", "behind a seam", "src/core/a.c", '#include "service/jimeng/a.h"\n',
     "must see of service/ service/service.h only"),
    ("layers.py", "past the door", "src/cli/a.c", '#include "ledger/a.h"\n', "must not include ledger/"),
    ("layers.py", "by a path", "src/cli/a.c", '#include "../ledger/a.h"\n', "must not include ../"),
    ("layers.py", "the emulator's own", "emulator/a.c", '#include "clock.h"\n', ""),
    ("layers.py", "emulator and client", "emulator/a.c", '#include "base/a.h"\n', "emulator/ must not"),
    ("layers.py", "emulator and src", "emulator/a.c", '#include "src/base/a.h"\n', "emulator/ must not"),
    ("layers.py", "emulator and door", "emulator/a.c", "#include <dreamq/dreamq.h>\n", "emulator/ must not"),
    ("layers.py", "the door stands alone", "include/dreamq/a.h", '#include "base/a.h"\n', "include/ must not"),
    ("layers.py", "a room down", "src/core/poll/a.c", '#include "core/common/a.h"\n', ""),
    ("layers.py", "a room up", "src/core/common/a.c", '#include "core/poll/a.h"\n', "common->poll goes up"),
    ("layers.py", "a room of the emulator up", "emulator/wire/a.c", '#include "faults/a.h"\n', "wire->faults goes up"),
    ("layers.py", "a room that is not in the plan", "src/core/attic/a.c", '#include "core/common/a.h"\n', "attic->common goes up"),
    ("house.py", "a good header", "src/base/a.h", HEADER, ""),
    ("house.py", "a header without promise", "src/base/a.h", "#pragma once\n", "starts with a comment"),
    ("house.py", "a header without guard", "src/base/a.h", "/*\n * a.h - x.\n */\n", "#pragma once"),
    ("house.py", "unfinished", "src/base/a.c", "/* TO" + "DO: later */\n", "unfinished business"),
    ("house.py", "a machine's place", "docs/a.md", "see /wo" + "rk/main\n", "somebody's machine"),
    ("house.py", "no machine's place", "docs/a.md", "see src/wo" + "rk/main or /var/lib\n", ""),
    ("house.py", "a long file", "src/base/a.c", "\n" * 451, "451 lines"),
    ("house.py", "a long function", "src/base/a.c", "int f(void)\n{\n" + "\t;\n" * 61 + "}\n", "function of 61"),
    ("house.py", "a function of 60", "src/base/a.c", "int f(void)\n{\n" + "\t;\n" * 60 + "}\n", ""),
    ("house.py", "NOLINT alone", "src/base/a.c", "int a; // NO" + "LINT(x-y)\n", "needs its reason"),
    ("house.py", "NOLINT explained", "src/base/a.c", "int a; // NO" + "LINT(x-y): curl's type\n", ""),
    ("house.py", "a broken line", "src/base/a.c", "/*\n * so\n *on.\n */\n", "no blank behind its star"),
    ("house.py", "a broken rule", "src/base/a.c", "/* --- a ---\n */\n", "broken in two"),
    ("house.py", "a rule with a line", "src/base/a.c", "/* --- a\n * ------ */\n", "broken in two"),
    ("house.py", "whole comments", "src/base/a.c", "/* --- a --- */\n/* a\n * b */\n*a = 1;\n", ""),
    ("house.py", "no comment", "src/base/a.c", 'f("*/*");\n*a = 1;\n', ""),
    ("house.py", "blanks at the end", "src/base/a.c", "int a; \n", "blanks at the end"),
    ("house.py", "no last line break", "src/base/a.c", "int a;", "no line break"),
    ("house.py", "NOLINTBEGIN explained", "src/base/a.c", "/* curl's. NO" + "LINTBEGIN(x) */\n", ""),
    ("house.py", "SQL in a test of core", "tests/unit/core/a.c", 'f("SELECT a FROM b");\n', "speaks SQL: SELECT"),
    ("house.py", "SQL in a test of the command", "tests/unit/cli/a.c", 'f("UPDATE a SET b = 1");\n', "speaks SQL"),
    ("house.py", "SQL in a script", "tests/run/a.t", 'sql "delete from a"\n', "speaks SQL: delete from"),
    ("house.py", "its program in a script", "tests/run/a.py", "run(['sqlite3', 'a.db'])\n", "speaks SQL"),
    ("house.py", "its library in a test", "tests/unit/core/a.h", HEADER + "sqlite3_open(a);\n", "speaks SQL"),
    ("house.py", "SQL in the kit", "tests/kit/a.sh", "sqlite3 a.db 'SELECT a FROM b'\n", ""),
    ("house.py", "no SQL in a script", "tests/run/a.t", "cc -lsqlite3 a | jq 'select(.a) | .from'\n", ""),
    ("house.py", "twins", TWINS, "", ""),
    ("house.py", "a page in one language", {name: page for name, page in TWINS.items() if name != "docs/zh/faq.md"}, "", "in one language only"),
    ("house.py", "a heading that lacks", {**TWINS, "docs/zh/faq.md": "# q\n```\na\n```\n"}, "", "1 headings"),
    ("house.py", "another block", {**TWINS, "docs/zh/faq.md": PAGE.replace("a", "b")}, "", "code block 1 differs"),
    ("house.py", "an indented block", {**TWINS, "docs/faq.md": PAGE + "\n    a b\n    c\n", "docs/zh/faq.md": PAGE + "\n    a b\n    d\n"}, "",
     "code block 2 differs"),
    ("house.py", "only the text behind it", {**TWINS, "docs/faq.md": PAGE + "\n    a b\n\nc\n", "docs/zh/faq.md": PAGE + "\n    a b\n\nd\n"}, "", ""),
    ("house.py", "a page in English, on purpose", {**TWINS, "docs/polling.md": PAGE}, "", ""),
    ("house.py", "a block that lacks", {**TWINS, "docs/zh/faq.md": "# q\n## q\n"}, "", "0 code blocks"),
    ("house.py", "a test that is never run", {"tests/meson.build": "# b\n", "tests/unit/a/test_a.c": ""}, "",
     "names this test: it is never run"),
    ("house.py", "a script that is never run", {"tests/meson.build": "# ab\n", "tests/run/b.t": ""}, "", "never run"),
    ("house.py", "a test that is run", {"tests/unit/meson.build": "['a']\n", "tests/unit/a/test_a.c": ""}, "", ""),
    ("house.py", "a verb without a row", {
        "src/cli/options/command.c": "\t&cmd_help,\n", "src/cli/commands/cmd_b.c": ""}, "", "no row of src/cli"),
    ("house.py", "a verb that README lacks", "src/cli/options/command.c", "\t&cmd_b,\n", "'b' is not in README.md"),
    ("house.py", "an operation without a document", "src/ledger/ops.h", "/* ops.h */\n#pragma once\n\tint (*b)(int);\n",
     "'b' is not in docs/ledger.md"),
    ("house.py", "one with it", {"src/ledger/ops.h": "/* ops.h */\n#pragma once\n\tint (*b)(int);\n",
                                 "docs/ledger.md": "| `ledger_a`, `_b` |\n"}, "", ""),
    ("house.py", "a fault without a document", "emulator/script/parse_fault.c", '\t[FAULT_B] = { "b-c", 0 },\n',
     "'b-c' is not in docs/emulator.md"),
    ("house.py", "NOLINTEND", "src/base/a.c", "/* NO" + "LINTEND(x) */\n", ""),
]

# stdout of a test, its result, the count of testlog.py
LOGS = [
    ("1..2\nok 1 - a\nok 2 - b\n", "OK", "2 0 0"),
    ("1..3\nok 1 - a\nnot ok 2 - b\nok 3 - c # SKIP no net\n", "FAIL", "1 1 1"),
    ("ok 1 - a\n", "ERROR", "1 1 0"),
    ("", "TIMEOUT", "0 1 0"),
    ("ok 1 - a\nnot ok 2 # SKIP b\n", "FAIL", "1 0 1"),
    ("okay, anything\n", "OK", "1 0 0"),
    ("", "SKIP", "0 0 1"),
]


def run(tool, argument):
    command = [sys.executable, str(TOOLS / tool), str(argument)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def bites(tool, name, text, part):
    with tempfile.TemporaryDirectory() as folder:
        for each, content in (name if isinstance(name, dict) else {name: text}).items():
            path = pathlib.Path(folder, each)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
        status, said = run(tool, folder)
    if part:
        return status == 1 and part in said, said
    return status == 0 and not said, said


def counts(stdout, result, expected):
    with tempfile.NamedTemporaryFile("w", suffix=".json") as log:
        log.write(json.dumps({"name": "x", "stdout": stdout, "result": result, "returncode": 0}) + "\n")
        log.flush()
        status, said = run("testlog.py", log.name)
    return status == 0 and said.strip() == expected, said


def main():
    checks = [(f"{tool}: {what}", bites(tool, name, text, part))
              for tool, what, name, text, part in CASES]
    checks += [(f"testlog.py: {result} {expected}", counts(stdout, result, expected))
               for stdout, result, expected in LOGS]
    print(f"1..{len(checks)}")
    for number, (what, (is_good, said)) in enumerate(checks, 1):
        print(f"{'' if is_good else 'not '}ok {number} - {what}")
        if not is_good:
            print("".join(f"# {line}\n" for line in said.splitlines() or ["said nothing"]), end="")
    return 0 if all(is_good for _, (is_good, _) in checks) else 1


if __name__ == "__main__":
    sys.exit(main())
