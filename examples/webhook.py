#!/usr/bin/python3
"""A receiver of dreamq's webhook: webhook.py SECRET_FILE [PORT]

Takes POSTs on 127.0.0.1, checks their signature, and prints each event once. The part that matters
is verify(); it needs nothing but Python. (The package "standardwebhooks" does the same.)
"""
import base64
import hashlib
import hmac
import http.server
import sys
import time

TOLERANCE_SECONDS = 5 * 60


def verify(secret, headers, body):
    """Is the body, as bytes, what the holder of the secret has just sent? secret: "whsec_..."."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    stamp = headers["webhook-timestamp"]
    if abs(time.time() - int(stamp)) > TOLERANCE_SECONDS:
        return False
    signed = f"{headers['webhook-id']}.{stamp}.".encode() + body
    wanted = "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    return any(hmac.compare_digest(wanted, one) for one in headers["webhook-signature"].split())


class Receiver(http.server.BaseHTTPRequestHandler):
    seen = set()  # keep these where a restart finds them

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            is_right = verify(SECRET, self.headers, body)
        except (KeyError, TypeError, ValueError, AttributeError):
            is_right = False
        if is_right and self.headers["webhook-id"] not in self.seen:
            self.seen.add(self.headers["webhook-id"])
            print(body.decode().strip(), flush=True)
        self.send_response(204 if is_right else 401)
        self.end_headers()

    def log_message(self, *words):
        pass


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        SECRET = file.readline().strip()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[2]) if len(sys.argv) > 2 else 0), Receiver)
    print(f"listening on http://127.0.0.1:{server.server_address[1]}/", flush=True)
    server.serve_forever()
