#!/usr/bin/python3
"""mcp_wishes.py - can the tools be told apart by what they say of themselves? Prints "ok LABEL" or
"not ok LABEL".

Nearness is counted, not felt: a text is the set of its tokens (English words without their endings, and
pairs of neighbouring Chinese characters); a token that few tools have is worth more (log of all tools
over those that have it), and twice as much when it is in the tool's name; a tool is as near to a
wish as the worth of the tokens that both have. That is
cruder than any model, so what is told apart here is told apart by a model, too. Nearest must be the right
one alone.

The wishes are in tests/mcp/wishes.toml.
"""
import itertools
import math
import os
import pathlib
import re
import subprocess
import sys
import tomllib

from mcp import Server

ROOT = pathlib.Path(os.environ["SOURCE_ROOT"])
DULL = set("a all an and are as at be by did do does far for from has have how i if in is it its me my of on one or please so that the them then there "
           "these they this those to was we what when which with you your".split())
DULL_CHINESE = "的|了|这个|那个|一下|吗|没有|有没有"
FIRST_SENTENCE_MAX, ALIKE_MAX = 220, 0.34
MODES = [[], ["--allow-submit"], ["--allow-delete"]]


def stem(word):
    if word == "stats":
        return "statistics"
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[:-len(ending)].rstrip("e")
    return word.rstrip("e") or word


def tokens(text):
    text = re.sub("submit[ _]ids?", "id", text)  # a word of its own
    words = {stem(word) for word in re.findall(r"[a-z]+", text.lower()) if word not in DULL}
    pairs = {run[i:i + 2] for run in re.findall(r"[\u4e00-\u9fff]+", re.sub(DULL_CHINESE, " ", text)) for i in range(len(run) - 1)}
    return words | pairs


def all_tools():
    """With every option that adds some."""
    words = subprocess.run([os.environ["DREAMQ"], "help", "mcp"], capture_output=True, text=True, check=False).stdout
    options = [option for mode in MODES for option in mode if option in words]
    server = Server(args=options)
    tools = server.do("tools/list")["result"]["tools"]
    server.process.stdin.close()
    server.process.wait(20)
    return tools


def holds(is_so, label, detail=""):
    print(f"ok {label}" if is_so else f"not ok {label}: {str(detail)[:700]}")


def check_texts(tools):
    firsts = [re.match(r"[A-Za-z]+", tool["description"])[0] for tool in tools]
    holds(len(set(firsts)) == len(firsts), "each description begins with another verb", firsts)
    long = [tool["name"] for tool in tools if len(re.split(r"[.:] ", tool["description"])[0]) > FIRST_SENTENCE_MAX]
    holds(not long, "its first sentence is short", long)
    mute = [tool["name"] for tool in tools if not re.search(r"[\u4e00-\u9fff]{2}", tool["description"])]
    holds(not mute, "it has words of both languages", mute)
    near = []
    for one, other in itertools.combinations(tools, 2):
        a, b = tokens(one["description"]), tokens(other["description"])
        if len(a & b) / len(a | b) > ALIKE_MAX:
            near.append((one["name"], other["name"], sorted(a & b)))
    holds(not near, "no two descriptions are alike", near)


def check_wishes(tools, wishes):
    named = {tool["name"]: tokens(tool["name"].replace("_", " ")) for tool in tools}
    having = {tool["name"]: named[tool["name"]] | tokens(f"{tool['title']} {tool['description']}") for tool in tools}
    every = set().union(*having.values())
    worth = {token: math.log(len(tools) / sum(token in one for one in having.values())) for token in every}
    wrong, n = [], 0
    for name, texts in wishes.items():
        for text in texts:
            n += 1
            wish = tokens(text)
            scores = sorted(((sum(worth[t] * (1 + (t in named[tool])) for t in wish & one), tool)
                             for tool, one in having.items()), reverse=True)
            if scores[0][1] != name or scores[0][0] <= scores[1][0]:
                wrong.append(f"'{text}' is {name}, not {[(tool, round(score, 1)) for score, tool in scores[:2]]}")
    for line in wrong:
        print(line, file=sys.stderr)
    holds(not wrong, f"each of {n} wishes is nearest to its tool", wrong)
    holds(n >= 55, "there are wishes enough", n)
    lacking = [name for name in having if len(wishes.get(name, [])) < 5]
    holds(not lacking, "each tool has its wishes", lacking)
    bare = [name for name, texts in wishes.items() if sum(bool(re.search("[\u4e00-\u9fff]", text)) for text in texts) < 2]
    holds(not bare, "in both languages", bare)


def main():
    tools = all_tools()
    wishes = tomllib.loads((ROOT / "tests/mcp/wishes.toml").read_text())
    check_texts(tools)
    check_wishes(tools, {name: texts for name, texts in wishes.items() if any(tool["name"] == name for tool in tools)})


main()
