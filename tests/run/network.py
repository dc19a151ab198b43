#!/usr/bin/python3
"""What stands between dreamq and a service, on 127.0.0.1. Each role prints its port when it is
ready, and then a line for whatever happens.

network.py tls TARGET CERT KEY    TLS in front of a port; prints who connects, and how many are
                                  connected at once
network.py doh CERT KEY ADDRESS   DNS over HTTPS: each name has this address; prints the names
network.py socks4a                a SOCKS 4a server, of which Debian has none; prints whom it is
                                  asked for; each name is this machine's
network.py deaf                   a port whose queue is full: nobody gets a connection
"""
import asyncio
import base64
import socket
import ssl
import struct
import sys
import time


def context(cert, key):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(cert, key)
    return made


def tell(*words):
    print(*words, flush=True)


async def pump(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except (OSError, ssl.SSLError):
        pass
    finally:
        writer.close()


async def serve(handler, made):
    server = await asyncio.start_server(handler, "127.0.0.1", 0, ssl=made)
    tell(server.sockets[0].getsockname()[1])
    await server.serve_forever()


async def tls(target, cert, key):
    at_once = 0

    async def join(reader, writer):
        nonlocal at_once
        at_once += 1
        tell("from", writer.get_extra_info("peername")[0], at_once)
        there = await asyncio.open_connection("127.0.0.1", int(target))
        await asyncio.gather(pump(reader, there[1]), pump(there[0], writer))
        at_once -= 1

    await serve(join, context(cert, key))


def answer_to(question, address):
    name, at = [], 12
    while question[at]:
        name.append(question[at + 1:at + 1 + question[at]].decode())
        at += 1 + question[at]
    kind = struct.unpack(">H", question[at + 1:at + 3])[0]
    tell("asked", ".".join(name), kind)
    answers = 1 if kind == 1 else 0
    head = question[:2] + b"\x81\x80" + struct.pack(">HHHH", 1, answers, 0, 0)
    record = b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 60, 4) + socket.inet_aton(address)
    return head + question[12:at + 5] + record * answers


async def doh(cert, key, address):
    async def reply(reader, writer):
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = head.decode().split("\r\n")
                length = next((int(line.split(":")[1]) for line in lines
                               if line.lower().startswith("content-length:")), 0)
                question = await reader.readexactly(length)
                if not length:
                    query = lines[0].split("dns=")[1].split(" ")[0]
                    question = base64.urlsafe_b64decode(query + "==")
                body = answer_to(question, address)
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/dns-message\r\n"
                             b"Content-Length: %d\r\n\r\n" % len(body) + body)
                await writer.drain()
        except (asyncio.IncompleteReadError, OSError):
            writer.close()

    await serve(reply, context(cert, key))


async def socks4a():
    async def join(reader, writer):
        try:
            version, command, port = struct.unpack(">BBH", await reader.readexactly(4))
            address = await reader.readexactly(4)
            await reader.readuntil(b"\0")
            name = "-"
            if address[:3] == b"\0\0\0" and address[3]:
                name = (await reader.readuntil(b"\0"))[:-1].decode()
            tell("asked", version, command, name)
            there = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"\0\x5a" + bytes(6))
            await asyncio.gather(pump(reader, there[1]), pump(there[0], writer))
        except (asyncio.IncompleteReadError, OSError):
            writer.close()

    await serve(join, None)


def deaf():
    ear = socket.socket()
    ear.bind(("127.0.0.1", 0))
    ear.listen(0)
    kept = []
    for _ in range(4):
        kept.append(socket.socket())
        kept[-1].setblocking(False)
        kept[-1].connect_ex(ear.getsockname())
    tell(ear.getsockname()[1])
    time.sleep(600)


if __name__ == "__main__":
    role = {"tls": tls, "doh": doh, "socks4a": socks4a, "deaf": deaf}[sys.argv[1]](*sys.argv[2:])
    if role:
        asyncio.run(role)
