"""The programs of all agencies of feeds.py, in one process: it is told to begin, to count and to end."""

import asyncio
import collections
import contextlib
import json
import os
import sys
from typing import Any

import httpx
import nats
import nats.errors

from beside import YIELDING


class Counter:
    """How many events came, and why reading ended, each reason with how often; `positions`: where each agency is."""

    def __init__(self) -> None:
        self.events, self.ends = 0, collections.Counter[str]()
        self.positions = dict[str, str]()


async def connected(url: str, tokens: list[str]) -> list[asyncio.StreamWriter]:
    """Connections to the feed by HTTP, one after the other, that get nothing and are read by nobody."""
    found, port = list[asyncio.StreamWriter](), int(url.rpartition(":")[2])
    for token in tokens:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        head = f"GET /v1/feed?from=now HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n\r\n"
        writer.write(head.encode())
        await reader.readuntil(b"retry:")
        found.append(writer)
    return found


async def stream(options: dict[str, Any], name: str, counter: Counter) -> None:
    """Read the feed by HTTP, behind what was read before."""
    headers = {"Authorization": f"Bearer {options['tokens'][name]}"}
    if name in counter.positions:
        headers["Last-Event-ID"] = counter.positions[name]
    async with (
        httpx.AsyncClient(base_url=options["url"], headers=headers, trust_env=False, timeout=None) as client,
        client.stream("GET", "/v1/feed") as answer,
    ):
        answer.raise_for_status()
        position = ""
        async for line in answer.aiter_lines():
            if line.startswith("id:"):
                position = line.removeprefix("id:").strip()
            elif line.startswith("data:"):
                counter.events += 1
                counter.positions[name] = position


async def pull(options: dict[str, Any], name: str, counter: Counter) -> None:
    """Read the consumer at the NATS server."""
    client = await nats.connect(
        options["nats"], nkeys_seed_str=options["seeds"][name], inbox_prefix=f"_INBOX_{name}".encode()
    )
    try:
        consumer = await client.jetstream(domain="feed").pull_subscribe_bind(name, options["stream"])
        while True:
            with contextlib.suppress(TimeoutError):  # that of nats-py too
                for message in await consumer.fetch(100, timeout=1):
                    await message.ack()
                    counter.events += 1
    finally:
        await client.close()


async def again(read: Any, options: dict[str, Any], name: str, counter: Counter) -> None:
    """Read until it is ended, also where a connection broke or a consumer is not there yet."""
    while True:
        try:
            await read(options, name, counter)
            counter.ends["the stream ended"] += 1
        except httpx.HTTPStatusError as error:
            counter.ends[f"status {error.response.status_code}"] += 1
        except (httpx.HTTPError, nats.errors.Error, OSError) as error:
            counter.ends[type(error).__name__] += 1
        await asyncio.sleep(0.2)


async def receiver(counter: Counter) -> str:
    """An address that takes webhooks: it answers 204 to each request and closes the connection."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = int(head.partition(b"content-length:")[2].split(b"\r\n")[0])
            await reader.readexactly(length)
            counter.events += 1
            writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    return f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def main(door: str) -> None:
    counter, tasks, quiet = Counter(), list[asyncio.Task[None]](), list[asyncio.StreamWriter]()
    print(await receiver(counter) if door == "webhooks" else "ready", flush=True)
    reader = asyncio.StreamReader(limit=2**24)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    read = {"http": stream, "nats": pull}.get(door)
    while line := await reader.readline():
        options = json.loads(line)
        if options.get("begin"):
            counter.events, counter.ends = 0, collections.Counter()
            quiet = await connected(options["url"], options.get("connected", []))
            if read is not None:
                tasks = [asyncio.create_task(again(read, options, name, counter)) for name in options["tokens"]]
        elif not options.get("count"):
            for writer in quiet:
                writer.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        print(json.dumps({"events": counter.events, "ends": counter.ends}), flush=True)


if __name__ == "__main__":
    os.nice(YIELDING)
    asyncio.run(main(sys.argv[1]))
