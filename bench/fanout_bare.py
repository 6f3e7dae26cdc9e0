"""A bare uvicorn server of server-sent events for fanout.py: it sends the events of FILE to whoever asks, and ends.

Each event is sent by itself, as a program does that has them one by one; the gateway hands a socket some events at
once, up to 32 KiB. What a reader gets is the same bytes, and it takes them as they come. It imports nothing of suar.
"""

import asyncio
import socket
import sys
from pathlib import Path
from typing import Any

import uvicorn


def application(events: list[bytes]) -> Any:
    """The ASGI application."""

    async def answer(_scope: Any, _receive: Any, send: Any) -> None:
        headers = [(b"content-type", b"text/event-stream")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for event in events:
            await send({"type": "http.response.body", "body": event, "more_body": True})
        await send({"type": "http.response.body"})

    return answer


def main(file: Path) -> None:
    """Serve on a free port, which is printed."""
    *events, rest = file.read_bytes().split(b"\n\n")
    listening = socket.create_server(("127.0.0.1", 0))
    print(listening.getsockname()[1], flush=True)
    served = application([event + b"\n\n" for event in events] + [rest])
    config = uvicorn.Config(served, lifespan="off", log_level="warning", access_log=False)
    asyncio.run(uvicorn.Server(config).serve([listening]))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
