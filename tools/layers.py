#!/usr/bin/env python3
"""Fail when a file includes a module outside the ones its layer or its room may use.

    tools/layers.py TREE      (run as a test: meson test layers)
"""
import pathlib
import re
import sys

MAY_USE = {  # "dreamq" is include/dreamq/dreamq.h, the only door for front ends
    "base": "",
    "model": "base",
    "net": "base",
    "service": "base model net",
    "ledger": "base model",
    "store": "base model net",
    "core": "base model net service ledger store dreamq",
    "thumb": "",  # helper programs, which decode what strangers have made
    "sheet": "",  # another helper program
    "pictures": "base thumb sheet dreamq",  # thumbnails, through those helpers
    "front": "base dreamq",  # what more than one front end uses
    "web": "base",  # HTTP servers of ours: who may ask
    "gallery": "base front web dreamq",
    "mcp": "base front web dreamq",
    "cli": "base front web mcp gallery dreamq",
    "emulator": "",  # an independent program: nothing of src/
    "include": "dreamq",  # what users include stands alone
    "examples": "dreamq",
}
# Seams: of these layers others see this header only, and none of what lies behind it.
SEAMS = {
    "service": "service/service.h",
    "thumb": "thumb/protocol.h",
    "sheet": "sheet/protocol.h",
}
# Rooms of a layer, from the top down: each may include those below it. "." is what lies in
# the layer's folder itself.
ROOMS = {
    "core": "doctor verbs verify rename engine poll download browse offers submit lease notify sidecar json browser account stats policy common",
    "store": "front folder . media",
    "ledger": "front sqlite foreign . rules",
    "service": "jimeng .",
    "cli": "commands app output options term .",
    "emulator": "tools front faults jimeng wire script state media common .",
}
# "net/x.h" is ours; <net/if.h> is the system's, but <dreamq/...> is ours in any quotes.
INCLUDE = re.compile(r'\s*#\s*include\s+(?:"([^"]+)"|<(dreamq/[^>]+)>)')
# A member of struct dq, or of one within it, gets another value.
SESSION_WRITE = re.compile(
    r"\bdq->\w+(?:\.\w+)*\s*(?:[-+|&]?=(?!=)|\+\+|--)|(?:\+\+|--)(?:\w+->)*dq->\w")


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


def room_of(layer, parts):
    """The room that this path lies in, below its layer's folder; None: no rooms there."""
    if layer not in ROOMS:
        return None
    return parts[0] if len(parts) > 1 else "."


def rooms_left(root):
    """Arrows between rooms that go up, with a place of each."""
    up = {}
    for path in sorted(root.rglob("*.[ch]")):
        parts = path.relative_to(root).parts
        layer = layer_of(parts)
        if layer not in ROOMS or parts[0] not in ("src", "emulator"):
            continue
        below = parts[2:] if parts[0] == "src" else parts[1:]
        order, room = ROOMS[layer].split(), room_of(layer, below)
        for number, line in enumerate(path.read_text().splitlines(), 1):
            found = INCLUDE.match(line)
            target = found[1].split("/") if found and found[1] else []
            if layer != "emulator":
                if target[:1] != [layer]:
                    continue
                target = target[1:]
            other = room_of(layer, target) if target else room
            if room not in order or other not in order:
                up[layer, f"{room}->{other}"] = f"{path}:{number}"
            elif order.index(other) < order.index(room):
                up.setdefault((layer, f"{room}->{other}"), f"{path}:{number}")
    return up


def check_rooms(root):
    up = rooms_left(root)
    for layer, arrow in sorted(up):
        print(f"{up[layer, arrow]}: {layer}: {arrow} goes up")
    return bool(up)


def check_session(root):
    """What verbs share is written by its own room, through functions, and by no other."""
    bad = 0
    for path in sorted((root / "src/core").rglob("*.[ch]")):
        if path.parent.name == "account":
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if SESSION_WRITE.search(line):
                print(f"{path}:{number}: only core/account/ writes members of struct dq")
                bad = 1
    return bad


def main(root):
    bad = 0
    for path in sorted(root.rglob("*.[ch]")):
        layer = layer_of(path.relative_to(root).parts)
        if layer not in MAY_USE:
            continue
        allowed = {layer, *MAY_USE[layer].split()}
        if layer == "emulator":  # its files name their rooms only
            allowed |= set(ROOMS[layer].split())
        for number, line in enumerate(path.read_text().splitlines(), 1):
            target = target_of(line)
            if target and target not in allowed:
                print(f"{path}:{number}: {layer}/ must not include {target}/")
                bad = 1
            elif target in SEAMS and target != layer and SEAMS[target] not in line:
                print(f"{path}:{number}: {layer}/ must see of {target}/ {SEAMS[target]} only")
                bad = 1
    return bad or check_rooms(root) or check_session(root)


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
