"""Drafts that cost a gateway as much as a caller can make one cost, for the tests of its bounds and for attacks."""

import json
from datetime import UTC, datetime
from typing import Any

from suar.standard import shipped

LANGUAGES = ("en", "th", "km", "lo", "my", "vi", "id", "ms", "fil", "ta", "zh", "pt")
PERSON = "Maria Santos, call +66 81 234 5678"
"""What the gate must see: a name and a telephone number."""


def draft(name: str, member: str, at: int | None = None, **changes: Any) -> dict[str, Any]:
    """A shipped example as `member` would hand it in now, or `at` ms, changed; None leaves a field out."""
    now = datetime.now(UTC) if at is None else datetime.fromtimestamp(at // 1000, UTC)
    changes = {"tlp": "GREEN", "audience": {"members": "all"}} | changes
    tree = shipped.draft(shipped.example(name), member, now) | changes
    return {key: value for key, value in tree.items() if value is not None}


def dialled(turn: int, length: int) -> str:
    """Runs of digits that look like telephone numbers and are none: what costs most a character."""
    runs = (f"0{(turn * 7919 + at * 104_729) % 10_000_000:07} {at % 100:02}" for at in range(length // 12))
    return " ".join(runs)[:length]


def costly(member: str, turn: int = 0, at: int | None = None) -> dict[str, Any]:
    """A pattern with all the free text that it can hold, all of it costly, and none of it in another turn's."""
    texts = [
        {"lang": lang, "title": dialled(turn + n, 120), "summary": dialled(turn + 50 + n, 800)}
        for n, lang in enumerate(LANGUAGES)
    ]
    signs = ("document-retention", "debt-bondage", "isolation", "violence", "deception")
    indicators = [
        {"code": signs[n % len(signs)], "observable_by": ["labour"], "note": dialled(turn + 100 + n, 200)}
        for n in range(20)
    ]
    counter = [{"code": "joint-inspection", "note": dialled(turn + 200 + n, 200)} for n in range(20)]
    return draft("pattern-seafood-debt", member, at, text=texts, indicators=indicators, counter=counter)


def citations(member: str, count: int = 2_450) -> dict[str, Any]:
    """A law that amends thousands: 498 kB in one list."""
    return draft("legislation-expanded-act", member, amends=[dialled(at, 190) + f" {at}" for at in range(count)])


def unknown_fields(member: str, count: int = 190, length: int = 2_000) -> dict[str, Any]:
    """Fields that nobody knows, each of which could be meant for a known one."""
    more: dict[str, Any] = {f"severit{at}" + "y" * length: "x" for at in range(count)}
    return draft("alert-new-route", member, **more)


def marks(member: str, count: int = 60_000) -> dict[str, Any]:
    """A title of one letter, with twice as many marks as `count`, in the order that costs most to normalise."""
    text = {"lang": "en", "title": "a" + "\u0301" * count + "\u0316" * count, "summary": "marks"}
    return draft("alert-new-route", member, text=[text])


def written(tree: dict[str, Any]) -> bytes:
    return json.dumps(tree, ensure_ascii=False).encode()
