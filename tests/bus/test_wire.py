"""Bytes of a server, read strictly and within bounds: a message, nothing, or Malformed."""

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from suar.bus import client, consume, wire
from suar.bus.errors import ApiError, NoAnswer
from suar.bus.jsapi import read_answer
from suar.bus.wire import MAX_DROPPED, MAX_LINE, MAX_PAYLOAD, MAX_SUBJECT, Malformed, Parser, headers, printable


class Sink:
    """Records its calls."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    async def _process_msg(self, *message: Any) -> None:
        self.calls.append(message)

    async def _process_err(self, err_msg: str) -> None:
        self.calls.append(("err", err_msg))

    async def _process_ping(self) -> None:
        self.calls.append(("ping",))

    async def _process_pong(self) -> None:
        self.calls.append(("pong",))

    async def _process_info(self, info: dict[str, Any], initial_connection: bool = False) -> None:
        self.calls.append(("info", info))


def read(data: bytes, piece: int = 0) -> list[tuple[Any, ...]]:
    """The calls of the sink for these bytes, given whole or in pieces."""
    sink = Sink()

    async def feed() -> None:
        parser = Parser(sink)
        for at in range(0, len(data), piece or len(data)):
            await parser.parse(data[at : at + (piece or len(data))])

    asyncio.run(feed())
    return sink.calls


ALL = (
    b'INFO {"a": 1}\r\nPING\r\n+OK\r\nPONG\r\nMSG a.b 1 2\r\nhi\r\nMSG a.b 1 r.s 0\r\n\r\n'
    b"HMSG a.b 2 r.s 12 14\r\nNATS/1.0\r\n\r\nhi\r\n-ERR 'Permissions Violation'\r\n"
)


@pytest.mark.parametrize("piece", [0, 1, 2, 3, 7, 50])
def test_it_makes_no_difference_how_the_bytes_come(piece: int) -> None:
    assert read(ALL, piece) == [
        ("info", {"a": 1}),
        ("ping",),
        ("pong",),
        (1, b"a.b", b"", b"hi", b""),
        (1, b"a.b", b"r.s", b"", b""),
        (2, b"a.b", b"r.s", b"hi", b"NATS/1.0\r\n\r\n"),
        ("err", "'permissions violation'"),
    ]


@pytest.mark.parametrize("token", [b"\xff\xfe", b"\x0bX", b"\x0c", b"\rX", b"\x00", b"\xc2\xa0", b"\x1c"])
def test_only_blank_and_tab_part_a_line(token: bytes) -> None:
    """A vertical tab in a subject is one more byte of it, as at the server; nats-py ends the connection there."""
    line = b"MSG a.frame.all." + token + b" 1 $JS.ACK.I.gw.1.7.7.0.0 5\r\nhello\r\n"
    assert read(line) == [(1, b"a.frame.all." + token, b"$JS.ACK.I.gw.1.7.7.0.0", b"hello", b"")]


@pytest.mark.parametrize(
    "data",
    [
        b"MSG a 1 %d\r\n" % (MAX_DROPPED + 1),
        b"MSG a 1 %d\r\n" % (MAX_PAYLOAD + 1) + b"x" * (MAX_PAYLOAD + 1) + b"yz",
        b"MSG a 1 -1\r\n",
        b"MSG a 1 " + b"9" * 5000 + b"\r\n",
        b"MSG a 1\r\n",
        b"MSG\r\n",
        b"MSG a x 1\r\n",
        b"MSG a 1 \xb2\r\n",
        b"HMSG a 1 9 3\r\n",
        b"HMSG a 1 2\r\n",
        b"MSG a 1 1\r\nabc\r\n",
        b"x" * (MAX_LINE + 1),
        b"GET / HTTP/1.1\r\n",
        b"\r\n",
        b"INFO [" * 9000 + b"\r\n",
        b"INFO []\r\n",
        b"INFO \xff\r\n",
        b"MSG a 1 b c 1\r\n",
    ],
)
def test_what_no_server_sends_is_malformed_at_once(data: bytes) -> None:
    with pytest.raises(Malformed):
        read(data)


def test_what_is_kept_of_an_unfinished_line_or_payload_is_bounded() -> None:
    assert read(b"x" * MAX_LINE) == []
    assert read(b"MSG a 1 %d\r\n" % MAX_PAYLOAD) == []


@pytest.mark.parametrize("piece", [0, 1000, 32_768, 65_537])
def test_a_payload_that_is_too_large_is_read_over_and_its_message_is_empty(piece: int) -> None:
    """It ended the connection, and as the stream still had it, the next one too."""
    size = MAX_PAYLOAD + 12
    whole = b"HMSG a 1 $JS.ACK.I.gw.1.7.7.0.0 12 %d\r\nNATS/1.0\r\n\r\n" % size + b"\r\n" * (MAX_PAYLOAD // 2)
    line = b"MSG b 1 2\r\nhi\r\n"
    assert read(whole + b"\r\n" + line, piece) == [
        (1, b"a", b"$JS.ACK.I.gw.1.7.7.0.0", b"", b""), (1, b"b", b"", b"hi", b""),
    ]  # fmt: skip


def test_nothing_is_kept_of_a_payload_that_is_read_over() -> None:
    async def kept() -> int:
        parser = Parser(Sink())
        await parser.parse(b"MSG a 1 %d\r\n" % MAX_DROPPED)
        most = 0
        for _ in range(100):
            await parser.parse(b"x" * 32_768)
            most = max(most, len(parser.buf))
        return most

    assert asyncio.run(kept()) == 0


def test_the_longest_line_is_read_and_a_subject_that_is_cut_equals_none() -> None:
    long = b"a" * 65_535
    assert read(b"MSG %s 1 %s 2\r\nhi\r\n" % (long, long), 32_768) == [(1, long, long, b"hi", b"")]
    assert printable(long) == "a" * MAX_SUBJECT + "\\..."
    assert printable(b"\xff" * 65_535) == "\\xff" * (MAX_SUBJECT // 4) + "\\..."
    assert printable(b"a" * MAX_SUBJECT) == "a" * MAX_SUBJECT


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"a.b", "a.b"),
        (b"a.\xff\xfe", "a.\\xff\\xfe"),
        (b"a\x00b", "a\\x00b"),
        (b"a b", "a\\x20b"),
        ("é".encode(), "\\xc3\\xa9"),
    ],
)
def test_a_subject_is_printable_whatever_its_bytes(raw: bytes, text: str) -> None:
    assert printable(raw) == text


def test_what_a_publisher_writes_is_no_status_and_not_what_the_server_says() -> None:
    status = b"NATS/1.0\r\nStatus: 503\r\nDescription: x\r\n"
    block = status + b"Nats-Sequence: 1\r\nNats-Sequence: 7\r\n\xff: b\r\n: c\r\nnone\r\n\r\n"
    assert headers(block) == {"Nats-Sequence": "7"}


@pytest.mark.parametrize(
    ("block", "found"),
    [
        (b"NATS/1.0 503\r\n\r\n", {"Status": "503"}),
        (b"NATS/1.0 100 Idle Heartbeat\r\nA: b\r\n\r\n", {"Status": "100", "Description": "Idle Heartbeat", "A": "b"}),
        (b"NATS/1.0 404 \xff\r\n\r\n", {"Status": "404", "Description": "\\xff"}),
        (b"NATS/1.0 4\xff4 x\r\n\r\n", None),
        (b"NATS/1.0", None),
        (b"", None),
        (b"ab", None),
        (b"\xff" * 50, None),
        (b"NATS/1.0 \r\n\r\n", None),
        (b"NATS/1.0\r\nA: \xff\r\n\r\n", {"A": "\\xff"}),
    ],
)
def test_any_header_block_is_read(block: bytes, found: dict[str, str] | None) -> None:
    assert headers(block) == found


def test_of_endless_headers_the_last_count() -> None:
    found = headers(b"NATS/1.0\r\n" + b"x: y\r\n" * 100_000 + b"Nats-Sequence: 7\r\n\r\n")
    assert found == {"x": "y", "Nats-Sequence": "7"}


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff", b"[]", b"1", b"null", b'"x"', b'{"error": 1}', b'{"error": {"err_code": "x"}}', b"[" * 100_000],
)
def test_an_answer_of_the_other_side_that_is_none_is_no_answer(data: bytes) -> None:
    """The hub's watchdog asks members' servers, and theirs the hub: junk ended the watchdog."""
    with pytest.raises(NoAnswer):
        read_answer("fed.ctl.th.CONSUMER.RESET.OUTBOX_TH.up", data)


def test_an_error_of_jetstream_keeps_its_number_and_is_not_endless() -> None:
    with pytest.raises(ApiError) as caught:
        read_answer("x", b'{"error": {"err_code": 10059, "description": "' + b"y" * 100_000 + b'"}}')
    assert caught.value.err_code == 10059
    assert len(str(caught.value)) < 400


def test_the_document_has_these_bounds() -> None:
    """docs/bounds.md: what a client keeps of a server."""
    page = (Path(__file__).parents[2] / "docs/bounds.md").read_text(encoding="utf-8")
    table = page.partition("## Data of a server that a client keeps")[2].partition("\n## ")[0]
    documented = dict(re.findall(r"^\| ([a-z][^|]+) \| ([^|]+) \|", table, re.MULTILINE))
    mib = 1024 * 1024
    assert documented == {
        "what": "most",
        "a line": f"{wire.MAX_LINE:,} B",
        "a payload with its headers": f"{wire.MAX_PAYLOAD:,} B",
        "a payload that is read over": f"{wire.MAX_DROPPED:,} B",
        "a subject or a reply": f"{wire.MAX_SUBJECT:,} characters, each byte that is none of printable ASCII as four",
        "a request for messages of a stream": f"{consume.MAX_BYTES // mib} MiB",
        "headers of a message": f"{wire.MAX_HEADERS} lines, the last ones",
        "messages that wait for a callback": (
            f"{client.WAITING_MESSAGES:,} or {client.WAITING_BYTES // mib} MiB a subscription"
        ),
        "messages of a stream that wait to be taken": f"{consume.MOST:,} or {consume.MOST_BYTES // mib} MiB",
    }
