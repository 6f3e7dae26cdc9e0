"""docs/bounds.md names each bound of the HTTP API with its value."""

import re
from pathlib import Path

from suar.api import app
from suar.api.agencies import cap_feed, taxii, taxii_query
from suar.api.http import connections, door, tls
from suar.service.feed import collections, current, subscriptions
from suar.store.messages import inbox, markings

BOUNDS = Path(__file__).parents[2] / "docs/bounds.md"
UNITS = {"KiB": 1024, "MiB": 1024 * 1024, "s": 1, None: 1}
HEADER = "| limit of HTTP | value | of what | over it |"


def test_every_limit_is_named_with_its_value() -> None:
    table = BOUNDS.read_text().partition(HEADER)[2].partition("\n\n")[0]
    named = dict(re.findall(r"^\| `([A-Z_]+)` \| ([^|]+) \|", table, re.MULTILINE))
    assert len(named) == 23
    for name, value in named.items():
        written = re.fullmatch(r"([0-9]+)(?: (KiB|MiB|s))?", value)
        assert written, name
        number, unit = written.groups()
        module = next(
            each
            for each in (
                connections,
                door,
                tls,
                app,
                inbox,
                subscriptions,
                current,
                cap_feed,
                taxii,
                taxii_query,
                collections,
                markings,
            )
            if hasattr(each, name)
        )
        assert getattr(module, name) == int(number) * UNITS[unit], name


def test_what_all_connections_hold_is_bounded_beside_what_each_may() -> None:
    assert door.HELD_MAX == 32 * 1024 * 1024 < door.CONNECTIONS_MAX * connections.UNREAD_BYTES
