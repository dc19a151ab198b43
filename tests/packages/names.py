#!/usr/bin/env python3
"""A name server at an address of loopback: every name is ADDRESS.

    names.py HERE ADDRESS      prints where it is, then each name that it is asked for
"""
import socket
import struct
import sys


def name_in(question):
    parts, at = [], 12
    while question[at]:
        parts.append(question[at + 1:at + 1 + question[at]].decode())
        at += 1 + question[at]
    return ".".join(parts), at + 5  # with its type and class


def main():
    address = socket.inet_aton(sys.argv[2])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind((sys.argv[1], 53))
        print(sys.argv[1], flush=True)
        while True:
            question, peer = server.recvfrom(512)
            name, end = name_in(question)
            print(name, flush=True)
            is_ipv4 = question[end - 4:end - 2] == b"\0\1"
            head = question[:2] + struct.pack(">HHHHH", 0x8180, 1, is_ipv4, 0, 0)
            answer = b"\xc0\x0c\0\1\0\1" + struct.pack(">IH", 60, 4) + address if is_ipv4 else b""
            server.sendto(head + question[12:end] + answer, peer)


if __name__ == "__main__":
    main()
