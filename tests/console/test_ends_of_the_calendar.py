"""A hostile member writes times at the ends of the calendar: lists, pages and exports go on, for everybody."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from suar.exchange.outgoing.formats import FORMATS, convert
from suar.languages.names import names
from suar.languages.tags import LANGUAGES
from suar.published import schemas_dir
from suar.service.reading import views
from support.console import Desk, browser, served
from support.corekit import epoch_of, frame_of
from support.kit import actor, alert, open_sending

ENDS = ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"]
MONTHS = ["0000-01", "0000-12", "0001-01", "9999-12"]
PERIODS = ["0000", "0000-H1", "0000-Q4", "0000-01", "9999", "9999-Q4", "9999-12"]
URGENT = {"urgency": "immediate", "ack_within": 168}


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with served(tmp_path / "state") as made:
        made.kit.aside(made.kit.receive_bundles)
        made.add("tan", "reader")
        await made.load()
        yield made


def example(kind: str, number: int, **changes: Any) -> bytes:
    """A shipped message of SG with changes."""
    path = sorted((schemas_dir() / "examples/valid").glob(f"{kind}-*.json"))[0]
    tree = json.loads(path.read_text("utf-8"))
    tree["issuer"]["member"], tree["id"] = "SG", f"SG-{kind.upper()}-2027-{number:06d}"
    return json.dumps(tree | {"sent": "2027-01-15T08:00:00Z", "expires": "2027-02-14T08:00:00Z"} | changes).encode()


def hostile() -> list[bytes]:
    """Each is valid by the schema and by F9."""
    found = [alert(f"SG-ALERT-2027-{n:06d}", onset=onset, **URGENT) for n, onset in enumerate([*ENDS, *MONTHS], 1)]
    found.append(alert("SG-ALERT-2027-000100", sent="9999-12-31T23:59:58Z", expires=ENDS[1], **URGENT))
    found.append(alert("SG-ALERT-2027-000101", sent=ENDS[0], expires="0001-01-01T00:00:01Z", **URGENT))
    found += [example("pattern", n, first_seen=month, last_seen=month) for n, month in enumerate(MONTHS, 1)]
    return found


def listed_ids(desk: Desk) -> set[str]:
    core = desk.kit.core
    found = desk.kit.aside(lambda: views.inbox(core, kind=None, origin=None, status=None, after=None, limit=99))
    return {row["id"] for row in found}


async def test_times_at_the_ends_of_the_calendar_close_no_list_and_no_page(desk: Desk) -> None:
    sg = open_sending(actor("SG"), desk.kit.lists)
    contents = hostile()
    desk.kit.aside(desk.kit.receive, epoch_of(sg), frame_of(sg, *contents))
    ids = [json.loads(each)["id"] for each in contents]
    assert listed_ids(desk) >= set(ids) - {"SG-ALERT-2027-000101"}
    async with browser(desk) as reader:
        await reader.sign_in("tan")
        for page in ("/console", "/console/inbox", *(f"/console/m/{id_}" for id_ in ids)):
            assert (await reader.get(page)).status_code == 200, page
    for id_ in ids:
        for name, form in FORMATS.items():
            if id_.split("-")[1].lower() in form.kinds:
                assert convert(contents[ids.index(id_)], name), (id_, name)


@pytest.mark.parametrize("tag", sorted(LANGUAGES))
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC"])
def test_they_are_written_in_every_language_and_zone(tag: str, zone: str) -> None:
    known = names(tag, ZoneInfo(zone))
    for text in ENDS:
        assert known.instant(text)
        assert known.month_or_instant(text)
    for text in MONTHS:
        assert known.month(text)
    for text in PERIODS:
        assert known.period(text)
