#!/usr/bin/env python3
"""Fail when a file includes a module outside the ones its layer may use.

    tools/layers.py TREE      (run as a test: meson test layers)
"""
import pathlib
import re
import sys

MAY_USE = {  # "dreamq" is include/dreamq/dreamq.h, the only door for front ends
    "base": "",
    "model": "base",
    "net": "base",
    "api": "base model net",
    "ledger": "base model",
    "store": "base model net",
    "core": "base model net api ledger store dreamq",
    "gallery": "base dreamq",
    "mcp": "base dreamq",
    "cli": "base mcp gallery dreamq",
    "emulator": "",  # an independent program: nothing of src/
}


def layer_of(parts):
    return parts[1] if parts[0] == "src" else parts[0]


def main(root):
    bad = 0
    for path in sorted(root.rglob("*.[ch]")):
        layer = layer_of(path.relative_to(root).parts)
        if layer not in MAY_USE:
            continue
        allowed = {layer, *MAY_USE[layer].split()}
        for number, line in enumerate(path.read_text().splitlines(), 1):
            found = re.match(r'\s*#\s*include\s+"(?:src/)?(\w+)/', line)
            if found and found[1] not in allowed:
                print(f"{path}:{number}: {layer}/ must not include {found[1]}/")
                bad = 1
    return bad


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
