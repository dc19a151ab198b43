#!/usr/bin/env python3
"""The recipes of a document as scripts: one for each heading that has a console block.

    recipes.py FOLDER DOCUMENT...     writes FOLDER/NN.sh; prints NN and the heading, or why it is not run

A line of a console block that begins with '$ ' is run; comments that nobody sees tell the rest:
  prelude: COMMAND     first of all         file: NAME      the next block is this file
  check: COMMAND       what has to hold     exit: STATUS    of the last command (else 0)
  not run: REASON      there is nothing here that a test could do
"""
import pathlib
import re
import sys

PIECE = re.compile(r"<!-- (prelude|file|check|exit|not run): (.*?) -->|^```(\w*)\n(.*?)^```$", re.M | re.S)


def script(recipe):
    """The lines of it; a text: why there are none."""
    before, lines, after, file, status = [], [], [], None, "0"
    for word, value, language, block in PIECE.findall(recipe):
        if word == "not run":
            return value
        if word == "prelude":
            before.append(f"{{ {value}\n}} >>prelude.out 2>&1 || {{ cat prelude.out; exit 97; }}")
        elif word == "check":
            after.append(f"( {value} ) >check.out 2>&1 || {{ cat check.out; exit 99; }}")
        elif word == "exit":
            status = value
        elif word == "file":
            file = value
        elif file:
            before.append(f"cat >{file} <<'END OF FILE'\n{block}END OF FILE")
            file = None
        elif language == "console":
            lines += [line[2:] for line in block.splitlines() if line.startswith("$ ")]
    run = [f"{{ {line}\n}} >>out" for line in lines[:-1]]
    run = [f"{one} || exit 98" for one in run]
    return [*before, *run, f"{{ {lines[-1]}\n}} >>out", f"[ $? = {status} ] || exit 98", *after, "exit 0"]


def main(folder, *documents):
    recipes = [part for document in documents
               for part in re.split(r"^## ", pathlib.Path(document).read_text(encoding="utf-8"), flags=re.M)[1:]
               if "```console" in part]
    for number, recipe in enumerate(recipes, 1):
        title, made = recipe.splitlines()[0], script(recipe)
        if isinstance(made, str):
            print(f"- {title}: {made}")
            continue
        (pathlib.Path(folder) / f"{number:02}.sh").write_text("\n".join(made) + "\n", encoding="utf-8")
        print(f"{number:02} {title}")


if __name__ == "__main__":
    main(*sys.argv[1:])
