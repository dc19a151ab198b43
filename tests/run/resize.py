#!/usr/bin/python3
"""A terminal whose width changes while a program draws on it: what is left on the screen?

    resize.py [--clips] WIDTHS LINES PATTERN COMMAND...

WIDTHS are numbers with commas between; the program begins at the first. It is stopped while
the width changes, so that what it wrote before is on the screen by then. After each change
it must draw again: screen and scrollback have then the lines that stood there before and so
many LINES, each with PATTERN. After its end none of those is left. As most terminals do, this
one wraps long lines anew when its width changes; with --clips it does not.
Problems go to stdout, one a line; the exit status is the program's.
"""
import codecs
import fcntl
import os
import re
import select
import signal
import struct
import sys
import termios
import time
import unicodedata

ROWS = 24
BEFORE = ["what stood here before", "and this, too"]


def columns_of(char):
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


class Terminal:
    """Rows of (text, goes on in the next row); those above the screen are its scrollback."""

    def __init__(self, columns, clips):
        self.columns, self.clips = columns, clips
        self.rows, self.at, self.x = [["", False]], 0, 0
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.rest = ""
        self.frames = 0

    def top(self):
        return max(0, len(self.rows) - ROWS)

    def down(self):
        self.at += 1
        if self.at == len(self.rows):
            self.rows.append(["", False])

    def put(self, char):
        width = columns_of(char)
        if self.x + width > self.columns:
            self.rows[self.at][1] = True
            self.down()
            self.x = 0
        cells = self.cells(self.rows[self.at][0])
        cells += [" "] * (self.x - len(cells))
        cells[self.x:self.x + width] = [char] + [""] * (width - 1)
        self.rows[self.at][0] = "".join(cells)
        self.x += width

    @staticmethod
    def cells(text):
        cells = []
        for char in text:
            cells += [char] + [""] * (columns_of(char) - 1)
        return cells

    def feed(self, data):
        text = self.rest + self.decoder.decode(data)
        self.rest = ""
        i = 0
        while i < len(text):
            if text[i] == "\033":
                found = re.compile(r"\033\[([0-9;?]*)([A-Za-z])").match(text, i)
                if not found:
                    self.rest = text[i:]
                    return
                self.control(found.group(1), found.group(2))
                i = found.end()
                continue
            if text[i] == "\n":
                self.rows[self.at][1] = False
                self.down()
            elif text[i] == "\r":
                self.x = 0
            elif text[i] >= " ":
                self.put(text[i])
            i += 1

    def control(self, number, letter):
        if letter == "A":
            self.at = max(self.top(), self.at - int(number or 1))
        elif letter == "K":
            self.rows[self.at] = ["".join(self.cells(self.rows[self.at][0])[:self.x]), False]
        elif letter == "J":
            self.rows[self.at] = ["".join(self.cells(self.rows[self.at][0])[:self.x]), False]
            self.rows[self.at + 1:] = [["", False] for _ in self.rows[self.at + 1:]]
            self.frames += 1
        elif letter != "m":
            print(f"the program sent CSI {number}{letter}")

    def resize(self, columns):
        if self.clips:
            for row in self.rows:
                row[0] = "".join(self.cells(row[0])[:columns])
            self.columns = columns
            return
        # What is blank below the cursor makes room before anything is scrolled off.
        while len(self.rows) > self.at + 1 and not self.rows[-1][0].strip():
            self.rows.pop()
        lines, at = [""], 0
        for i, (text, goes_on) in enumerate(self.rows):
            if i == self.at:
                at = len(lines) - 1
            lines[-1] += text
            if not goes_on:
                lines.append("")
        lines.pop()
        self.columns, self.rows = columns, [["", False]]
        self.at = self.x = 0
        for i, line in enumerate(lines):
            for char in line.rstrip():
                self.put(char)
            if i == at:
                where = self.at
            if i + 1 < len(lines):
                self.down()
                self.x = 0
        self.at, self.x = where, 0

    def lines(self):
        text = ""
        for row, goes_on in self.rows:
            text += row + ("" if goes_on else "\n")
        return [line.rstrip() for line in text.split("\n") if line.strip()]


class Run:
    def __init__(self, command, terminal):
        self.terminal = terminal
        self.fd, other = os.openpty()
        self.set_size()
        self.has_ended = False
        self.pid = os.fork()
        if self.pid == 0:
            os.login_tty(other)
            os.execvp(command[0], command)
        os.close(other)

    def set_size(self):
        size = struct.pack("HHHH", ROWS, self.terminal.columns, 0, 0)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, size)

    def read(self, seconds):
        """False: nothing came."""
        if not select.select([self.fd], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            data = b""
        if not data:
            self.has_ended = True
            return False
        self.terminal.feed(data)
        return True

    def await_frames(self, number):
        until = time.monotonic() + 60
        wanted = self.terminal.frames + number
        while self.terminal.frames < wanted and not self.has_ended:
            if time.monotonic() > until:
                print("it does not draw")
                return
            self.read(0.2)

    def change(self, columns):
        os.kill(self.pid, signal.SIGSTOP)
        os.waitpid(self.pid, os.WUNTRACED)
        while self.read(0.1):
            pass
        self.terminal.resize(columns)
        self.set_size()
        os.kill(self.pid, signal.SIGCONT)


def judge(terminal, pattern, wanted, when):
    lines = terminal.lines()
    drawn = [line for line in lines[len(BEFORE):] if re.search(pattern, line) or wanted]
    odd = [line for line in drawn if not re.search(pattern, line)]
    if lines[:len(BEFORE)] != BEFORE or odd or len(drawn) != wanted:
        print(f"{when}: {wanted} lines wanted, there are:")
        print("\n".join("    |" + line for line in lines))


def main():
    arguments = sys.argv[1:]
    clips = arguments[0] == "--clips"
    if clips:
        arguments.pop(0)
    widths = [int(width) for width in arguments[0].split(",")]
    wanted, pattern = int(arguments[1]), arguments[2]
    terminal = Terminal(widths[0], clips)
    terminal.feed("".join(line + "\r\n" for line in BEFORE).encode())
    run = Run(arguments[3:], terminal)
    run.await_frames(3)
    judge(terminal, pattern, wanted, f"at {widths[0]} columns")
    for width in widths[1:]:
        run.change(width)
        run.await_frames(2)
        judge(terminal, pattern, wanted, f"now {width} columns")
    os.kill(run.pid, signal.SIGINT)
    while not run.has_ended:
        run.read(1)
    judge(terminal, pattern, 0, "at its end")
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(run.pid, 0)[1]))


main()
