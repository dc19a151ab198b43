#!/usr/bin/python3
"""plugin.py - for plugin.t: the skill by the rules of agentskills.io, the plugin and the bundle by
those of their readers; prints "ok LABEL" or "not ok LABEL".
"""
import json
import os
import pathlib
import re
import struct
import subprocess
import sys
import zlib

ROOT, PLACE = pathlib.Path(os.environ["SOURCE_ROOT"]), pathlib.Path(sys.argv[1])
NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def equal(wanted, got, label):
    print(f"ok {label}" if wanted == got else f"not ok {label}: wanted {wanted!r}, got {got!r}")


def holds(is_so, label, detail=""):
    print(f"ok {label}" if is_so else f"not ok {label}: {str(detail)[:400]!r}")


def front(text):
    """The front matter, by the little of YAML that skills use: key: text, key: >- and lines, key: and a map."""
    head = re.fullmatch(r"---\n(.*?)\n---\n.*", text, re.S)[1]
    found, key = {}, None
    for line in head.splitlines():
        row = re.fullmatch(r"([\w-]+): *(.*)", line)
        if row:
            key = row[1]
            found[key] = {">-": "", "": {}}.get(row[2], row[2])
        elif isinstance(found[key], dict):
            inner = re.fullmatch(r"  ([\w-]+): *(.*)", line)
            found[key][inner[1]] = inner[2]
        else:
            found[key] = f"{found[key]} {line.strip()}".strip()
    return found


def version():
    return re.search(r"version: '([^']+)'", (ROOT / "meson.build").read_text())[1]


def skill(folder):
    text = (folder / "SKILL.md").read_text()
    data = front(text)
    name = data["name"]
    holds(set(data) <= {"name", "description", "license", "compatibility", "metadata", "allowed-tools"}, f"{name}: known keys", data)
    holds(NAME.fullmatch(name) and len(name) <= 64 and name == folder.name, f"{name}: is named as its folder")
    holds(1 <= len(data["description"]) <= 1024 and not re.search("[<>]", data["description"]), f"{name}: description", data)
    holds(re.search("[\u4e00-\u9fff]{4}", data["description"]) and "Use it when" in data["description"], f"{name}: says when, in both languages")
    holds(1 <= len(data["compatibility"]) <= 500, f"{name}: compatibility")
    equal("MIT", data["license"], f"{name}: license")
    holds(all(isinstance(value, str) for value in data["metadata"].values()), f"{name}: metadata are texts")
    holds(len(text.splitlines()) < 200, f"{name}: is short")
    for words in ["Never submit again", "Ask the person before paying", "are secrets", "Do not poll in a loop", "data of others"]:
        holds(words in text, f"{name}: says '{words}'")
    ask = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}})
    tools = '{"jsonrpc":"2.0","id":2,"method":"tools/list"}'
    done = subprocess.run([os.environ["DREAMQ"], "mcp", "-q", "--allow-submit"], input=f"{ask}\n{tools}\n", capture_output=True, text=True, check=False, timeout=60)
    there = {tool["name"] for line in done.stdout.splitlines() for tool in json.loads(line)["result"].get("tools", [])}
    named = set(re.findall(r"`(dreamq_\w+)`", text))
    holds(named and named <= there, f"{name}: the tools that it names are there", named - there)


def plugin():
    market = json.loads((ROOT / ".claude-plugin/marketplace.json").read_text())
    holds({"name", "owner", "plugins"} <= set(market) and market["owner"]["name"], "marketplace: its keys")
    for entry in market["plugins"]:
        folder = ROOT / entry["source"]
        holds(entry["source"].startswith("./") and folder.is_dir(), f"marketplace: {entry['name']} is there")
        data = json.loads((folder / ".claude-plugin/plugin.json").read_text())
        equal((entry["name"], version()), (data["name"], data["version"]), "plugin: name and version")
        holds(NAME.fullmatch(data["name"]) and data["description"] and data["author"]["name"], "plugin: its keys")
        equal("MIT", data["license"], "plugin: license")
        servers = json.loads((folder / ".mcp.json").read_text())["mcpServers"]
        equal({"dreamq": {"command": "dreamq", "args": ["mcp"]}}, servers, "plugin: its server")
        holds(len((folder / "README.md").read_text().split()) >= 40, "plugin: a page of at least 40 words")
        for skill_of in sorted((ROOT / "skills").glob("*/SKILL.md")):
            holds((folder / skill_of.relative_to(ROOT)).read_text() == skill_of.read_text(),
                  f"plugin: {skill_of.parent.name} is the one there is (tools/plugin skills plugins/dreamq/skills)")
        equal(icon(PLACE / "drawn.png", True), icon(folder / ".claude-plugin/icon.png", False), "plugin: the icon is as it is drawn")


def icon(path, must_be_drawn):
    """(width, height, pixels) of a PNG of ours."""
    if must_be_drawn:
        subprocess.run([ROOT / "tools/plugin", "icon", path], check=True)
    data, at, rows = path.read_bytes(), 8, b""
    size = struct.unpack(">II", data[16:24])
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        rows += data[at + 8:at + 8 + length] if kind == b"IDAT" else b""
        at += length + 12
    holds(size[0] == size[1] and 512 <= size[0] <= 2048 and len(data) < 2_000_000, f"icon: {path.name} is square, and small")
    return size, zlib.crc32(zlib.decompress(rows))


def desktop():
    data = json.loads((ROOT / "plugins/desktop/manifest.json").read_text())
    equal(("0.3", version(), "binary"), (data["manifest_version"], data["version"], data["server"]["type"]), "bundle: its version")
    equal("${__dirname}/" + data["server"]["entry_point"], data["server"]["mcp_config"]["command"], "bundle: starts what is in it")
    wanted = set(re.findall(r"\$\{user_config\.(\w+)\}", json.dumps(data["server"])))
    equal(set(data["user_config"]), wanted, "bundle: what it asks for is used")


def main():
    folders = sorted(path.parent for path in (ROOT / "skills").glob("*/SKILL.md"))
    holds(folders, "there are skills")
    for folder in folders:
        skill(folder)
    plugin()
    desktop()


main()
