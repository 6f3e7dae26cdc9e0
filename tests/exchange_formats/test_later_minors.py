"""A message of a later minor with codes unknown here leaves in every format: no exporter trusts a peer's code.

Each text of each example in turn becomes a code that no list has, a time at the end of the calendar, or empty; what a
reader accepts must be converted, or be refused with a reason, and a page of a feed must have its other messages.
"""

import csv
import io
import json
from typing import Any

import msgspec
import pytest
from lxml import etree

from exchange_formats.test_export import CAP_SCHEMA, EXAMPLES, HARDENED, example
from languages.readings import shown
from suar.exchange.outgoing import atom, taxii
from suar.exchange.outgoing.formats import FORMATS, convert
from suar.exchange.outgoing.observations import FORMS, header, observations
from suar.languages.rendering import reading
from suar.languages.tags import LANGUAGES
from suar.protocol.base.errors import Fault
from suar.protocol.message.kinds import Alert, Trend
from suar.protocol.message.messages import read
from support.later_minors import altered

OURS = [path for path in EXAMPLES if not path.name.startswith("receipt")]
ENGLISH = LANGUAGES["en"]
UNPRINTABLE = frozenset("\x00\x1b\u202e\uffff")


@pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in OURS])
def test_it_leaves_in_every_format_or_is_refused_with_a_reason(path: Any) -> None:
    accepted = 0
    for data in altered(json.loads(path.read_bytes())):
        accepted += 1
        message = read(data)
        for name in FORMATS:
            try:
                made = convert(data, name)
            except Fault:
                continue
            if name != "json":  # of which a later minor has none
                assert not UNPRINTABLE.intersection(made.decode()), name
            if name == "cap":
                CAP_SCHEMA.assertValid(etree.fromstring(made, HARDENED))
        if isinstance(message, Alert):
            page = atom.feed([atom.Entry(data, data, "/x")], atom.Links("/"), "asean", "2026-01-01T00:00:00Z")
            etree.fromstring(page, HARDENED)
        if isinstance(message, Trend):
            for form in FORMS:
                written = (header(form) + observations(message, form)).decode()
                assert not UNPRINTABLE.intersection(written)
                lines = list(csv.reader(io.StringIO(written)))
                assert len({len(line) for line in lines}) == 1
        taxii.objects(msgspec.json.decode(data))
        assert reading.shown(shown(json.loads(data)), ENGLISH)
    assert accepted > 10


def with_a_new_dimension() -> bytes:
    tree = json.loads(example("trend"))
    for cell in tree["obs"]:
        cell["dims"]["visa"] = "none"
    return json.dumps(tree | {"schema": "trend/1.77777", "dims": [*tree["dims"], "visa"]}).encode()


def test_a_dimension_unknown_here_is_a_column_without_values() -> None:
    first, *others = csv.reader(io.StringIO(convert(with_a_new_dimension(), "csv").decode()))
    assert "visa" in first
    assert {line[first.index("visa")] for line in others} == {""}


def test_where_the_columns_are_fixed_its_rows_are_no_cells_that_look_alike() -> None:
    data = with_a_new_dimension()
    with pytest.raises(Fault, match="broken down by visa, which this version does not know"):
        convert(data, "sdmx-csv")
    trend = read(data)
    assert isinstance(trend, Trend)
    assert [observations(trend, form) for form in FORMS] == [b"", b""]


def test_a_status_unknown_here_is_none_of_sdmx() -> None:
    """Unchanged it could be one: Q means suppressed there."""
    tree = json.loads(example("trend")) | {"schema": "trend/1.77777"}
    cell = next(cell for cell in tree["obs"] if cell["value"] is not None)
    cell["status"] = "Q"
    first, *others = csv.reader(io.StringIO(convert(json.dumps(tree).encode(), "sdmx-csv").decode()))
    assert [line[first.index("OBS_STATUS")] for line in others].count("_O") == 1
