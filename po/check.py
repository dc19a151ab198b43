#!/usr/bin/env python3
"""Fail when a translation lacks a text of the sources, or has one too many.

    po/check.py TREE XGETTEXT MSGFMT      (run as a test: meson test translations)
"""
import ast
import pathlib
import re
import subprocess
import sys

PART = re.compile(r'^(msgctxt|msgid_plural|msgid|msgstr(?:\[\d+\])?)?\s*(".*")$')


def messages(text):
    """{msgid: [msgstr, ...]}, and the msgids that are marked fuzzy."""
    found, fuzzy = {}, set()
    for block in re.split(r"\n\s*\n", text):
        parts, name = {}, None
        for line in block.splitlines():
            match = PART.match(line)
            if match:
                name = match[1] or name
                parts[name] = parts.get(name, "") + ast.literal_eval(match[2])
        if parts.get("msgid"):
            found[parts["msgid"]] = [v for k, v in parts.items() if k.startswith("msgstr")]
            if re.search(r"^#,.*\bfuzzy\b", block, re.M):
                fuzzy.add(parts["msgid"])
    return found, fuzzy


def listed(folder):
    lines = (folder / "POTFILES").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def main(root, xgettext, msgfmt):
    folder = root / "po"
    bad = []
    for path in sorted((root / "src" / "cli").rglob("*.c")):
        name = str(path.relative_to(root))
        if '#include "cli/term/i18n.h"' in path.read_text() and name not in listed(folder):
            bad.append(f"po/POTFILES lacks {name}")
    template = subprocess.run(
        [xgettext, "--from-code=UTF-8", "--keyword=_", "--keyword=N_", "-o", "-", *listed(folder)],
        cwd=root, check=True, capture_output=True, text=True).stdout
    wanted, _ = messages(template.replace("charset=CHARSET", "charset=UTF-8"))
    for language in (folder / "LINGUAS").read_text().split():
        path = folder / f"{language}.po"
        subprocess.run([msgfmt, "--check", "-o", "/dev/null", path], check=True)
        found, fuzzy = messages(path.read_text(encoding="utf-8"))
        bad += [f"{path.name} lacks: {text}" for text in wanted if not all(found.get(text, [""]))]
        bad += [f"{path.name} has too much: {text}" for text in found if text not in wanted]
        bad += [f"{path.name} is unsure about: {text}" for text in fuzzy]
    print("\n".join(bad) or f"{len(wanted)} texts in every language")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]), *sys.argv[2:]))
