"""A terminal, and what it shows as SVG: for tools/screenshots and tools/recording.

What is drawn is what tmux says that it shows: characters, colours, weights. A Stage has a home, an account and an
emulator of its own; ids, and so all that the emulator makes of them, are always the same.
"""
import html
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import tempfile
import time
import unicodedata

LOCALES = {"en": "C.UTF-8", "zh": "zh_CN.UTF-8"}
CELL_W, CELL_H, PAD = 8.4, 18, 12
BACKGROUND, FOREGROUND = "#14171a", "#dfe4e8"
BASIC = ["#2b3036", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#c8ccd4",
         "#5c6370", "#ff7a85", "#b5e890", "#ffd68a", "#8cc8ff", "#dd9cf0", "#7fdbe6", "#ffffff"]

# name, kind, prompt in both languages
TASKS = [
    ("5cf3790f-5adb-42d6-adad-ba06071b18be", "image", {"en": "a lighthouse in the snow", "zh": "雪中的灯塔"}),
    ("77aa01c2-0b1e-4c55-9f0e-6d2f5a3b8c91", "video", {"en": "waves at night, seen from above", "zh": "夜里的海浪，从上往下看"}),
    ("c8790d9d-8be4-4f24-8733-44aa090a3f3c", "image", {"en": "a red panda, oil painting", "zh": "竹林里的小熊猫，油画"}),
]


# --- a screen as a picture -------------------------------------------------------------------

def colour(words):
    """Takes one colour off the front of the numbers behind 38 or 48."""
    kind = words.pop(0) if words else 5
    if kind == 2:
        return "#" + "".join(f"{words.pop(0):02x}" for _ in range(3))
    index = words.pop(0) if words else 7
    if index < 16:
        return BASIC[index]
    if index >= 232:
        return "#" + f"{8 + (index - 232) * 10:02x}" * 3
    index -= 16
    return "#" + "".join(f"{0 if part == 0 else 55 + part * 40:02x}" for part in (index // 36, index // 6 % 6, index % 6))


def style_after(style, code):
    words = [int(word or 0) for word in re.split("[;:]", code)] or [0]
    style = dict(style)
    while words:
        word = words.pop(0)
        if word == 0:
            style = {}
        elif word in (1, 2, 3, 4, 7):
            style[{1: "bold", 2: "dim", 3: "italic", 4: "under", 7: "reverse"}[word]] = True
        elif word in (22, 23, 24, 27):
            for name in {22: ("bold", "dim"), 23: ("italic",), 24: ("under",), 27: ("reverse",)}[word]:
                style.pop(name, None)
        elif word in (38, 48):
            style["fg" if word == 38 else "bg"] = colour(words)
        elif word in (39, 49):
            style.pop("fg" if word == 39 else "bg", None)
        elif 30 <= word <= 37 or 90 <= word <= 97:
            style["fg"] = BASIC[word % 10 + (8 if word >= 90 else 0)]
        elif 40 <= word <= 47 or 100 <= word <= 107:
            style["bg"] = BASIC[word % 10 + (8 if word >= 100 else 0)]
    return style


def cells_of(line):
    """[(column, characters, cells, style)] of a line with escapes."""
    style, column, runs = {}, 0, []
    for part in re.split(r"(\x1b\[[\d;:]*m)", line):
        if part.startswith("\x1b["):
            style = style_after(style, part[2:-1])
            continue
        for char in part:
            width = 0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
            if runs and runs[-1][3] == style and runs[-1][4] == width and width == 1:
                runs[-1][1] += char
                runs[-1][2] += 1
            elif width:
                runs.append([column, char, width, style, width])
            column += width
    return [run[:4] for run in runs]


def styled(style):
    """The attributes of a run of text, and the colour behind it."""
    fore, back = style.get("fg", FOREGROUND), style.get("bg")
    if style.get("reverse"):
        fore, back = back or BACKGROUND, fore
    more = ' font-weight="bold"' * bool(style.get("bold")) + ' opacity=".65"' * bool(style.get("dim")) + \
        ' font-style="italic"' * bool(style.get("italic")) + ' text-decoration="underline"' * bool(style.get("under"))
    return f'fill="{fore}"{more}', back


def line_svg(line, y):
    """A line of the screen, its upper edge at y."""
    out = []
    for column, chars, cells, style in cells_of(line):
        x = PAD + column * CELL_W
        text, back = styled(style)
        if back:
            out.append(f'<rect x="{x:.1f}" y="{y}" width="{cells * CELL_W + .5:.1f}" height="{CELL_H + .5}" fill="{back}"/>')
        if chars.strip():
            out.append(f'<text x="{x:.1f}" y="{y + 13.5}" {text} textLength="{cells * CELL_W:.1f}" '
                       f'lengthAdjust="spacingAndGlyphs" xml:space="preserve">{html.escape(chars)}</text>')
    return out


def frame(columns, rows):
    """What a picture of so many cells begins with."""
    wide, high = columns * CELL_W + 2 * PAD, rows * CELL_H + 2 * PAD
    return [f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide:.0f}" height="{high}" viewBox="0 0 {wide:.0f} {high}">',
            "<style>text{font:14px 'DejaVu Sans Mono','Noto Sans Mono CJK SC',monospace;white-space:pre}</style>",
            f'<rect width="100%" height="100%" rx="8" fill="{BACKGROUND}"/>']


def svg(screen, columns):
    lines = screen.rstrip("\n").split("\n")
    out = frame(columns, len(lines))
    for row, line in enumerate(lines):
        out += line_svg(line, PAD + row * CELL_H)
    return "\n".join(out) + "\n</svg>\n"


# --- a terminal --------------------------------------------------------------------------------

class Stage:
    """A home, an account and an emulator of its own. With a true clock the emulator is only quicker than the service;
    else time itself runs faster there."""

    def __init__(self, dreamq, lang, has_true_clock=False):
        # As long as what is shown in its place: so lines break where they would.
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="s", dir="/tmp"))
        self.shown_home = "/home/xiaoming"
        assert len(str(self.home)) == len(self.shown_home), self.home
        self.hidden = pathlib.Path(tempfile.mkdtemp())
        for name in ("dreamq", "dreamq-emulator"):
            (self.hidden / name).symlink_to(dreamq.parent / name)
        self.env = {"HOME": str(self.home), "PATH": f"{self.hidden}:/usr/bin:/bin", "LC_ALL": LOCALES[lang],
                    "TMUX_TMPDIR": str(self.hidden), "COLORTERM": "truecolor", "TERM": "xterm-256color",
                    "TZ": "UTC", "PS1": "$ "}
        port = self.hidden / "port"
        self.emulator = subprocess.Popen(
            [dreamq.parent / "dreamq-emulator", "--port", "0", "--port-file", port, "--seed", "7", "--time-scale", "20",
             "--clock", "real" if has_true_clock else "scaled"], stdout=subprocess.DEVNULL)
        while not port.exists():
            time.sleep(0.05)
        base = f"http://127.0.0.1:{port.read_text().strip()}"
        self.env |= {"DREAMQ_API_BASE": base, "DREAMQ_SUBMIT_BASE": base}
        (self.home / ".config/dreamq").mkdir(parents=True)
        (self.home / ".config/dreamq/config.ini").write_text("" if has_true_clock else "[wire]\ntime_scale = 20\n")
        self.run("echo sessionid=me | dreamq auth import -q")

    def submit(self, lang):
        """TASKS; their ids are in ids.txt."""
        for submit_id, kind, prompt in TASKS:
            self.run(f"dreamq submit -q --submit-id {submit_id} --kind {kind} --prompt {shlex.quote(prompt[lang])} >>ids.txt")

    def run(self, line):
        subprocess.run(["bash", "-c", line], cwd=self.home, env=self.env, check=False, capture_output=True, timeout=100)

    def tmux(self, *words, **more):
        return subprocess.run(["tmux", "-L", "stage", "-f", "/dev/null", *words], cwd=self.home, env=self.env, **more)

    def open(self, columns, rows):
        """A terminal of this size, with a prompt."""
        size = ["-x", str(columns), "-y", str(rows)]
        self.tmux("new-session", "-d", "-s", "s", *size, "bash", "--norc", "--noprofile", check=True)
        self.tmux("set", "-g", "status", "off", check=True)
        self.tmux("set", "-ga", "terminal-overrides", ",*:Tc", check=True)
        self.tmux("resize-window", "-t", "s", *size, check=False)
        time.sleep(0.5)
        self.tmux("send-keys", "-t", "s", "clear", "Enter", check=True)
        time.sleep(0.3)

    def type(self, text):
        self.tmux("send-keys", "-t", "s", "-l", "--", text, check=True)

    def enter(self):
        self.tmux("send-keys", "-t", "s", "Enter", check=True)

    def screen(self):
        """What it shows, with its colours."""
        shown = self.tmux("capture-pane", "-e", "-p", "-t", "s", check=True, capture_output=True, text=True).stdout
        return shown.replace(str(self.home), self.shown_home)

    def close(self):
        self.tmux("kill-server", check=False, capture_output=True)
        self.emulator.terminate()
        self.emulator.wait()
        for folder in (self.home, self.hidden):
            shutil.rmtree(folder, ignore_errors=True)
