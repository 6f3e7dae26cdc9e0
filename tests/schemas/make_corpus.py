"""Messages of a release of the standard that together hold every field and every code of it: its corpus.

Made once, by make_release.py; a released corpus is never written again, because it stands for what members have sent
and still hold.
"""

import json
from typing import Any

from suar.protocol.message import messages, minors, rules
from suar.protocol.message.kind import trend
from suar.protocol.message.kinds import DIMENSIONS, ENTRY_FORMS, KINDS, Dims, Observation
from suar.protocol.message.spec import Spec, fields_of
from support.strategies import settle

COUNTRIES = ("KH", "TH", "MM", "VN", "XA")
MAX_CODES = 18
"""A list holds at most so many codes; the codes left out stand in the next message."""
CELLS = 18
"""Observations of a table: as many as the longest list of a dimension has codes."""
SAMPLES: dict[str, tuple[Any, ...]] = {
    "a real instant": ("2027-03-01T00:00:00Z", "2028-02-29T23:59:59Z"),
    "a day that exists": ("2024-02-29", "2026-12-31"),
    "a month, ": ("2026-01", "2026-12"),
    "a month Y": ("2027-01", "2027-01-31T12:00:00Z"),
    "a period": ("2026", "2026-H1", "2026-Q4", "2026-12"),
    "a country: ": COUNTRIES,
    "a country of": (*COUNTRIES, "XX", "other", "unknown", "total"),
    "a subdivision": ("KH-1", "TH-10", "MM-05"),
    "a UN/LOCODE": ("KHPOI", "THBKK", "MMRGN"),
    "a currency": ("THB", "USD", "MYR"),
    "a language": ("fil", "zh-Hans", "th"),
    "ISIC Rev.4: ": ("A", "63", "U"),
    "ISIC Rev.4 ": ("A", "63", "total"),
    "26 characters": ("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "234567ABCDEFGHIJKLMNOPQRST"),
    "64 hexadecimal": ("5e" * 32, "00" * 32),
    "an error code": ("E-LATE", "E-LEFT-OUT"),
    "an instrument": ("PALERMO:3", "ILO:C029", "ACTIP:14(a)"),
    "an address": ("https://example.org", "https://example.gov/act?part=2#s1"),
    "a telephone": ("+6620000000", "+855230000000000"),
    "a mail": ("desk@example.org", "a.b+c@desk.example.org"),
}
"""The beginning of a pattern's description to values that it takes."""
TEXTS = ("เดินทางถูกพาข้ามพรมแดน", "Người lao động về nước", "Plain words", "អ្នកដំណើរ", "ຜູ້ຍົກຍ້າຍ", "ပြည်ပ အလုပ်")


def tree(kind: str, turn: int, *, whole: bool) -> dict[str, Any]:
    """A valid message, whole with every optional field, else with none; its codes go round with the turns."""
    made = {"kind": kind, **_object(KINDS[kind], turn, whole=whole)}
    if kind == "trend":
        _table(made, turn)
    if minors.newer(KINDS[kind], made):
        made["schema"] = messages.schema_of(kind)
    return settle(made)


def _table(made: dict[str, Any], turn: int) -> None:
    """A table over three dimensions that go round with the turns, of a whole country at every other turn."""
    made["dims"] = [DIMENSIONS[(turn + at) % len(DIMENSIONS)] for at in range(3)]
    made["margins"] = True
    made["coverage"]["scope"] = "national" if turn % 2 else made["coverage"]["scope"]
    statuses = fields_of(Observation)["status"][1].codes
    made["obs"] = []
    for at in range(CELLS):
        status = statuses[at % len(statuses)]
        cell = _object(Observation, turn + at, whole=True)
        location = {"role": cell["place"]["role"], "country": cell["place"]["country"]} if turn % 2 else cell["place"]
        dims = {name: _value(fields_of(Dims)[name][1], turn + at, whole=True) for name in made["dims"]}
        value = None if status in trend.NO_VALUE else at * turn
        made["obs"].append(
            {"period": cell["period"], "place": location, "dims": dims, "value": value, "status": status}
        )


def _object(shape: Any, turn: int, *, whole: bool) -> dict[str, Any]:
    if shape.__name__ == "Entry":
        required, optional = ENTRY_FORMS[turn % len(ENTRY_FORMS)]
        keys = required | (optional if whole else frozenset())
        return {key: _value(spec, turn, whole=whole) for key, (_, spec, _) in fields_of(shape).items() if key in keys}
    return {
        key: _value(spec, turn, whole=whole)
        for key, (_, spec, required) in fields_of(shape).items()
        if whole or required
    }


def _value(spec: Spec, turn: int, *, whole: bool) -> Any:
    if spec.is_nullable and turn % 7 == 6:
        return None
    if spec.codes and not (spec.item and turn % 4):
        return spec.codes[turn % len(spec.codes)]
    if spec.struct:
        return _object(spec.struct, turn, whole=whole)
    if spec.item:
        return _list(spec, spec.item, turn, whole=whole)
    return _scalar(spec, turn)


def _list(spec: Spec, item: Spec, turn: int, *, whole: bool) -> list[Any]:
    most = min((meta.max_length for meta in spec.metas if meta.max_length is not None), default=MAX_CODES)
    count = min(len(item.codes), most, MAX_CODES) if item.codes else min(3, most)
    drawn = [_value(item, turn + at, whole=whole) for at in range(count if whole else 1)]
    return list({json.dumps(each): each for each in drawn}.values())


def _scalar(spec: Spec, turn: int) -> Any:
    kind = spec.type.__origin__ if hasattr(spec.type, "__origin__") else spec.type
    if kind is bool:
        return spec.own is not None or turn % 2 == 0
    if kind is int:
        least = max(meta.ge for meta in spec.metas if meta.ge is not None)
        most = min(meta.le for meta in spec.metas if meta.le is not None)
        return (least, most, min(least + turn, most))[turn % 3]
    description = next((meta.description for meta in spec.metas if meta.description), None)
    if description is None:
        return TEXTS[turn % len(TEXTS)]
    if description.startswith("an id"):
        return f"KH-{description.partition('-')[2].partition('-')[0]}-2027-{turn:06d}"
    samples = next(values for start, values in SAMPLES.items() if description.startswith(start))
    return samples[turn % len(samples)]


def lines(kind: str) -> list[bytes]:
    """The messages of a kind as they would leave, for each code of its longest list one whole and one bare."""
    turns = max(len(spec.codes) for spec in _specs(KINDS[kind]))
    trees = [tree(kind, turn, whole=whole) for turn in range(turns) for whole in (True, False)]
    made = [json.dumps(each, ensure_ascii=False, separators=(",", ":")).encode() for each in trees]
    for line in made:
        rules.compare_fields(messages.read(line))
    return list(dict.fromkeys(made))


def _specs(shape: Any) -> list[Spec]:
    found = []
    for _, spec, _ in fields_of(shape).values():
        inside = spec.item or spec
        found += [spec, inside, *(_specs(inside.struct) if inside.struct else ())]
    return found
