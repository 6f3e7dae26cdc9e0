"""POST /v1/messages/batch and POST /v1/messages as a member's program calls them: at once, or at a fixed rate."""

import asyncio
import time
from collections.abc import Sequence

import msgspec

from suar.protocol.base.errors import Fault


async def post_batch(url: str, token: str, lines: Sequence[bytes], rate: float = 0.0) -> tuple[float, str]:
    """Send one HTTP/1.1 request with a chunked body; verdicts are read while lines are still being sent."""
    host, _, port = url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port), limit=2**24)
    head = (
        f"POST /v1/messages/batch HTTP/1.1\r\nhost: {host}:{port}\r\nauthorization: Bearer {token}\r\n"
        "content-type: application/x-ndjson\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n"
    )
    writer.write(head.encode())
    answer = asyncio.create_task(reader.read())
    begin = time.perf_counter()
    try:
        await _send(writer, lines, rate, begin)
        return begin, _last_id(await answer, len(lines))
    finally:
        writer.close()


async def post_singly(url: str, token: str, lines: Sequence[bytes], rate: float) -> tuple[float, str]:
    """Send each message as a request of its own, on one kept connection; one that is late follows at once.

    Returns (perf_counter at its begin, the id of the last message). Raises Fault if one is not published.
    """
    host, _, port = url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = f"POST /v1/messages HTTP/1.1\r\nhost: {host}:{port}\r\nauthorization: Bearer {token}\r\n"
    begin, answer = time.perf_counter(), b""
    try:
        for number, line in enumerate(lines):
            await asyncio.sleep(max(0.0, begin + number / rate - time.perf_counter()))
            fields = f"{head}content-type: application/json\r\ncontent-length: {len(line)}\r\n\r\n"
            writer.write(fields.encode() + line)
            answer = await _body(reader)
        return begin, _last_id(answer, 1)
    finally:
        writer.close()


async def _body(reader: asyncio.StreamReader) -> bytes:
    """Read one answer, and return its body. Raises Fault for one that is not 201."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    fields = dict(line.split(b": ", 1) for line in head.split(b"\r\n")[1:] if line)
    body = await reader.readexactly(int(fields[b"content-length"]))
    if head.split()[1] != b"201":
        raise Fault(f"a message was answered {body[:200]!r}", "see the sender's gateway.log")
    return body


async def _send(writer: asyncio.StreamWriter, lines: Sequence[bytes], rate: float, begin: float) -> None:
    done, step = 0, 64  # lines in a chunk of 64 KiB
    while done < len(lines):
        due = len(lines) if not rate else min(len(lines), int((time.perf_counter() - begin) * rate) + 1)
        part = lines[done : min(due, done + step)]
        if part:
            body = b"".join(line + b"\n" for line in part)
            writer.write(b"%x\r\n%b\r\n" % (len(body), body))
            await writer.drain()
            done += len(part)
        else:
            await asyncio.sleep(max(0.0, begin + done / rate - time.perf_counter()))
    writer.write(b"0\r\n\r\n")
    await writer.drain()


def _last_id(answer: bytes, count: int) -> str:
    lines = [line for line in answer.splitlines() if line.startswith(b"{")]
    verdicts = [msgspec.json.decode(line) for line in lines]
    bad = next((each for each in verdicts if each["verdict"] != "published"), None)
    if bad is not None or len(verdicts) != count:
        raise Fault(f"{len(verdicts)} of {count} messages were answered, one: {bad}", "see the sender's gateway.log")
    return str(verdicts[-1]["id"])
