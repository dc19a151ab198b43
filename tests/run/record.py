#!/usr/bin/python3
"""A server that writes down what comes in, to the byte, and answers with a file.

    record.py FOLDER ANSWER

It takes a free port of 127.0.0.1 and writes it to FOLDER/port. Request number N goes to
FOLDER/N.head (request line and headers as they came) and FOLDER/N.body. It is no part of
the emulator and knows nothing of the service, so both can't be wrong in the same way.
"""
import itertools
import pathlib
import socketserver
import sys

folder, answer = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]).read_bytes()
numbers = itertools.count(1)


def read_head(stream):
    """Everything up to the empty line; b"" when the peer is gone."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        line = stream.readline()
        if not line:
            return b""
        head += line
    return head


def body_length(head):
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


class Recorder(socketserver.StreamRequestHandler):
    def handle(self):
        while head := read_head(self.rfile):
            body = self.rfile.read(body_length(head))
            number = next(numbers)
            (folder / f"{number}.body").write_bytes(body)
            (folder / f"{number}.head").write_bytes(head)
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                             b"Content-Length: %d\r\n\r\n" % len(answer) + answer)


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True


with Server(("127.0.0.1", 0), Recorder) as server:
    (folder / "port.new").write_text(str(server.server_address[1]))
    (folder / "port.new").rename(folder / "port")
    server.serve_forever()
