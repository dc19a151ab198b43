#!/usr/bin/env python3
"""A person at a terminal: waits for words on the screen, and types.

    talk.py COLUMNS COMMAND... < SCRIPT

A line of the script is a regular expression, a tab, and what is typed when the screen shows
it ("^D": the input ends, "^C": interrupted). What was on the screen goes to stdout; the exit
status is the program's, 99 when it waits for more than 20 s.
"""
import fcntl
import os
import pty
import re
import select
import struct
import sys
import termios
import time

KEYS = {"^D": b"\x04", "^C": b"\x03"}


def main():
    columns, *command = sys.argv[1:]
    script = [line.rstrip("\n").split("\t", 1) for line in sys.stdin if "\t" in line]
    child, terminal = pty.fork()
    if child == 0:
        os.execvp(command[0], command)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, int(columns), 0, 0))
    screen, seen, until = b"", 0, time.monotonic() + 20
    while True:
        ready, _, _ = select.select([terminal], [], [], 0.2)
        if time.monotonic() > until:
            os.kill(child, 9)
            sys.stdout.write(screen.decode("utf-8", "replace"))
            print(f"\ntalk: nobody said {script[0][0] if script else 'good-bye'}")
            return 99
        if ready:
            try:
                got = os.read(terminal, 65536)
            except OSError:
                got = b""
            if not got:
                break
            screen += got
        while script:
            found = re.search(script[0][0], screen[seen:].decode("utf-8", "replace"))
            if not found:
                break
            # A password's prompt comes before the echo is off: what is typed too early is shown.
            time.sleep(0.15)
            answer = script.pop(0)[1]
            seen, until = len(screen), time.monotonic() + 20
            os.write(terminal, KEYS.get(answer, answer.encode() + b"\n"))
    _, status = os.waitpid(child, 0)
    sys.stdout.write(screen.decode("utf-8", "replace").replace("\r\n", "\n"))
    return os.waitstatus_to_exitcode(status) & 0xff


sys.exit(main())
