"""The policy at the gateway: what a list no longer lets us read is kept, counted and shown to nobody."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from corekit import CoreKit, bundle_of, epoch_of, frame_of
from kit import MEMBERS, Sending, actor, alert, member_row, open_sending
from suar.protocol.policy import Reader
from suar.service import views
from suar.service.readers import own

TH = actor("TH")
ONE, TWO, THREE = (f"TH-ALERT-2027-00000{number}" for number in (1, 2, 3))


@pytest.fixture
def vn(tmp_path: Path) -> Iterator[CoreKit]:
    made = CoreKit(tmp_path / "vn", "VN")
    made.give(*(bundle_of(actor(code)) for code in ("KH", "SG", "TH")))
    yield made
    made.close()


@pytest.fixture
def th(vn: CoreKit) -> Sending:
    """TH's epoch, which VN has."""
    made = open_sending(TH, vn.lists)
    vn.give(epoch_of(made))
    return made


def list_with(vn: CoreKit, status: str = "active", **rights: Any) -> None:
    """The next list, in which VN has other rights."""
    rows = [member_row(actor(code), **({"status": status} | rights if code == "VN" else {})) for code in MEMBERS]
    vn.lists = vn.lists.after(members=rows)
    vn.give((f"tip.v1.xa.a.trust.all.{vn.lists.version}", vn.lists.signed()))


def listed(vn: CoreKit, **asked: Any) -> list[str]:
    every = {"kind": None, "origin": None, "status": None, "after": 0, "limit": 100}
    return [line["id"] for line in views.inbox(vn.core, **(every | asked))]


def reader(vn: CoreKit, **changes: Any) -> Reader:
    return msgspec.structs.replace(own("VN", vn.core.world.trust, vn.now), **changes)


def test_our_focal_point_reads_what_came(vn: CoreKit, th: Sending) -> None:
    vn.give(frame_of(th, alert(ONE), alert(TWO)))
    assert listed(vn) == [ONE, TWO]
    assert views.message(vn.core, ONE, None) is not None


def test_a_kind_that_the_list_takes_from_us_is_shown_no_more_until_it_gives_it_back(vn: CoreKit, th: Sending) -> None:
    vn.give(frame_of(th, alert(ONE)))
    list_with(vn, read=["trend"])
    assert listed(vn) == []
    assert views.message(vn.core, ONE, None) is None
    list_with(vn, read=["alert"])
    assert listed(vn) == [ONE]


def test_a_suspended_member_keeps_its_records(vn: CoreKit, th: Sending) -> None:
    vn.give(frame_of(th, alert(ONE)))
    list_with(vn, status="suspended")
    assert listed(vn) == [ONE]


def test_what_may_not_be_read_shortens_no_page(vn: CoreKit, th: Sending) -> None:
    labour = {"members": "all", "sectors": ["labour"]}
    vn.give(frame_of(th, alert(ONE), alert(TWO, audience=labour), alert(THREE)))
    health = reader(vn, standing="agency", sector="health")
    assert listed(vn, limit=2, reader=health) == [ONE, THREE]
    assert listed(vn, limit=2, after=2, reader=health) == [THREE]
    assert views.message(vn.core, TWO, None, health) is None
    assert views.message(vn.core, THREE, None, health) is not None


def test_an_agency_reads_no_amber_strict(vn: CoreKit, th: Sending) -> None:
    vn.give(frame_of(th, alert(ONE, tlp="AMBER+STRICT")))
    assert listed(vn, reader=reader(vn, standing="agency", sector="law-enforcement")) == []
    assert listed(vn) == [ONE]
