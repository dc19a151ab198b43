#!/usr/bin/python3
"""mcp_http.py - asks 'dreamq mcp --http' over raw sockets: what clients send, and what only
strangers would.

    mcp_http.py PART...     prints "ok LABEL" or "not ok LABEL", mcp_http.t counts them

WHERE is the port, TOKEN its token; SLOW a task that does not end.
"""
import json
import os
import socket
import subprocess
import sys
import time

from mcp import LEGACY, META, MODERN, PREFIX, SCHEMAS, SECRETS, code, equal, holds

PORT, TOKEN = int(os.environ["WHERE"]), os.environ["TOKEN"]
HOST = f"127.0.0.1:{PORT}"
USUAL = {"Host": HOST, "Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json",
         "Accept": "application/json, text/event-stream"}


class Answer:
    def __init__(self, status, fields, body, events):
        self.status, self.fields, self.body, self.events = status, fields, body, events
        self.frames = events if events is not None else [json.loads(body)] if body.strip() else []

    @property
    def last(self):
        return self.frames[-1] if self.frames else {}


class Connection:
    """A socket on which requests are written as they are told, and answers are read."""

    def __init__(self):
        self.socket = socket.create_connection(("127.0.0.1", PORT), 10)
        self.buffer = b""

    def send(self, data):
        self.socket.sendall(data)

    def more(self):
        got = self.socket.recv(1 << 16)
        self.buffer += got
        return bool(got)

    def until(self, mark):
        while mark not in self.buffer:
            if not self.more():
                raise ConnectionError(f"the end, after {self.buffer[:200]!r}")
        head, self.buffer = self.buffer.split(mark, 1)
        return head

    def bytes(self, n):
        while len(self.buffer) < n and self.more():
            pass
        got, self.buffer = self.buffer[:n], self.buffer[n:]
        return got

    def chunks(self):
        while True:
            size = int(self.until(b"\r\n"), 16)
            yield self.bytes(size)
            self.bytes(2)
            if size == 0:
                return

    def head(self):
        lines = self.until(b"\r\n\r\n").decode().split("\r\n")
        fields = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines[1:])}
        return int(lines[0].split(" ")[1]), fields

    def answer(self):
        status, fields = self.head()
        if fields.get("content-type") == "text/event-stream":
            text = b"".join(self.chunks()).decode()
            events = [json.loads(line[len("data: "):]) for line in text.split("\n") if line.startswith("data: ")]
            answer = Answer(status, fields, text.encode(), events)
        elif fields.get("transfer-encoding") == "chunked":
            answer = Answer(status, fields, b"".join(self.chunks()), None)
        else:
            body = b"" if status == 204 else self.bytes(int(fields.get("content-length", 0)))
            plain = body if fields.get("content-type") == "application/json" else b""
            answer = Answer(status, fields, plain, None)
        for secret in SECRETS:
            if secret in answer.body.decode():
                print(f"not ok a secret: {secret}")
        return answer

    def close(self):
        self.socket.close()


def request_bytes(body=b"", method="POST", target="/mcp", fields=None, more=()):
    """`fields` replace the usual ones of that name, None takes one away; `more` come behind."""
    all_fields = {**USUAL, "Content-Length": str(len(body)), **(fields or {})}
    lines = [f"{method} {target} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in all_fields.items() if value is not None]
    lines += [f"{name}: {value}" for name, value in more]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def ask(*args, **more):
    connection = Connection()
    try:
        connection.send(request_bytes(*args, **more))
        return connection.answer()
    finally:
        connection.close()


def message(method, params=None, id=1, meta=None):
    params = {**(params or {}), **({"_meta": meta} if meta else {})}
    return json.dumps({"jsonrpc": "2.0", "id": id, "method": method, "params": params}).encode()


def mirror(method, params):
    name = (params or {}).get("name") or (params or {}).get("uri")
    return {"MCP-Protocol-Version": MODERN, "Mcp-Method": method, "Mcp-Name": name}


def modern(method, params=None, meta=None, fields=None, **more):
    return ask(message(method, params, meta={**META, **(meta or {})}, **more),
               fields={**mirror(method, params), **(fields or {})})


def begin(version):
    got = ask(message("initialize", {"protocolVersion": version, "capabilities": {},
                                     "clientInfo": {"name": "t", "version": "1"}}))
    session = {"Mcp-Session-Id": got.fields.get("mcp-session-id"), "MCP-Protocol-Version": version}
    told = ask(b'{"jsonrpc":"2.0","method":"notifications/initialized"}', fields=session)
    equal((200, 202, b""), (got.status, told.status, told.body), f"{version}: a session begins")
    return session


def wait_call(seconds, meta=None):
    return {"name": "dreamq_wait", "arguments": {"ids": [os.environ["SLOW"]], "max_wait_s": seconds}}


def part_listen():
    """A subscription is a stream of its own; a task is asked for by its name."""
    uri, declared = "dreamq://task/" + os.environ["SLOW"], {PREFIX + "clientCapabilities": {"extensions": {PREFIX + "tasks": {}}}}
    connection = Connection()
    connection.send(request_bytes(message("subscriptions/listen", {"notifications": {"resourceSubscriptions": [uri]}}, id=7, meta=META),
                                  fields=mirror("subscriptions/listen", None)))
    status, fields = connection.head()
    equal((200, "text/event-stream"), (status, fields.get("content-type")), "a subscription is a stream")
    events = (json.loads(line[len("data: "):]) for chunk in connection.chunks() for line in chunk.decode().split("\n") if line.startswith("data: "))
    equal("notifications/subscriptions/acknowledged", next(events)["method"], "it is acknowledged")
    subprocess.run([os.environ["DREAMQ"], "tag", "-q", os.environ["SLOW"], "+heard"], check=True)
    equal(("notifications/resources/updated", uri, 7), (lambda it: (it["method"], it["params"]["uri"], it["params"]["_meta"][PREFIX + "subscriptionId"]))(next(events)),
          "and hears what another process changed")
    connection.close()
    handle = modern("tools/call", {"name": "dreamq_wait", "arguments": {"ids": [os.environ["SLOW"]]}}, meta=declared).last["result"]
    id = handle.get("taskId", "none")
    for method, status in [("tasks/get", "working"), ("tasks/cancel", None), ("tasks/get", "cancelled")]:
        got = modern(method, {"taskId": id}, meta=declared, fields={"Mcp-Name": id})
        equal((200, status), (got.status, got.last["result"].get("status")), f"{method} by its name")


def part_modern():
    got = modern("server/discover")
    equal((200, "application/json", None), (got.status, got.fields["content-type"], got.fields.get("mcp-session-id")),
          "a request stands for itself")
    equal(None, SCHEMAS.check(MODERN, "DiscoverResult", got.last["result"]), "and follows the schema")
    got = modern("tools/call", {"name": "dreamq_list", "arguments": {}})
    equal((200, "complete"), (got.status, got.last["result"]["resultType"]), "a tool")
    big = "123456789012345678901234567890"
    body = message("server/discover", meta=META).replace(b'"id": 1', b'"id": ' + big.encode())
    got = ask(body, fields=mirror("server/discover", None))
    holds(f'"id":{big},'.encode() in got.body, "an id comes back as it came", got.body[:80])
    for label, want, wanted_code, got in [
            ("no such method", 404, -32601, modern("x/y")),
            ("no such tool", 400, -32602, modern("tools/call", {"name": "x"})),
            ("no such revision", 400, -32022, modern("tools/list", meta={PREFIX + "protocolVersion": "2031-01-01"},
                                                     fields={"MCP-Protocol-Version": "2031-01-01"})),
            ("another revision in the header", 400, -32020, modern("tools/list", fields={"MCP-Protocol-Version": "2025-11-25"})),
            ("no revision in the header", 400, -32020, modern("tools/list", fields={"MCP-Protocol-Version": None})),
            ("another method in the header", 400, -32020, modern("tools/list", fields={"Mcp-Method": "tools/call"})),
            ("no method in the header", 400, -32020, modern("tools/list", fields={"Mcp-Method": None})),
            ("another name in the header", 400, -32020, modern("tools/call", {"name": "dreamq_list"}, fields={"Mcp-Name": "dreamq_get"})),
            ("no name in the header", 400, -32020, modern("tools/call", {"name": "dreamq_list"}, fields={"Mcp-Name": None})),
            ("a revision in the header alone", 400, -32602, ask(message("tools/list"), fields=mirror("tools/list", None))),
            ("no revision at all", 400, -32602, ask(message("tools/list")))]:
        equal((want, wanted_code), (got.status, code(got.last)), label)
        equal(None, SCHEMAS.check(MODERN, "JSONRPCErrorResponse", got.last), f"  {label}: as the schema has it")
    began = time.monotonic()
    got = modern("tools/call", wait_call(4), meta={"progressToken": "t"})
    kinds = [frame.get("method", "answer") for frame in got.frames]
    equal((200, "text/event-stream", "answer"), (got.status, got.fields["content-type"], kinds[-1]), "progress makes a stream")
    holds(len(kinds) >= 2 and set(kinds[:-1]) == {"notifications/progress"}, "with the answer at its end", kinds)
    holds(3.5 < time.monotonic() - began < 20, "after as long as was asked for")
    got = modern("tools/call", wait_call(3), meta={"progressToken": "t"}, fields={"Accept": "application/json"})
    equal((200, "application/json", 1), (got.status, got.fields["content-type"], len(got.frames)), "none for whoever takes no events")


def part_legacy():
    for version in LEGACY:
        session = begin(version)
        listed = ask(message("tools/list", id="x"), fields=session)
        equal((200, None), (listed.status, SCHEMAS.check(version, "ListToolsResult", listed.last["result"])), f"{version}: tools")
        equal((200, -32601), (lambda a: (a.status, code(a.last)))(ask(message("x/y"), fields=session)), f"{version}: an error is an answer")
        got = ask(b'{"jsonrpc":"2.0","id":"s1","result":{}}', fields=session)
        equal((202, b""), (got.status, got.body), f"{version}: a response is taken")
        got = ask(message("tools/list"), fields={**session, "MCP-Protocol-Version": "1999-01-01"})
        equal(400, got.status, f"{version}: a revision that is none")
        got = ask(message("tools/call", wait_call(3), meta={"progressToken": 0}), fields=session)
        equal(("text/event-stream", 0), (got.fields["content-type"], got.frames[0]["params"]["progressToken"]), f"{version}: progress")
        # a stream of its own, one at a time
        stream = Connection()
        stream.send(request_bytes(method="GET", fields={**session, "Content-Type": None, "Accept": "text/event-stream"}))
        status, fields = stream.head()
        equal((200, "text/event-stream"), (status, fields["content-type"]), f"{version}: a stream of notices")
        equal(409, ask(method="GET", fields=session).status, f"{version}: of which there is one")
        equal(400, ask(method="GET", fields={"Mcp-Session-Id": None}).status, f"{version}: and none without a session")
        # what is cancelled is answered with nothing
        calling = Connection()
        calling.send(request_bytes(message("tools/call", wait_call(40), id="w"), fields=session))
        time.sleep(0.3)
        notice = b'{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"w"}}'
        equal(202, ask(notice, fields=session).status, f"{version}: a cancellation")
        got = calling.answer()
        equal((202, b""), (got.status, got.body), f"{version}: ends what it names, without a word")
        # whoever leaves is not taken to have cancelled; the session goes on
        calling = Connection()
        calling.send(request_bytes(message("tools/call", wait_call(2), id="v"), fields=session))
        time.sleep(0.2)
        calling.close()
        equal(400, ask(message("tools/call", wait_call(2), id="v"), fields=session).status, f"{version}: the call goes on without its client")
        equal(204, ask(method="DELETE", fields=session).status, f"{version}: a session is ended")
        equal(b"", b"".join(stream.chunks()), f"{version}: and its stream")
        equal(404, ask(message("tools/list"), fields=session).status, f"{version}: is there no more")
        equal(404, ask(method="DELETE", fields=session).status, f"{version}: nor to be ended")
    begin("2025-06-18")
    equal(400, ask(b'{"jsonrpc":"2.0","id":1,"method":"initialize","params":[]}').status, "a handshake that is none")
    kept = begin("2025-11-25")
    for _ in range(70):
        ask(message("initialize", {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}))
    equal(404, ask(message("ping"), fields=kept).status, "of too many sessions the oldest is over")


def part_frames():
    """What no body may be, and that the server is there afterwards."""
    session = begin("2025-11-25")
    ping = b'{"jsonrpc":"2.0","id":4,"method":"ping"}'
    rows = [(b"", -32700, "nothing"), (b"{", -32700, "half of it"), (ping + b"x", -32700, "bytes behind it"), (ping * 2, -32700, "two"),
            (b"[" + ping + b"]", -32600, "a batch"), (b"[]", -32600, "an empty batch"), (b"7", -32600, "a number"),
            (b'{"jsonrpc":"2.0","id":4,"id":5,"method":"ping"}', -32600, "an id twice"),
            (b'{"jsonrpc":"2.0","id":4,"method":"p\xff"}', -32700, "no UTF-8"), (b'{"jsonrpc":"2.0","id":4,"method":"p\\u0000"}', -32700, "a NUL"),
            (ping + b"\0", -32700, "a NUL behind it"), (b"[" * 1000 + b"]" * 1000, -32700, "too deep"),
            (b'{"id":4,"method":"ping"}', -32600, "no jsonrpc"), (b'{"jsonrpc":"2.0","id":1.5,"method":"ping"}', -32600, "half an id")]
    for body, want, label in rows:
        got = ask(body, fields=session)
        equal((400, want), (got.status, code(got.last)), label)
    got = ask(b"\r\n " + ping + b"\r\n", fields=session)
    equal((200, 4), (got.status, got.last.get("id")), "white space around it")
    got = ask(b'{"jsonrpc":"2.0","id":6,"method":"' + b"x" * 1000000 + b'"}', fields=session)
    equal((200, -32601), (got.status, code(got.last)), "1 MB is read")
    equal(413, ask(b'"' + b"x" * (1 << 20) + b'"', fields=session).status, "more than 1 MiB is not")
    connection = Connection()
    for byte in request_bytes(ping, fields=session):
        connection.send(bytes([byte]))
    equal(200, connection.answer().status, "byte by byte")
    connection.send(request_bytes(ping, fields=session) + request_bytes(ping.replace(b"4", b"5"), fields=session))
    equal([4, 5], [connection.answer().last["id"], connection.answer().last["id"]], "two in one write, answered in order")
    halves = [b"%x\r\n%s\r\n" % (len(part), part) for part in (ping[:9], ping[9:])]
    connection.send(request_bytes(fields={**session, "Content-Length": None, "Transfer-Encoding": "chunked"}) + b"".join(halves) + b"0\r\n\r\n")
    equal(4, connection.answer().last.get("id"), "in chunks")
    connection.close()


def part_guard():
    discover = message("server/discover", meta=META)
    fields = mirror("server/discover", None)
    rows = [({"Host": "evil.example"}, 421), ({"Host": "127.0.0.1"}, 421), ({"Host": f"evil.example:{PORT}"}, 421),
            ({"Host": f"localhost:{PORT}"}, 200), ({"Origin": f"http://{HOST}"}, 200), ({"Origin": "http://evil.example"}, 403),
            ({"Origin": f"http://127.0.0.1:{PORT + 1}"}, 403), ({"Origin": "null"}, 403), ({"Sec-Fetch-Site": "cross-site"}, 403),
            ({"Sec-Fetch-Site": "same-site"}, 403), ({"Authorization": None}, 401), ({"Authorization": "Bearer " + TOKEN[:-1]}, 401),
            ({"Authorization": "Basic " + TOKEN}, 401), ({"Content-Type": "text/plain"}, 415), ({"Content-Type": None}, 415),
            ({"Accept": "text/html"}, 406), ({"Accept": None}, 200), ({"Accept": "*/*"}, 200), ({"X": "y" * 10000}, 200)]
    for field, want in rows:
        got = ask(discover, fields={**fields, **field})
        equal(want, got.status, f"{str(field)[:60]} is {want}")
        holds("evil" not in got.body.decode() and not [f for f in got.fields if f.startswith("access-control")], "  nothing is echoed, nothing allowed")
    for method, target, want in [("OPTIONS", "/mcp", 405), ("PUT", "/mcp", 405), ("HEAD", "/mcp", 405), ("POST", "/", 404), ("POST", "/mcp/", 404),
                                 ("POST", "/mcp?x", 404), ("POST", "/%6dcp", 400), ("POST", "/../mcp", 400), ("POST", "//mcp", 400),
                                 ("POST", f"http://{HOST}/mcp", 400), ("GET", "/.well-known/oauth-protected-resource", 400)]:
        connection = Connection()
        connection.send(request_bytes(discover, method, target, fields))
        equal(want, connection.head()[0], f"{method} {target} is {want}")
        connection.close()
    equal("Bearer", ask(discover, fields={"Authorization": None}).fields.get("www-authenticate"), "what is needed is told")
    for more, label in [([("Host", HOST)], "Host"), ([("Content-Length", str(len(discover) + 1))], "Content-Length"),
                        ([("Transfer-Encoding", "chunked")], "both lengths"), ([("Authorization", f"Bearer {TOKEN}")], "Authorization"),
                        ([("Origin", f"http://{HOST}")] * 2, "Origin"), ([("Mcp-Method", "server/discover")], "Mcp-Method")]:
        connection = Connection()
        connection.send(request_bytes(discover, fields=fields, more=more))
        holds(400 <= connection.head()[0] < 500, f"{label} twice is refused")
        connection.close()


def closed(connection, seconds):
    """Is it closed by the server? What it says before is passed over."""
    connection.socket.settimeout(seconds)
    try:
        while connection.socket.recv(1 << 16):
            pass
        return True
    except ConnectionError:
        return True
    except TimeoutError:
        return False


def part_strangers():
    """No HTTP at all, too much of it, and whoever leaves."""
    for data, label in [(b"GET\r\n\r\n", "half a request line"),
                        (b"POST /mcp HTTP/1.1\r\n" + b"X: " + b"y" * 100000, "a field of 100 kB"),
                        (b"POST /mcp HTTP/1.1\r\n" + b"X: y\r\n" * 20000, "20000 fields"), (b"POST /" + b"x" * 100000, "a target of 100 kB"),
                        (b"POST /mcp HTTP/1.1\r\nHost: " + HOST.encode() + b"\r\nContent-Length: 99999999999999999999\r\n\r\n", "a length beyond all")]:
        connection = Connection()
        try:
            connection.send(data)
        except OSError:
            pass
        holds(closed(connection, 5), f"{label}: the connection is closed")
        connection.close()
    # what is 8 MB long is not even passed over
    connection = Connection()
    try:
        connection.send(request_bytes(b" " * (9 << 20)))
    except OSError:
        pass
    holds(closed(connection, 5), "9 MB: the connection is closed")
    # sixteen calls may run: those whose clients have left do not count
    for _ in range(2):
        gone = [Connection() for _ in range(16)]
        for number, connection in enumerate(gone):
            params = wait_call(40)
            connection.send(request_bytes(message("tools/call", params, id=number, meta=META), fields=mirror("tools/call", params)))
        time.sleep(0.5)
        for connection in gone:
            connection.close()
        time.sleep(0.5)
    until, got = time.monotonic() + 5, None
    while time.monotonic() < until and not got:
        result = modern("tools/call", {"name": "dreamq_list", "arguments": {}}).last["result"]
        got = not result.get("isError")
    holds(got, "a call ends when its client leaves")
    shown = modern("tools/call", {"name": "dreamq_show", "arguments": {"id": os.environ["SLOW"]}}).last["result"]["structuredContent"]
    equal(os.environ["SLOW"], shown["task"]["submit_id"], "and its task does not")
    # more connections than it takes
    many = [Connection() for _ in range(80)]
    for connection in many:
        connection.close()
    until, got = time.monotonic() + 5, None
    while time.monotonic() < until and not got:
        try:
            got = modern("server/discover").status == 200
        except (ConnectionError, OSError):
            time.sleep(0.1)
    holds(got, "80 connections at once: it is there afterwards")


def part_slow():
    """Connections that take for ever are closed, however they spend the time."""
    idle, slow, body, tls = Connection(), Connection(), Connection(), Connection()
    tls.send(b"\x16\x03\x01\x02\x00\x01\x00")
    slow.send(b"POST /mcp HTTP/1.1\r\n")
    body.send(request_bytes(b"x" * 100)[:-90])
    began, ended = time.monotonic(), {}
    while len(ended) < 4 and time.monotonic() - began < 40:
        time.sleep(0.5)
        for name, connection, data in [("idle", idle, b""), ("slow", slow, b"X: y\r\n"), ("body", body, b"x"), ("tls", tls, b"")]:
            if name in ended:
                continue
            try:
                connection.send(data if time.monotonic() - began < 30 else b"")
                connection.socket.settimeout(0.01)
                if not connection.socket.recv(1000):
                    ended[name] = time.monotonic() - began
            except TimeoutError:
                pass
            except OSError:
                ended[name] = time.monotonic() - began
    for name in ["idle", "slow", "body", "tls"]:
        holds(8 < ended.get(name, 99) < 25, f"{name}: closed after ten seconds", ended)
    equal(200, modern("server/discover").status, "and others are served")


def main():
    for part in sys.argv[1:]:
        globals()[f"part_{part}"]()


main()
