#!/usr/bin/env python3
"""Fail when a translation lacks a text of the sources, or has one too many; and when a
sentence of the sources never reaches the catalogue.

    po/check.py TREE XGETTEXT MSGFMT      (run as a test: meson test translations)

po/KEYWORDS names the functions that take a format, and which argument it is. Such an
argument is one literal, a choice of literals that are each marked N_(), or a text of a
table (row->text), whose literals are marked N_() there.
"""
import ast
import pathlib
import re
import subprocess
import sys

PART = re.compile(r'^(msgctxt|msgid_plural|msgid|msgstr(?:\[\d+\])?)?\s*(".*")$')
LITERAL = r'"(?:[^"\\\n]|\\.)*"'
ONE = re.compile(rf'{LITERAL}(?:\s*(?:PRI\w+|{LITERAL}))*(?:\s*PRI\w+)?')
# What hands a format on: its own parameter, or a row that is marked N_() in its table.
HANDED_ON = re.compile(r'^fmt$|^[\w\[\].>-]+(->|\.)text$')


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


def lines_of(path):
    lines = path.read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def without_comments(text):
    """The same, with blanks for comments: places and line numbers stay."""
    return re.sub(rf"{LITERAL}|'(?:[^'\\]|\\.)*'|/\*.*?\*/|//[^\n]*",
                  lambda m: m[0] if m[0][0] in "\"'" else re.sub(r"[^\n]", " ", m[0]),
                  text, flags=re.S)


def arguments(text, at):
    """The texts between the commas of a call whose '(' is before `at`."""
    depth, begin, found = 1, at, []
    token = re.compile(rf"{LITERAL}|'(?:[^'\\]|\\.)*'|[()\[\]{{}},]")
    while depth:
        match = token.search(text, at)
        at = match.end()
        if match[0] in "([{":
            depth += 1
        elif match[0] in ")]}":
            depth -= 1
        if depth == 0 or (depth == 1 and match[0] == ","):
            found.append(text[begin:match.start()].strip())
            begin = at
    return found


def hidden(text, keywords):
    """(line, format) of each format that xgettext can't see."""
    text = without_comments(text)
    calls = re.compile(r"(?<![\w>.#])(%s)\(" % "|".join(keywords))
    for call in calls.finditer(text):
        if text[:call.start()].endswith("#define "):
            continue
        given = arguments(text, call.end())
        if len(given) < keywords[call[1]]:
            continue
        fmt = given[keywords[call[1]] - 1]
        if any(re.search(r"(->|\.)msg$", one) for one in given[keywords[call[1]]:]):
            yield text[:call.start()].count("\n") + 1, "an error within a sentence: err_note(), err_more() or err_shown()"
        bare = re.sub(rf"N_\(\s*{ONE.pattern}\s*\)|strcmp\([^()]*\)", "0", fmt)
        if ONE.fullmatch(fmt) or HANDED_ON.match(fmt) or fmt.startswith("const char *"):
            continue
        if '"' in bare or bare == fmt:
            yield text[:call.start()].count("\n") + 1, " ".join(fmt.split())


def check_sources(root, keywords):
    """What is wrong with src/: formats that are hidden, files that are not listed."""
    names = {name.split(":")[0]: int((name.split(":") + ["1"])[1].split(",")[0])
             for name in keywords}
    formats = {name: place for name, place in names.items() if ":" in
               next(k for k in keywords if k.split(":")[0] == name) and name != "ngettext"}
    told = re.compile(r"(?<![\w>.])(%s)\(" % "|".join(names))
    listed = set(lines_of(root / "po" / "POTFILES"))
    bad = []
    for path in sorted(p for p in (root / "src").rglob("*") if p.suffix in (".c", ".h", ".def")):
        name, text = str(path.relative_to(root)), path.read_text()
        bad += [f"{name}:{line}: xgettext can't see {fmt}"
                for line, fmt in hidden(text, formats)]
        if path.suffix in (".c", ".def") and told.search(text) and name not in listed:
            bad.append(f"po/POTFILES lacks {name}")
    return bad


def main(root, xgettext, msgfmt):
    folder = root / "po"
    keywords = lines_of(folder / "KEYWORDS")
    bad = check_sources(root, keywords)
    template = subprocess.run(
        [xgettext, "--language=C", "--from-code=UTF-8", *[f"--keyword={k}" for k in keywords], "-o", "-",
         *lines_of(folder / "POTFILES")],
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
