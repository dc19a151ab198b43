#!/usr/bin/python3
"""A receiver of a test: webhook.py FILE KEY_HEX

On 127.0.0.1, at the port that it prints. Each POST becomes a line of JSON in FILE: id, path, whether
its signature is right, type, body, and how it was answered. How the next are, says FILE.say, a word a line, each used
once: a status, "429:7" (with Retry-After), "302:URL", "hang" (no answer), "close". Then it is 204.
"""
import base64
import hashlib
import hmac
import http.server
import json
import os
import sys
import threading
import time

lock = threading.Lock()


def next_word():
    with lock:
        try:
            with open(sys.argv[1] + ".say", encoding="utf-8") as file:
                words = file.read().split()
        except FileNotFoundError:
            return "204"
        if not words:
            return "204"
        with open(sys.argv[1] + ".tmp", "w", encoding="utf-8") as file:
            file.write("\n".join(words[1:]))
        os.rename(sys.argv[1] + ".tmp", sys.argv[1] + ".say")
        return words[0]


class Receiver(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        stamp = self.headers["webhook-timestamp"]
        text = f"{self.headers['webhook-id']}.{stamp}.{body}".encode()
        wanted = base64.b64encode(hmac.new(bytes.fromhex(sys.argv[2]), text, hashlib.sha256).digest()).decode()
        word = next_word()
        line = {"id": self.headers["webhook-id"], "path": self.path, "type": self.headers["Content-Type"],
                "right": "v1," + wanted in self.headers["webhook-signature"].split(" "),
                "fresh": abs(time.time() - int(stamp)) < 60, "signatures": self.headers["webhook-signature"].count("v1,"),
                "cookie": self.headers["Cookie"], "body": json.loads(body), "said": word}
        with lock, open(sys.argv[1], "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        if word == "hang":
            time.sleep(60)
        if word in ("hang", "close"):
            self.close_connection = True
            return
        status, _, more = word.partition(":")
        self.send_response(int(status))
        if more:
            self.send_header("Location" if status == "302" else "Retry-After", more)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *words):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
server.daemon_threads = True
print(server.server_address[1], flush=True)
server.serve_forever()
