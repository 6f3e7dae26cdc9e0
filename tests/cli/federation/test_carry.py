"""`suar peers`, `suar resend` and `suar carry` in front of a fake gateway."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from suar.protocol.base.primitives import signing_key
from suar.protocol.files.carried import SegmentWriter
from support.commands import Suar
from support.fake_gateway import FakeGateway
from support.kit import FEDERATION, actor

EPOCH = "ab" * 32


@pytest.fixture
def written() -> list[bytes]:
    """A carried file of TH in three segments."""
    key = actor("TH")
    writing = SegmentWriter(FEDERATION, "TH", "SG", key.kid, signing_key(key.identity))
    return [writing.segment([("a.frame.all.0123456789abcdef", bytes([n]))], is_last=n == 2) for n in range(3)]


@pytest.fixture
def file(tmp_path: Path, written: list[bytes]) -> Path:
    path = tmp_path / "from-th.carried"
    path.write_bytes(b"".join(written))
    return path


# -- carry


def test_an_export_is_whole_or_not_there(
    suar: Suar, gateway: FakeGateway, written: list[bytes], tmp_path: Path
) -> None:
    parts = list(written)

    async def carry_out(to: str | None, who: str, *, everything: bool) -> AsyncIterator[bytes]:
        gateway.requests.append({"to": to, "who": who, "everything": everything})

        async def made() -> AsyncIterator[bytes]:
            for part in parts:
                yield part

        return made()

    gateway.carry_out = carry_out  # type: ignore[method-assign]  # one call of the fake gateway is another
    ended = suar("carry", "export", "-o", "out.carried", "--to", "sg")
    assert (ended.code, ended.out) == (0, ""), ended.err
    assert "3 objects in 3 segments" in ended.err
    assert (tmp_path / "out.carried").read_bytes() == b"".join(written)
    assert (tmp_path / "out.carried").stat().st_mode & 0o777 == 0o600
    assert gateway.requests == [{"to": "SG", "who": "local", "everything": False}]
    parts.pop()  # the gateway dies meanwhile
    cut = suar("carry", "export", "-o", "cut.carried", "--everything")
    assert cut.code == 1
    assert "cut off" in cut.err
    assert [path.name for path in tmp_path.glob("*.carried*")] == ["out.carried"]
    assert list(tmp_path.glob(".*.tmp")) == []


def answers(gateway: FakeGateway, *refused: dict[str, Any]) -> None:
    async def carry_in(segment: bytes, who: str) -> dict[str, Any]:
        gateway.requests.append({"segment": segment[:4], "who": who})
        return {
            "carrier": "TH", "to": "SG", "objects": 1, "messages": 2, "not_for_us": 1,
            "results": {"ok": 1, "duplicate": 2, "wait": 1}, "refused": list(refused),
        }  # fmt: skip

    gateway.carry_in = carry_in  # type: ignore[method-assign]  # one call of the fake gateway is another


def test_an_import_sums_up_its_segments(suar: Suar, gateway: FakeGateway, file: Path) -> None:
    answers(gateway)
    ended = suar("carry", "import", str(file))
    assert ended.code == 0, ended.err
    assert "from TH: 6 new messages; 3 objects new, 6 known already" in ended.out
    assert "3 waiting for what they need, 3 in other members' channels" in ended.out
    assert "segment 3 of 3" in ended.err
    assert gateway.requests == [{"segment": b"SUC1", "who": "local"}] * 3


def test_what_was_refused_is_listed_and_the_exit_code_says_so(suar: Suar, gateway: FakeGateway, file: Path) -> None:
    answers(gateway, {"type": "frame", "code": "E-FRAME-SIGNATURE", "rule": "F4", "count": 2})
    ended = suar("carry", "import", str(file))
    assert ended.code == 1
    assert "refused: 6 frame, E-FRAME-SIGNATURE [F4]" in ended.out
    assert ended.line_labels[-2:] == ["error:", "hint:"]
    shown = json.loads(suar("carry", "import", str(file), "--json").out)
    assert shown["refused"] == [{"type": "frame", "code": "E-FRAME-SIGNATURE", "rule": "F4", "count": 6}]
    assert shown["messages"] == 6


def test_an_older_file_is_no_fault(suar: Suar, gateway: FakeGateway, file: Path) -> None:
    answers(gateway, {"type": "keys", "code": "E-BUNDLE-OLDER", "rule": "K5", "count": 1})
    ended = suar("carry", "import", str(file))
    assert ended.code == 0
    assert "refused: 3 keys, E-BUNDLE-OLDER [K5]" in ended.out


@pytest.mark.parametrize(
    ("spoil", "part"),
    [
        (lambda b: b[:-1], "segment 3"),
        (lambda b: b[: len(b) // 3], "the end"),
        (lambda b: b + b"\0", "the end"),
        (lambda b: b[:10] + bytes([b[10] ^ 1]) + b[11:], "segment 1"),
        (lambda b: b[:-100] + bytes([b[-100] ^ 1]) + b[-99:], "segment 3"),
        (lambda _: b"SUV1 is another kind of file", "segment 1"),
        (lambda _: b"", "the file"),
    ],
    ids=["one byte less", "a third of it", "one more", "altered", "altered near its end", "foreign", "empty"],
)
def test_a_damaged_file_is_named_at_its_part_and_nothing_of_it_is_taken(
    suar: Suar, gateway: FakeGateway, file: Path, spoil: Any, part: str
) -> None:
    file.write_bytes(spoil(file.read_bytes()))
    ended = suar("carry", "import", str(file))
    assert (ended.code, ended.out) == (1, "")
    assert f"is damaged at {part}: " in ended.err
    assert "nothing of it was taken" in ended.err
    assert gateway.requests == []


def test_no_file(suar: Suar, gateway: FakeGateway, tmp_path: Path) -> None:
    assert "does not exist" in suar("carry", "import", str(tmp_path / "nothing")).err
    assert "is a folder" in suar("carry", "import", str(tmp_path)).err


def test_a_code_of_the_gateway_is_reported(suar: Suar, gateway: FakeGateway, file: Path) -> None:
    from suar.protocol.base.errors import Refused

    gateway.fault = Refused("E-CARRIED-FOREIGN", "C4")
    ended = suar("carry", "import", str(file))
    assert ended.code == 1
    assert "E-CARRIED-FOREIGN" in ended.err


# -- peers, resend


def peer(**changes: Any) -> dict[str, Any]:
    epoch = {
        "epoch": EPOCH, "began": "2027-01-15T08:00:00Z", "held": [[0, 1], [9, 9]], "missing": [[2, 3], [5, 5]],
        "withheld": [[10, 12]],
        "lost": [{"first": 4, "last": 4, "code": "E-RESEND-GONE", "at": "2027-01-15T09:00:00Z"}],
        "empty": [[6, 8]], "left_out": None, "asked": {"at": "2027-01-15T08:30:00Z", "times": 2},
    }  # fmt: skip
    return {
        "member": "SG", "up": False, "heartbeat_age_seconds": 93.25, "clock_offset_seconds": -1.5, "trust_version": 4,
        "faults": [], "missing": 7, "waiting": 0, "complete": False, "pending": 1,
        "bundle": {"kid": "cd" * 16, "not_before": "a", "not_after": "2027-01-17T08:00:00Z", "valid": True},
        "heads": {
            "theirs": [{"realm": "actual", "epoch": EPOCH, "frames": 13, "held": 3}],
            "ours": [{"realm": "exercise", "epoch": EPOCH, "frames": 8, "seen": None}],
        },
        "frames": {"held": 3, "missing": 3, "withheld": 3, "lost": 1},
        "channels": [{"realm": "exercise", "channel": "all", "ranges": [epoch]}],
    } | changes  # fmt: skip


@pytest.fixture
def with_peers(gateway: FakeGateway) -> FakeGateway:
    whole = peer(
        member="VN", up=True, complete=True, missing=0, channels=[], bundle=None, heartbeat_age_seconds=None,
        frames={"held": 3, "missing": 0, "withheld": 0, "lost": 0}, waiting=2,
    )  # fmt: skip

    async def peers() -> list[dict[str, Any]]:
        return [peer(), whole]

    gateway.peers = peers  # type: ignore[method-assign]  # one call of the fake gateway is another
    return gateway


def test_peers_shows_exactly_what_is_missing(suar: Suar, with_peers: FakeGateway) -> None:
    ended = suar("peers")
    assert ended.code == 0, ended.err
    lines = ended.out.splitlines()
    assert lines[1].split("  ")[0] == "SG"
    for word in ("93.2 s", "-1.5 s", "3/13", "x ?/8", "3 missing, 3 withheld, 1 lost", "NO", "2027-01-17 08:00Z"):
        assert word in lines[1], word
    assert "2 wait for their epoch" in lines[2]
    assert lines[3] == (
        f"SG, EXERCISE, to all, epoch {EPOCH[:16]}: held 0-1, 9; missing 2-3, 5; withheld 10-12; "
        "lost 4 (E-RESEND-GONE, said at 2027-01-15 09:00Z); no message in 6-8; "
        "asked 2 times, last at 2027-01-15 08:30Z"
    )
    assert len(lines) == 4


def test_one_peer(suar: Suar, with_peers: FakeGateway) -> None:
    assert [each["member"] for each in json.loads(suar("peers", "sg", "--json").out)] == ["SG"]
    assert len(json.loads(suar("peers", "--json").out)) == 2
    ended = suar("peers", "XX")
    assert ended.code == 1
    assert "XX is no other active member" in ended.err


def test_resend_reports_what_it_requested(suar: Suar, gateway: FakeGateway) -> None:
    assert suar("resend", "vn").out == "nothing of VN is known to be missing\n"
    assert suar("resend", "sg").out.startswith("asked SG for frames 1, to all, epoch ")
    assert suar("resend", "XX").code == 1

    async def resend(member: str, who: str) -> dict[str, Any]:
        one = {"realm": "actual", "channel": "SG", "epoch": EPOCH, "first": 3, "last": 3}
        return {"member": member, "asked": [one, one | {"channel": "all", "last": 9}]}

    gateway.resend = resend  # type: ignore[method-assign]  # one call of the fake gateway is another
    ended = suar("resend", "TH")
    assert ended.out.splitlines() == [
        f"asked TH for frames 3, to us alone, epoch {EPOCH[:16]}",
        f"asked TH for frames 3-9, to all, epoch {EPOCH[:16]}",
    ]
    assert "two minutes" in ended.err
