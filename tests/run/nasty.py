#!/usr/bin/env python3
"""Prompts that are hard on whoever writes them down, and what must stand in a sidecar.

    nasty.py lines           a line of JSON for each: {"id", "prompt"}
    nasty.py clean           the same, as their sidecars have them
"""
import json
import sys

PROMPTS = [
    'a "quoted" cat, 100% <b>markup</b> &amp; ]]> {braces} %s%n \\back\\slash',
    "two\nlines\n\nand\ta tab\r\nand a carriage\rreturn",
    "\x1b[31mred\x07 bell \x08 back \x7f delete \x85 next \x9b31m",
    "家庭 👩‍👩‍👧 emoji 🏳️‍🌈 e\u0301 composed, ＷＩＤＥ",
    "مرحبا بالعالم \u202eright to left\u202c שלום",
    "a cat\nNegative prompt: dogs\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1",
    "zero\u200bwidth \ufeff mark \ufffe none \uffff none",
    "长" * 1500,
    "-- dashed --><?xpacket end='r'?></rdf:RDF></x:xmpmeta><!--",
    "$(touch /tmp/x) `id`; rm -rf ~ | cat 'single' & \u2028 line \u2029 paragraph",
]


def clean(text):
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join("\ufffd" if (c < " " and c not in "\n\t") or "\x7f" <= c < "\xa0"
                   or c in "\ufffe\uffff" else c for c in text)


def main(what):
    for n, prompt in enumerate(PROMPTS):
        text = f"{prompt} [items=1]"
        print(json.dumps({"id": f"nasty-{n}", "prompt": clean(text) if what == "clean" else text}))


main(sys.argv[1])
