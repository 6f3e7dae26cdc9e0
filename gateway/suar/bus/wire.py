"""The client's half of the NATS protocol, read strictly and within limits.

It replaces nats-py's parser and header reader. Those decode what other members chose (the last token of a subject, a
header block) and raise an exception on failure, which ends the read loop permanently; and they keep a line or a payload
of any size. Here any bytes end as a message, as nothing, or as `Malformed`, which closes the connection. What
a stream can hold is never Malformed, because it would be delivered again to the next connection.
"""

import json
import re
from typing import Any, Final, Protocol

from nats.errors import ProtocolError

MAX_STORED_SUBJECT: Final = 65_535  # bytes: the longest subject that a stream keeps; a link of leaf nodes delivers it
MAX_LINE: Final = 2 * MAX_STORED_SUBJECT + 1024  # bytes: such a subject, a reply as long, and the numbers
MAX_PAYLOAD: Final = 2 * 1024 * 1024  # bytes with headers: twice `max_payload` of our servers
MAX_DROPPED: Final = 64 * 1024 * 1024  # bytes of a payload that is read over: `max_pending` of a NATS server by default
MAX_SUBJECT: Final = 1024  # characters of a subject or reply that are kept; none of ours has a third of it
MAX_HEADERS: Final = 256  # most lines of one header block; the last ones are read, among them the server's own
TEXT: Final = 300  # most characters shown of an error or a subject

_PRINTABLE: Final = re.compile(rb"[!-~]*")
_NUMBER: Final = re.compile(rb"[0-9]{1,10}")
_STATUS: Final = re.compile(rb"NATS/1\.0[ \t]+([0-9]{3})(?:[ \t]+([^\r\n]*))?")
_STATUS_NAMES: Final = frozenset({"status", "description"})


class Malformed(ProtocolError):  # noqa: N818 - what the bytes are, as in errors.py
    """Bytes that no NATS server sends; the connection is ended."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what

    def __str__(self) -> str:
        return self.what


class Sink(Protocol):
    """The receiver of what was read: nats-py's client, with its own names."""

    async def _process_msg(self, sid: int, subject: bytes, reply: bytes, data: bytes, headers: bytes) -> None: ...
    async def _process_err(self, err_msg: str) -> None: ...
    async def _process_ping(self) -> None: ...
    async def _process_pong(self) -> None: ...
    async def _process_info(self, info: dict[str, Any], initial_connection: bool = False) -> None: ...


def printable(raw: bytes) -> str:
    """Bytes that others chose as text of printable ASCII: every other byte is written `\\xNN`.

    No subject of this federation has a backslash, so what was escaped or cut equals none of them.
    """
    kept = raw[: MAX_SUBJECT + 1]
    if _PRINTABLE.fullmatch(kept):
        text = kept.decode("ascii")
    else:
        text = "".join(chr(byte) if 0x21 <= byte <= 0x7E else f"\\x{byte:02x}" for byte in kept)
    return text if len(text) <= MAX_SUBJECT else text[:MAX_SUBJECT] + "\\..."


def headers(block: bytes) -> dict[str, str] | None:
    """Return the header block of a message; of a repeated name the last line is used, which is the server's.

    Status and Description are read from the first line only, because a publisher cannot write them there.
    """
    first, _, rest = block.partition(b"\r\n")
    found: dict[str, str] = {}
    for line in rest.rsplit(b"\r\n", MAX_HEADERS)[-MAX_HEADERS:]:
        name, colon, value = line.partition(b":")
        key = name.strip()
        if colon and key and _PRINTABLE.fullmatch(key) and key.lower().decode("ascii") not in _STATUS_NAMES:
            found[key.decode("ascii")] = value.strip().decode("utf-8", "backslashreplace")
    status = _STATUS.fullmatch(first)
    if status is not None:
        found["Status"] = status[1].decode("ascii")
        if status[2]:
            found["Description"] = status[2].strip().decode("utf-8", "backslashreplace")
    return found or None


class Parser:
    """Parses bytes and calls the sink. `buf` never holds more than one line or payload, plus one chunk.

    A payload of more than MAX_PAYLOAD is dropped as it arrives, and its message is passed on as an empty one, which
    every receiver refuses: otherwise one stored object would end the reading after each connection.
    """

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self.reset()

    def reset(self) -> None:
        """Drop a partly read message; the next bytes come from another connection."""
        self.buf = bytearray()
        self._last = (b"", b"")
        self._surplus = 0  # bytes still to drop of a payload that is too large
        self._message: tuple[int, bytes, bytes, int, int] | None = None  # sid, subject, reply, header bytes, all bytes

    @property
    def last(self) -> str:
        """Subject and reply of the last message begun; for a stream's message the reply contains its sequence."""
        return " ".join(printable(each)[:TEXT] for each in self._last if each)

    async def parse(self, data: bytes = b"") -> None:
        """Parse more bytes. Raises Malformed, and what the sink raises."""
        self.buf += data
        while self.buf:
            if not (await self._read_payload() if self._message else await self._read_line()):
                return

    async def _read_payload(self) -> bool:
        """Pass on the message whose line was read; returns False if it is not complete yet."""
        if self._message is None:
            return False
        sid, subject, reply, head, size = self._message
        if self._surplus:
            dropped = min(self._surplus, len(self.buf))
            del self.buf[:dropped]
            self._surplus -= dropped
        if self._surplus or len(self.buf) < size + 2:
            return False
        whole = bytes(self.buf[: size + 2])
        if whole[size:] != b"\r\n":
            raise Malformed("a payload that does not end where it says")
        del self.buf[: size + 2]
        self._message = None
        await self._sink._process_msg(sid, subject, reply, whole[head:size], whole[:head])
        return True

    async def _read_line(self) -> bool:
        """Process the next line; returns False if it is not complete yet. Raises Malformed."""
        end = self.buf.find(b"\r\n", 0, MAX_LINE + 2)
        if end < 0:
            if len(self.buf) > MAX_LINE:
                raise Malformed(f"a line of more than {MAX_LINE} bytes")
            return False
        line = bytes(self.buf[:end])
        del self.buf[: end + 2]
        word, _, rest = line.partition(b" ")
        if word in (b"MSG", b"HMSG"):
            self._begin(rest, has_headers=word == b"HMSG")
            return True
        await self._other(word.strip(), rest.strip())
        return True

    def _begin(self, rest: bytes, *, has_headers: bool) -> None:
        """Parse `subject sid [reply] [#headers] #total`; only blank and tab separate the fields, as at the server."""
        fields = rest.replace(b"\t", b" ").split(b" ") if b"\t" in rest else rest.split(b" ")
        if b"" in fields:
            fields = [field for field in fields if field]
        numbers = 2 if has_headers else 1
        if len(fields) not in (2 + numbers, 3 + numbers):
            raise Malformed("a message line with too many or too few fields")
        subject, sid, reply = fields[0], fields[1], fields[2] if len(fields) == 3 + numbers else b""
        self._last = subject, reply
        head, size = _number(fields[-2]) if has_headers else 0, _number(fields[-1])
        if size > MAX_DROPPED or head > size:
            raise Malformed(f"a message of {size} bytes with {head} bytes of headers")
        if size > MAX_PAYLOAD:
            self._surplus, head, size = size, 0, 0
        self._message = _number(sid), subject, reply, head, size

    async def _other(self, word: bytes, rest: bytes) -> None:
        operation = word.upper()
        if operation == b"PING":
            await self._sink._process_ping()
        elif operation == b"PONG":
            await self._sink._process_pong()
        elif operation == b"-ERR":
            await self._sink._process_err(rest.decode("utf-8", "backslashreplace").lower())
        elif operation == b"INFO":
            await self._sink._process_info(_info(rest))
        elif operation != b"+OK":
            raise Malformed("a line that is none of the protocol")


def _number(field: bytes) -> int:
    if not _NUMBER.fullmatch(field):
        raise Malformed("a number that is none")
    return int(field)


def _info(text: bytes) -> dict[str, Any]:
    try:
        info = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Malformed("a greeting that is no JSON") from error
    if not isinstance(info, dict):
        raise Malformed("a greeting that is no JSON object")
    return info
