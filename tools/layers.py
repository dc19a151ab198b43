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
    "include": "dreamq",  # what users include stands alone
    "examples": "dreamq",
}
# "net/x.h" is ours; <net/if.h> is the system's, but <dreamq/...> is ours in any quotes.
INCLUDE = re.compile(r'\s*#\s*include\s+(?:"([^"]+)"|<(dreamq/[^>]+)>)')


def target_of(line):
    """The layer that an include reaches into, "" for a file beside, None for neither."""
    found = INCLUDE.match(line)
    if not found:
        return None
    parts = [p for p in (found[1] or found[2]).split("/") if p not in ("src", "include")]
    if ".." in parts:
        return ".."
    return parts[0] if len(parts) > 1 else ""


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
            target = target_of(line)
            if target and target not in allowed:
                print(f"{path}:{number}: {layer}/ must not include {target}/")
                bad = 1
    return bad


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
