"""A WebSocket server and client of other people's making. The server starts at once; what is asked comes as lines of JSON.

{"address": true} is answered with where the server listens, {"talk": "HOST:PORT"} with how a conversation with whoever
listens there went.
"""

import asyncio
import hashlib
import json
import sys

from websockets.asyncio.client import connect
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed

SIZES = [0, 1, 125, 126, 65535, 65536, 1 << 20]


async def answer(connection):
    """Says everything again, until it is asked to end."""
    async for message in connection:
        if message == "end":
            await connection.close(4001, "as you like")
            return
        else:
            await connection.send(message)


async def talk(address):
    uri = "ws://www.example.com/chat"
    host, port = address.split(":")
    options = {"host": host, "port": int(port), "subprotocols": ["first", "second"], "max_size": None, "proxy": None}
    async with connect(uri, **options) as connection:
        echoed = []
        for message in [bytes(n % 251 for n in range(size)) for size in SIZES] + ["212-555-0100 \u00fc"]:
            await connection.send(message)
            again = await connection.recv()
            assert again == message
            again = again if isinstance(again, bytes) else again.encode()
            echoed.append(hashlib.sha256(again).hexdigest())
        await (await connection.ping())
        await connection.send("end")
        try:
            await connection.recv()
        except ConnectionClosed as closed:
            code = closed.rcvd.code
        compressed = bool(connection.protocol.extensions)
        return {"echoed": echoed, "chosen": connection.subprotocol, "compressed": compressed, "closed": code}


async def main():
    loop = asyncio.get_running_loop()
    async with serve(answer, "127.0.0.1", 0, subprotocols=["second"], max_size=None) as server:
        host, port = server.sockets[0].getsockname()
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            question = json.loads(line)
            told = await talk(question["talk"]) if "talk" in question else f"{host}:{port}"
            print(json.dumps(told), flush=True)


asyncio.run(main())
