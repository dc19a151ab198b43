#!/usr/bin/python3
"""A piece of network that can be taken away: forward.py PORT TARGET

Whatever connects to 127.0.0.1:PORT (0: any; it is printed) is joined with 127.0.0.1:TARGET.
When this process is killed, connections are reset and new ones refused.
"""
import asyncio
import sys


async def pump(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


async def join(reader, writer):
    try:
        there = await asyncio.open_connection("127.0.0.1", int(sys.argv[2]))
    except OSError:
        writer.close()
        return
    await asyncio.gather(pump(reader, there[1]), pump(there[0], writer))


async def main():
    server = await asyncio.start_server(join, "127.0.0.1", int(sys.argv[1]), reuse_address=True)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
