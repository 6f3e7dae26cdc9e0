"""A carried file's layout: one content one file, every altered byte named, nothing but Refused from any segment."""

import contextlib
import random
from collections.abc import Callable

import pytest

from suar.protocol.base import limits
from suar.protocol.base.errors import Refused
from suar.protocol.base.primitives import ZERO32, sign, signing_key
from suar.protocol.base.wire import encode
from suar.protocol.files import carried
from suar.protocol.files.carried import LENGTH, Damaged, SegmentReader, SegmentWriter
from support.kit import FEDERATION, actor

TH, SG = actor("TH"), actor("SG")
OBJECTS = [("a.frame.all.0123456789abcdef", bytes([n]) * 40) for n in range(4)]


def file(*segments: list[tuple[str, bytes]], to: str = "all", who: str = "TH") -> list[bytes]:
    """Segments as they stand in a file."""
    key = actor(who)
    writing = SegmentWriter(FEDERATION, who, to, key.kid, signing_key(key.identity))
    return [writing.segment(each, is_last=each is segments[-1]) for each in segments]


def read(data: bytes) -> tuple[SegmentReader, list[bytes]]:
    reading, at, found = SegmentReader(), 0, []
    while size := reading.size(data[at : at + LENGTH]):
        at += LENGTH
        found.append(reading.read(size, data[at : at + size]))
        at += size
    return reading, found


def test_one_content_one_file_and_what_was_written_is_read() -> None:
    made = file(OBJECTS[:2], OBJECTS[2:])
    assert made == file(OBJECTS[:2], OBJECTS[2:])
    reading, found = read(b"".join(made))
    assert (reading.segments, reading.objects) == (2, 4)
    segments = [carried.read(carried.parse(each).raw) for each in found]
    assert [(each.subject, each.data) for segment in segments for each in segment.objects] == OBJECTS
    assert [(s.carrier, s.to, s.federation, s.is_last) for s in segments] == [
        ("TH", "all", FEDERATION, 0), ("TH", "all", FEDERATION, 1),
    ]  # fmt: skip
    for each in found:
        carried.verify_signature(carried.parse(each), TH.public)
        with pytest.raises(Refused) as caught:
            carried.verify_signature(carried.parse(each), SG.public)
        assert (caught.value.code, caught.value.rule) == ("E-CARRIED-SIGNATURE", "C2")


def test_an_empty_file_has_one_segment_and_an_end() -> None:
    (made,) = file([])
    assert read(made)[0].objects == 0


def test_every_flipped_bit_is_found_in_its_segment() -> None:
    made = file(OBJECTS[:1], OBJECTS[1:2])
    whole, border = b"".join(made), len(made[0])
    for bit in range(len(whole) * 8):
        altered = bytearray(whole)
        altered[bit // 8] ^= 1 << bit % 8
        with pytest.raises(Damaged) as caught:
            read(bytes(altered))
        assert caught.value.part == ("segment 1" if bit // 8 < border else "segment 2"), bit


def test_every_truncation_is_found() -> None:
    whole = b"".join(file(OBJECTS[:1], OBJECTS[1:2]))
    for length in range(len(whole)):
        with pytest.raises(Damaged):
            read(whole[:length])


def both() -> list[bytes]:
    return file(OBJECTS[:1], OBJECTS[1:2], OBJECTS[2:3])


@pytest.mark.parametrize(
    ("alter", "part"),
    [
        (lambda s, _: s[:2], "the end"),
        (lambda s, _: [s[0], s[2]], "segment 2"),
        (lambda s, _: [s[1], s[0], s[2]], "segment 1"),
        (lambda s, _: [s[0], s[0], s[1], s[2]], "segment 2"),
        (lambda s, _: [*s, s[0]], "the end"),
        (lambda s, _: [*s, b"\0"], "the end"),
        (lambda s, o: [s[0], o[1], s[2]], "segment 2"),
        (lambda s, o: [s[0], s[1], o[2]], "segment 3"),
        (lambda *_: [b"SUV1" * 40], "segment 1"),
        (lambda *_: [b"{\"id\": 1}"], "segment 1"),
        (lambda *_: [], "the file"),
    ],
    ids=["cut", "left out", "moved", "doubled", "added", "more bytes", "of another file", "another end", "evidence",
         "json", "nothing"],
)  # fmt: skip
def test_a_file_that_is_not_as_it_was_written(
    alter: Callable[[list[bytes], list[bytes]], list[bytes]], part: str
) -> None:
    other = file(OBJECTS[3:], OBJECTS[1:2], OBJECTS[2:3])
    with pytest.raises(Damaged) as caught:
        read(b"".join(alter(both(), other)))
    assert caught.value.part == part


@pytest.mark.parametrize("other", [{"to": "SG"}, {"who": "SG"}], ids=["another reader", "another carrier"])
def test_segments_of_two_carriers_or_readers_make_no_file(other: dict[str, str]) -> None:
    """With sums that are right: whoever can write a file can write those."""
    made, foreign = both(), file(OBJECTS[:1], OBJECTS[1:2], **other)
    with pytest.raises(Damaged) as caught:
        read(made[0] + foreign[1])
    assert caught.value.part == "segment 2"


@pytest.mark.parametrize(
    ("name", "value"), [("_to", "SG"), ("_federation", "another"), ("_carrier", "SG"), ("_kid", SG.kid)]
)
def test_a_file_has_one_federation_carrier_reader_and_key(name: str, value: object) -> None:
    """Also where the second segment names the first one as it should."""
    writing = SegmentWriter(FEDERATION, "TH", "all", TH.kid, signing_key(TH.identity))
    made = writing.segment(OBJECTS[:1], is_last=False)
    setattr(writing, name, value)
    with pytest.raises(Damaged) as caught:
        read(made + writing.segment(OBJECTS[1:], is_last=True))
    assert caught.value.part == "segment 2"


def signed(**changes: object) -> bytes:
    """A segment by hand; each field open to be wrong."""
    fields: dict[str, object] = {
        "magic": "suar-carried/1", "federation": FEDERATION, "carrier": "TH", "to": "all", "index": 0, "prev": ZERO32,
        "is_last": 1, "objects": [list(OBJECTS[0])],
    }  # fmt: skip
    raw = encode(list((fields | changes).values()))
    return b"SUC1" + TH.kid + sign("carried", signing_key(TH.identity), raw) + raw


def test_the_hand_made_one_is_right() -> None:
    parsed = carried.parse(signed())
    carried.verify_signature(parsed, TH.public)
    assert carried.read(parsed.raw).objects[0].data == OBJECTS[0][1]


@pytest.mark.parametrize(
    "changes",
    [
        {"magic": "suar-carried/2"}, {"federation": 7}, {"carrier": "th"}, {"carrier": "THA"}, {"to": "sg"},
        {"to": "all\n"}, {"index": -1}, {"index": 2**53}, {"prev": bytes(31)}, {"is_last": 2}, {"is_last": True},
        {"objects": [["a" * 81, b""]]}, {"objects": [["a"]]}, {"objects": [["a", "text"]]}, {"objects": {}},
        {"more": 1},
    ],
    ids=str,
)  # fmt: skip
def test_c3_a_field_that_is_wrong(changes: dict[str, object]) -> None:
    with pytest.raises(Refused) as caught:
        carried.read(carried.parse(signed(**changes)).raw)
    assert (caught.value.code, caught.value.rule) == ("E-CARRIED-FORM", "C3")


@pytest.mark.parametrize(
    "data", [b"", b"SUC1", bytes(84), signed()[:84], signed().replace(b"SUC1", b"SUF1"), signed() + bytes(10**6)],
    ids=["empty", "magic", "zeros", "head", "frame", "long"],
)  # fmt: skip
def test_c1_no_segment(data: bytes) -> None:
    with pytest.raises(Refused) as caught:
        carried.parse(data)
    assert (caught.value.code, caught.value.rule) == ("E-CARRIED-FORM", "C1")


def test_from_any_bytes_a_segment_or_a_refusal() -> None:
    rolled = random.Random(7)
    whole = signed()
    for _ in range(3_000):
        altered = bytearray(whole)
        for _ in range(rolled.randint(1, 6)):
            altered[rolled.randrange(88, len(altered))] = rolled.randrange(256)
        with contextlib.suppress(Refused):
            carried.read(carried.parse(bytes(altered[: rolled.randrange(85, len(altered) + 1)])).raw)


def test_the_largest_frame_fits_into_a_segment() -> None:
    (made,) = file([("a.frame.all.0123456789abcdef", bytes(limits.FRAME_BYTES_MAX))])
    assert len(made) < limits.CARRIED_BYTES < 1024 * 1024  # one call of the HTTP API
