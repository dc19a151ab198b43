#!/usr/bin/python3
"""mcp_install.py - for mcp_install.t: the configuration of each client, as 'dreamq mcp install'
writes it, read by parsers that are not ours, and the command in it run.

    mcp_install.py PART...     prints "ok LABEL" or "not ok LABEL"
"""
import json
import os
import pathlib
import pty
import re
import subprocess
import sys
import tomllib

ROOT, HOME = pathlib.Path(os.environ["SOURCE_ROOT"]), pathlib.Path(os.environ["HOME"])
FOLDER = "/tmp/a folder \"with\" é 图"
OTHERS = {  # what somebody has there already, by the form of the file
    "json": '{\n    "theme": "dark",\n    "LIST": {\n        "other": {"command": "o", "env": {"K": "v,}"}}\n    }\n}\n',
    "jsonc": '// mine\n{\n\t"theme": "dark", /* LIST: {} */\n\t"LIST": {\n\t\t"other": {"command": "o"}, // the last, "dreamq"\n'
             '\t},\n}\n// the end',
    "toml": '# mine\nmodel = "x"\n\n[LIST.other] # theirs\ncommand = "o"\nargs = [\n  "a]", # b\n]\n\n[tui]\ntext = """\n[LIST.dreamq]\n"""\n',
}
INITIALIZE = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
    "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}}
PREFIX = "io.modelcontextprotocol/"
DISCOVER = {"jsonrpc": "2.0", "id": 2, "method": "server/discover", "params": {"_meta": {
    PREFIX + "protocolVersion": "2026-07-28", PREFIX + "clientCapabilities": {}}}}


def equal(wanted, got, label):
    print(f"ok {label}" if wanted == got else f"not ok {label}: wanted {wanted!r}, got {got!r}")


def holds(is_so, label, detail=""):
    print(f"ok {label}" if is_so else f"not ok {label}: {str(detail)[:600]!r}")


def dreamq(*words, **more):
    return subprocess.run(["dreamq", "mcp", *words], capture_output=True, text=True, timeout=60, check=False, **more)


def rows():
    """The table of clients, as the sources have it."""
    text = (ROOT / "src/mcp/install/client.c").read_text()
    table = text[text.index("struct client clients[]"):text.index("clang-format on")]
    for row in re.findall(r'\{ "([a-z-]+)",\s*"([^"]+)",\s*FORM_(\w+),\s*(\w+|"\w+"),\s*\{ "([^"]+)", "([^"]+)" \},'
                          r'\s*"([^"]+)",\s*(?:NULL|"[^"]+"),\s*(NULL|"[^"]+"),\s*"(\w+)"', table):
        name, title, form, _, linux, macos, file, project, key = row
        yield {"name": name, "title": title, "form": form.lower(), "linux": f"{linux}/{file}", "macos": f"{macos}/{file}",
               "project": None if project == "NULL" else project.strip('"'), "list": key}


def plain_json(text):
    """JSONC without its comments and trailing commas."""
    token = re.compile(r'"(?:[^"\\]|\\.)*"|//[^\n]*|/\*.*?\*/|,(?=\s*(?:(?://[^\n]*|/\*.*?\*/)\s*)*[}\]])', re.S)
    return token.sub(lambda found: found[0] if found[0][0] == '"' else " ", text)


def parse(form, text):
    if form == "toml":
        return tomllib.loads(text)
    return json.loads(plain_json(text) if form == "jsonc" else text)


def command_of(entry):
    return entry["command"] if isinstance(entry["command"], list) else [entry["command"], *entry["args"]]


def answers(command, label):
    """It is started without our variables, as a client would, and speaks both eras."""
    environment = {"HOME": str(HOME), "PATH": "/usr/bin:/bin"}
    text = json.dumps(INITIALIZE) + "\n" + json.dumps(DISCOVER) + "\n"
    done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=60, check=False, env=environment)
    frames = {frame["id"]: frame for frame in map(json.loads, done.stdout.splitlines())}
    equal((0, "2025-06-18", ["2026-07-28"], ""),
          (done.returncode, frames.get(1, {}).get("result", {}).get("protocolVersion"),
           frames.get(2, {}).get("result", {}).get("supportedVersions"), done.stderr), label)


def part_clients():
    for row in rows():
        path = pathlib.Path(row["linux"].replace("~", str(HOME), 1).replace("XDG_CONFIG_HOME", os.environ["XDG_CONFIG_HOME"], 1))
        before = OTHERS[row["form"]].replace("LIST", row["list"])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(before)
        path.chmod(0o640)
        name = row["name"]
        done = dreamq("install", name, "-o", FOLDER, "--dry-run")
        equal((0, before), (done.returncode, path.read_text()), f"{name}: a rehearsal writes nothing")
        done = dreamq("install", name, "-o", FOLDER, "--yes")
        after = path.read_text()
        entry = parse(row["form"], after)[row["list"]]["dreamq"]
        equal((0, FOLDER), (done.returncode, command_of(entry)[-1]), f"{name}: it is written")
        holds("o" in str(parse(row["form"], after)[row["list"]]["other"]["command"]), f"{name}: the other server is there")
        equal(0o640, path.stat().st_mode & 0o777, f"{name}: the mode is kept")
        backups = list(path.parent.glob(path.name + ".*.bak"))
        equal([before], [backup.read_text() for backup in backups], f"{name}: the old file is beside it")
        answers(command_of(entry), f"{name}: its command answers")
        done = dreamq("install", name, "-o", FOLDER, "--yes")
        equal((0, after, 1), (done.returncode, path.read_text(), len(list(path.parent.glob("*.bak")))), f"{name}: again changes nothing")
        done = dreamq("install", name, "--remove", "--yes")
        equal((0, before), (done.returncode, path.read_text()), f"{name}: taken out, it is as it was")
        sweep()
        path.unlink()
    folder = pathlib.Path("project")
    folder.mkdir()
    for row in rows():
        if row["project"]:
            dreamq("install", row["name"], "--project", str(folder), "--yes")
            entry = parse(row["form"], (folder / row["project"]).read_text())[row["list"]]["dreamq"]
            equal("mcp", command_of(entry)[1], f"{row['name']}: in a project")


def sweep():
    """What was made is gone again."""
    for file in [*HOME.rglob("*.bak"), *pathlib.Path(os.environ["XDG_CONFIG_HOME"]).rglob("*.bak")]:
        file.unlink()


EDITS = [  # client, before, part of what comes out; before is what comes out when it is removed
    ("cursor", "", '"dreamq": {'),
    ("cursor", "{}", '\n  "mcpServers": {\n    "dreamq": {\n      "command": '),
    ("cursor", '{"a":1}', '{"a":1, "mcpServers": {"dreamq": {"command": '),
    ("cursor", '{"mcpServers":{}}', '{"mcpServers":{"dreamq": {"command": '),
    ("cursor", '{\r\n  "a": [1,\r\n 2]\r\n}\r\n', '\r\n  "mcpServers": {\r\n    "dreamq": {\r\n'),
    ("cursor", '\ufeff{\n "a": {}\n}', '},\n "mcpServers": {\n  "dreamq": {\n   "command"'),
    ("cursor", '{\n\t"a\\"}": "mcpServers",\n\t"b": null\n}', '\n\t"mcpServers": {\n\t\t"dreamq"'),
    ("zed", '{\n  "a": 1 // one\n  /* two */\n}', '"a": 1, // one\n  /* two */\n  "context_servers"'),
    ("zed", '{\n  "a": 1, // one\n}', '"a": 1, // one\n  "context_servers": {\n'),
    ("zed", '{ // none\n}', '{ // none\n  "context_servers"'),
    ("codex", 'model = "x"\n', '\n\n[mcp_servers.dreamq]\n'),
    ("codex", '[mcp_servers.a]\ncommand = "a"\n[mcp_servers.a.env]\nX = 1\n', 'X = 1\n\n[mcp_servers.dreamq]\n'),
    ("codex", "t = '''\n[mcp_servers.dreamq]\n'''\nd = 1979-05-27 07:32:00\n[[x]]\n", "[[x]]\n\n[mcp_servers.dreamq]\n"),
]
# In one line nobody can tell whether an empty list was there.
LEFT = {"": "{}\n", '{"a":1}': '{"a":1, "mcpServers": {}}'}
FILES = {"cursor": ".cursor/mcp.json", "codex": ".codex/config.toml", "zed": "../config/zed/settings.json",
         "claude-code": ".claude.json"}
KEPT = [  # what somebody has added to our own entry stays; what is ours is set right
    ("cursor", '{"mcpServers": {"dreamq": {"command": "/old", "env": {"A": "b"}, "args": ["mcp","-o","/old"], "disabled": true}}}',
     {"env": {"A": "b"}, "disabled": True}),
    ("codex", '[mcp_servers.dreamq]\ncommand = "/old" # mine\nargs = [\n "mcp",\n]\ntool_timeout_sec = 90\nenabled = false\n\n[mcp_servers.dreamq.env]\nA = "b"\n',
     {"env": {"A": "b"}, "enabled": False, "tool_timeout_sec": 90}),
    ("codex", '[mcp_servers.dreamq]\nenabled = true\n[z]\n', {"enabled": True}),
    ("cursor", '{"mcpServers": {"dreamq": "nonsense"}}', {}),
]


def part_edits():
    for number, (client, before, wanted) in enumerate(EDITS):
        path = HOME / FILES[client]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(before.encode())
        dreamq("install", client, "--yes")
        after = path.read_bytes().decode()
        holds(wanted in after, f"edit {number}: is laid out as its file is", after)
        holds(parse("toml" if client == "codex" else "jsonc", after.lstrip("\ufeff")), f"edit {number}: parses")
        dreamq("install", client, "--yes", "--remove")
        equal(LEFT.get(before, before), path.read_bytes().decode(), f"edit {number}: and back")
        path.unlink()
    for number, (client, before, kept) in enumerate(KEPT):
        path = HOME / FILES[client]
        path.write_text(before)
        dreamq("install", client, "--yes")
        form = "toml" if client == "codex" else "json"
        entry = next(iter(parse(form, path.read_text())[{"toml": "mcp_servers", "json": "mcpServers"}[form]].values()))
        equal(kept, {key: entry[key] for key in kept}, f"own entry {number}: what was added stays")
        equal(["mcp"], entry["args"], f"own entry {number}: the command is set right")
        path.unlink()
    sweep()
    # a link stays one, and what it points at is written
    real = HOME / "dotfiles.json"
    real.write_text("{}")
    (HOME / ".cursor/mcp.json").symlink_to(real)
    dreamq("install", "cursor", "--yes")
    equal((True, True), ((HOME / ".cursor/mcp.json").is_symlink(), "dreamq" in real.read_text()), "a link stays one")
    (HOME / ".cursor/mcp.json").unlink()
    # options and variables that chose a place are in the entry, absolute
    dreamq("install", "cursor", "--yes", "--profile", "work", "-o", "pics", env={**os.environ, "DREAMQ_LEDGER": "sqlite:l.db"})
    entry = json.loads((HOME / ".cursor/mcp.json").read_text())["mcpServers"]["dreamq"]
    here = os.getcwd()
    equal((f"sqlite:{here}/l.db", "work", f"{here}/pics"), tuple(entry["args"][entry["args"].index(name) + 1] for name in
          ["--ledger", "--profile", "--output-dir"]), "which ledger and account are in the entry")
    equal(str(pathlib.Path(here) / "bin/dreamq"), entry["command"], "the command is what it was called by, absolute")
    (HOME / ".cursor/mcp.json").unlink()
    real.unlink()
    sweep()


BROKEN = [
    ("cursor", '{\n "a": 1,\n}', 3), ("cursor", '{\n // c\n}', 2), ("cursor", '{"a" 1}', 1), ("cursor", "[]", 1),
    ("cursor", '{\n\n"mcpServers": []}', 3), ("cursor", '{"a": "x}', 1), ("cursor", '{"a": 01}', 1), ("cursor", '{"a": tru}', 1),
    ("cursor", '{"a":1}\nx', 2), ("cursor", '{"mcpServers":{},\n"mcpServers":{}}', 2), ("cursor", '{"a":' + "[" * 200, 1),
    ("cursor", "{'a': 1}", 1), ("cursor", '{"mcpServers":{"dreamq":{}', 1), ("zed", "{ /* c }", 1), ("zed", '{\n,}', 2),
    ("codex", "a = \n", 1), ("codex", "a\n", 1), ("codex", '\n[x\n', 2), ("codex", 'a = "b\n', 1), ("codex", "a = [1, 2\n", 1),
    ("codex", 'a = """\n', 1), ("codex", "a = 1 b = 2\n", 1), ("codex", "= 1", 1), ("codex", "x = 1\nmcp_servers = {}\n", 2),
    ("codex", "[mcp_servers]\ndreamq = {command = 'x'}\n", 2), ("codex", "mcp_servers.dreamq.command = 'x'\n", 1),
    ("codex", "[mcp_servers.dreamq]\n[mcp_servers.dreamq]\n", 2), ("codex", "[[mcp_servers.dreamq]]\n", 1),
]


def part_refused():
    for number, (client, text, line) in enumerate(BROKEN):
        path = HOME / FILES[client]
        path.write_text(text)
        done = dreamq("install", client, "--yes")
        holds(done.returncode == 2 and f"line {line}: " in done.stderr and path.read_text() == text and
              not list(path.parent.glob("*.bak")), f"broken {number} is refused, with its line", f"{done} {text[:50]}")
        path.unlink()
    for number, raw in enumerate([b"{\0}", b"\xff{}", "{}".encode("utf-16")]):
        path = HOME / FILES["cursor"]
        path.write_bytes(raw)
        done = dreamq("install", "cursor", "--yes")
        equal((2, raw), (done.returncode, path.read_bytes()), f"bytes that are no text {number}")
        path.unlink()
    path = HOME / FILES["cursor"]
    path.mkdir()
    equal(6, dreamq("install", "cursor", "--yes").returncode, "a folder in its place")
    path.rmdir()
    path.symlink_to(HOME / "nowhere")
    equal(6, dreamq("install", "cursor", "--yes").returncode, "a link to nothing")
    path.unlink()


def ask(answer, meanwhile=None):
    """On a terminal: (status, what it said) with that answer to its question."""
    child, terminal = pty.fork()
    if child == 0:
        os.execvp("dreamq", ["dreamq", "mcp", "install", "cursor"])
    said = b""
    try:
        while b"[y/N]" not in said:
            said += os.read(terminal, 4096)
        if meanwhile:
            meanwhile()
        os.write(terminal, answer)
        while True:
            more = os.read(terminal, 4096)
            said += more
            if not more:
                break
    except OSError:
        pass
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    os.close(terminal)
    return status, said.decode()


def part_meanwhile():
    path = HOME / FILES["cursor"]
    path.write_text('{"a": 1}')
    status, said = ask(b"n\n")
    equal((0, '{"a": 1}'), (status, path.read_text()), "asked on a terminal, no is no")
    holds("mcpServers" in said, "what would change is shown first", said)
    status, said = ask(b"y\n", lambda: path.write_text('{"a": 2}'))
    equal((6, '{"a": 2}', []), (status, path.read_text(), list(path.parent.glob("*.bak"))), "written meanwhile: it is left alone")
    holds("by somebody else" in said, "and that is told", said)
    status, said = ask(b"y\n")
    equal((0, True), (status, "dreamq" in path.read_text()), "yes is yes")
    path.unlink()
    status, said = ask(b"y\n", lambda: path.write_text("{}"))
    equal((6, "{}"), (status, path.read_text()), "made meanwhile: it is left alone")
    path.unlink()
    sweep()


def part_docs():
    """docs/agents.md and its twin name each client and its files."""
    for page in ["docs/agents.md", "docs/zh/agents.md"]:
        text = (ROOT / page).read_text()
        for row in rows():
            wanted = [f"`{row['name']}`", row["title"], row["linux"].replace("XDG_CONFIG_HOME", "~/.config", 1),
                      row["macos"].replace("XDG_CONFIG_HOME", "~/.config", 1), row["project"] or "", row["list"]]
            line = next((line for line in text.splitlines() if line.startswith(f"| `{row['name']}` |")), "")
            holds(all(word in line for word in wanted), f"{page} has {row['name']}", (wanted, line))


def main():
    for part in sys.argv[1:]:
        globals()[f"part_{part}"]()


main()
