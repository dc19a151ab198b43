#!/usr/bin/python3
"""A chat service of a test: tell.py FILE [BODY...]

On 127.0.0.1, at the port that it prints. Each request becomes a line of JSON in FILE: path,
type, body. The n-th is answered by the n-th BODY (the last one from then on); "500" is a status.
"""
import http.server
import json
import sys


class Chat(http.server.BaseHTTPRequestHandler):
    answers = sys.argv[2:] or ["{}"]

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        with open(sys.argv[1], "a", encoding="utf-8") as file:
            json.dump({"path": self.path, "type": self.headers["Content-Type"], "body": body}, file)
            file.write("\n")
        answer = Chat.answers.pop(0) if len(Chat.answers) > 1 else Chat.answers[0]
        self.send_response(500 if answer == "500" else 200)
        self.end_headers()
        self.wfile.write(answer.encode())

    def log_message(self, *words):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Chat)
print(server.server_address[1], flush=True)
server.serve_forever()
