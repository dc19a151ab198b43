#!/usr/bin/env python3
"""Give the tasks of a ledger prompts that names can be broken with.

    ledger_prompts.py LEDGER SEED     (no dreamq may run)

Chinese, emoji that are joined, writing from right to left, accents upon accents, control
characters, what file systems refuse, devices of Windows, 5 000 characters, bytes that
are no UTF-8; and for every seventh task the prompt of another one, or the same up to a
late character.
"""
import random
import sqlite3
import sys

PIECES = ["一只猫", "戴着宇航员头盔", "a cat", "👩‍👩‍👧", "🇨🇳", "🏳️‍🌈", "مرحبا بالعالم", "שלום",
          "e\u0301\u0301\u0301", "ใต้", "हिन्दी", "\u1112\u1161\u11ab", "ｆｕｌｌ", "\u202e", "\u200b", "\u2066",
          "\n", "\t", "\x01", "\x7f", "\x1b[31m", "/", "\\", "..", ":", "?", "*", '"', "<", ">", "|", "%s", "{id}",
          " ", ".", "-", "\u00ad", "\uffff", "\u00a0", "$(id)", "'"]
WHOLE = ["CON", "nul.txt", "COM1", "lpt\u00b2", "..", ".", "-rf", " ", "/", "\u200b", "~", "\ufeff", "aux ", "x" * 300]


def prompt(dice, i, before):
    if i % 7 == 0 and before:
        return dice.choice(before) + dice.choice(["", "", "!", "\u0301"])
    if i % 11 == 0:
        return dice.choice(WHOLE)
    many = 5000 if i % 50 == 0 else dice.randrange(1, 50)
    return "".join(dice.choice(PIECES) for _ in range(many))[:5000]


def main(path, seed):
    dice, before = random.Random(int(seed)), []
    ledger = sqlite3.connect(path)
    rows = [row[0] for row in ledger.execute("SELECT id FROM tasks ORDER BY id")]
    for i, row in enumerate(rows):
        text = prompt(dice, i, before)
        before.append(text)
        data = text.encode("utf-8", "surrogatepass").replace(b"\0", b"")
        if i % 13 == 0:
            data = data[:20] + b"\xff\xe5\x9b" + data[20:]
        ledger.execute("UPDATE tasks SET prompt = CAST(? AS TEXT), model = ? WHERE id = ?",
                       (data, dice.choice(["m1", "模型/二", "NUL"]), row))
    ledger.commit()
    ledger.close()
    print(len(rows))


if __name__ == "__main__":
    main(*sys.argv[1:])
