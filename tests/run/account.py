#!/usr/bin/env python3
"""What an account of the emulator has, byte for byte, against the files of a folder.

    account.py API ACCOUNT FOLDER

Asks the service as the web page does, without dreamq: the records for the links of pictures
and sounds, `get_local_item_list` for the original of each film. Everything is fetched, and
has to be among the files exactly once; nothing else may be there. Says what is not so, and
how many there are: "N files, N as they should be, N missing, N of nobody".
"""
import collections
import hashlib
import http.client
import json
import pathlib
import sys
import urllib.parse

QUERY = "?aid=513695&device_platform=web&region=cn"
HEAD = {"Accept": "application/json, text/plain, */*", "Content-Type": "application/json",
        "appid": "513695", "appvr": "8.4.0", "pf": "3", "lan": "zh-Hans", "loc": "cn",
        "Origin": "https://jimeng.jianying.com",
        "Referer": "https://jimeng.jianying.com/ai-tool/generate?type=image"}
SHOWN_MAX = 10
AT_ONCE = 50


class Service:
    """Connections that are used again, one a host."""

    def __init__(self, api, account):
        self.api, self.account, self.open = api, account, {}

    def request(self, method, url, body=None, head=None):
        parts = urllib.parse.urlsplit(url)
        line = parts.path + ("?" + parts.query if parts.query else "")
        link = self.open.setdefault(parts.netloc, http.client.HTTPConnection(parts.netloc))
        link.request(method, line, body, head or {})
        answer = link.getresponse()
        data = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{parts.path}: status {answer.status}")
        return data

    def ask(self, path, body):
        head = HEAD | {"Cookie": f"sessionid={self.account}"}
        answer = json.loads(self.request("POST", self.api + path + QUERY, json.dumps(body), head))
        if str(answer["ret"]) != "0":
            raise SystemExit(f"{path}: ret {answer['ret']}")
        return answer["data"]

    def tasks(self):
        return json.loads(self.request("GET", f"{self.api}/_emulator/tasks?account={self.account}"))


def sound_links(item):
    """Its link stands in one of three places, and is told by what it links."""
    if isinstance(item, str):
        return {item} if item.startswith("http") and "mime_type=audio" in item else set()
    values = item.values() if isinstance(item, dict) else item if isinstance(item, list) else ()
    return set().union(*map(sound_links, values))


def original(service, item):
    body = {"item_id_list": [item["common_attr"]["id"]], "is_for_video_download": True,
            "pack_item_opt": {"scene": 1, "need_data_integrity": True}}
    video = service.ask("/mweb/v1/get_local_item_list", body)["item_list"][0]["video"]
    return video["transcoded_video"]["origin"]["video_url"]


def links_of(service, item):
    if item.get("video"):
        yield original(service, item)
    elif item.get("audio"):
        yield min(sound_links(item))
    else:
        largest = max(item["image"]["large_images"], key=lambda image: image["width"])
        yield largest["image_url"]


def truth(service):
    """Sums of everything that the account has: sum -> [what it is]."""
    ended = [task["history_id"] for task in service.tasks()
             if task["status"] == 50 and not task["file_gone"] and not task["record_gone"]]
    sums = collections.defaultdict(list)
    for at in range(0, len(ended), AT_ONCE):
        records = service.ask("/mweb/v1/get_history_by_ids", {"history_ids": ended[at:at + AT_ONCE]})
        for history_id, record in records.items():
            for place, item in enumerate(record["item_list"]):
                for link in links_of(service, item):
                    data = service.request("GET", link)
                    sums[hashlib.sha256(data).hexdigest()].append(f"{history_id}, item {place}")
    return sums


def main():
    service = Service(sys.argv[1], sys.argv[2])
    sums = truth(service)
    found = collections.defaultdict(list)
    for path in pathlib.Path(sys.argv[3]).rglob("*"):
        if path.is_file():
            found[hashlib.sha256(path.read_bytes()).hexdigest()].append(str(path))
    missing = [name for digest, names in sums.items() for name in names[len(found[digest]):]]
    strangers = [path for digest, paths in found.items() for path in paths[len(sums[digest]):]]
    for words, names in (("missing", missing), ("of nobody", strangers)):
        for name in names[:SHOWN_MAX]:
            print(f"{words}: {name}", file=sys.stderr)
    n_files = sum(map(len, found.values()))
    print(f"{n_files} files, {n_files - len(strangers)} as they should be, {len(missing)} missing, "
          f"{len(strangers)} of nobody")
    return 1 if missing or strangers else 0


if __name__ == "__main__":
    sys.exit(main())
