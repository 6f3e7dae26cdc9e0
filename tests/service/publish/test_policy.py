"""The policy at the gateway: what a list no longer lets us read is kept, counted and shown to nobody."""

from pathlib import Path
from typing import Any

import msgspec

from suar.observe.hooks import Happened
from suar.protocol.policy.restrictions import Reader
from suar.service.core.reading_policy import own_reader
from suar.service.publish import accepting, checking, sealing
from suar.service.reading import views
from support.corekit import CoreKit, bundle_of, frame_of
from support.kit import MEMBERS, Sending, actor, alert, member_row
from support.read_out import content

TH = actor("TH")
ONE, TWO, THREE = (f"TH-ALERT-2027-00000{number}" for number in (1, 2, 3))


def list_with(vn: CoreKit, status: str = "active", **rights: Any) -> None:
    """The next list, in which VN has other rights."""
    rows = [member_row(actor(code), **({"status": status} | rights if code == "VN" else {})) for code in MEMBERS]
    vn.lists = vn.lists.after(members=rows)
    vn.receive((f"tip.v1.xa.a.trust.all.{vn.lists.version}", vn.lists.signed()))


def listed(vn: CoreKit, **filters: Any) -> list[str]:
    every = {"kind": None, "origin": None, "status": None, "after": 0, "limit": 100}
    return [line["id"] for line in views.inbox(vn.core, **(every | filters))]


def reader(vn: CoreKit, **changes: Any) -> Reader:
    return msgspec.structs.replace(own_reader("VN", vn.core.world.trust, vn.now), **changes)


def test_our_focal_point_reads_what_came(vn: CoreKit, th: Sending) -> None:
    vn.receive(frame_of(th, alert(ONE), alert(TWO)))
    assert listed(vn) == [ONE, TWO]
    assert views.message(vn.core, ONE, None) is not None


def test_a_kind_that_the_list_takes_from_us_is_shown_no_more_until_it_gives_it_back(vn: CoreKit, th: Sending) -> None:
    vn.receive(frame_of(th, alert(ONE)))
    list_with(vn, read=["trend"])
    assert listed(vn) == []
    assert views.message(vn.core, ONE, None) is None
    assert content(vn.core, ONE, None, None) is None
    list_with(vn, read=["alert"])
    assert listed(vn) == [ONE]
    assert content(vn.core, ONE, None, None) is not None


def test_a_suspended_member_keeps_its_records(vn: CoreKit, th: Sending) -> None:
    vn.receive(frame_of(th, alert(ONE)))
    list_with(vn, status="suspended")
    assert listed(vn) == [ONE]


def test_what_may_not_be_read_shortens_no_page(vn: CoreKit, th: Sending) -> None:
    labour = {"members": "all", "sectors": ["labour"]}
    vn.receive(frame_of(th, alert(ONE), alert(TWO, audience=labour), alert(THREE)))
    health = reader(vn, standing="agency", sector="health")
    assert listed(vn, limit=2, reader=health) == [ONE, THREE]
    assert listed(vn, limit=2, after=2, reader=health) == [THREE]
    assert views.message(vn.core, TWO, None, health) is None
    assert views.message(vn.core, THREE, None, health) is not None


def test_an_agency_reads_no_amber_strict(vn: CoreKit, th: Sending) -> None:
    vn.receive(frame_of(th, alert(ONE, tlp="AMBER+STRICT")))
    assert listed(vn, reader=reader(vn, standing="agency", sector="law-enforcement")) == []
    assert listed(vn) == [ONE]


# -- received


def withheld(vn: CoreKit) -> list[dict[str, Any]]:
    events = (record for record in vn.records if isinstance(record, Happened) and record.event == "message_withheld")
    return [record.facts for record in events]


def stored(vn: CoreKit) -> list[str]:
    with vn.core.transaction() as connection:
        return [row[0] for row in connection.exec_driver_sql("select id from message order by n")]


def test_what_we_may_not_read_by_our_list_is_kept_and_receipted_and_withheld(vn: CoreKit, th: Sending) -> None:
    """TH sealed it by the list before: nothing of it is TH's fault, so nothing is refused on the wire."""
    list_with(vn, read=["trend"])
    effect = vn.receive(frame_of(th, alert(ONE)))
    assert effect.queued == 1  # the receipt `stored`
    assert vn.judged()[-1].result == "ok"
    assert stored(vn) == [ONE]
    assert listed(vn) == []
    assert withheld(vn) == [{"id": ONE, "rev": 1, "rule": "P6"}]


def test_what_we_may_read_is_not_withheld(vn: CoreKit, th: Sending) -> None:
    vn.receive(frame_of(th, alert(ONE)))
    assert withheld(vn) == []


# -- composed


def draft(**changes: Any) -> bytes:
    tree = msgspec.json.decode(alert("VN-ALERT-2027-000001", **changes))
    return msgspec.json.encode({name: value for name, value in tree.items() if name not in ("id", "sent")})


def checked(vn: CoreKit, **changes: Any) -> dict[str, Any]:
    return checking.check(vn.core, draft(**changes), "actual")


def test_the_check_names_who_will_be_able_to_open_it(vn: CoreKit) -> None:
    named = checked(vn, audience={"members": ["KH", "SG"], "sectors": ["labour", "health"]})
    rows = {row["member"]: row for row in named["readers"]}
    assert {code: (row["name"], row["may_open"], row["rule"]) for code, row in rows.items()} == {
        "KH": ("State KH", True, "P20"),
        "SG": ("State SG", True, "P20"),
        "TH": ("State TH", False, "P7"),
    }
    assert rows["KH"]["agencies"] == ["labour", "health"]
    assert rows["KH"]["has_key"] is True
    assert rows["TH"]["agencies"] == []


def test_the_check_says_who_has_no_key_now(tmp_path: Path) -> None:
    kit = CoreKit(tmp_path / "vn", "VN")
    try:
        kit.receive(bundle_of(TH))
        assert {row["member"]: row["has_key"] for row in checked(kit)["readers"]} == {
            "KH": False,
            "SG": False,
            "TH": True,
        }
    finally:
        kit.close()


def test_a_refused_message_is_open_to_nobody(vn: CoreKit) -> None:
    assert checked(vn, audience={"members": ["XX"]})["readers"] is None


def test_whom_a_publisher_cannot_name_is_reported_one_by_one(vn: CoreKit) -> None:
    rows = [member_row(actor("KH"), read=["trend"]), member_row(actor("SG"), "suspended")]
    rows += [member_row(actor(code)) for code in ("TH", "VN")]
    vn.lists = vn.lists.after(members=rows)
    vn.receive((f"tip.v1.xa.a.trust.all.{vn.lists.version}", vn.lists.signed()))
    answer = checked(vn, audience={"members": ["KH", "SG", "TH", "VN", "MY"]})
    assert [(reason["path"], reason["message"]) for reason in answer["reasons"]] == [
        ("$.audience.members[0]", "KH may not read alert"),
        ("$.audience.members[1]", "SG is suspended"),
        ("$.audience.members[3]", "VN publishes this message itself"),
        ("$.audience.members[4]", "MY is not a member of the federation"),
    ]
    assert answer["reasons"][2]["hint"] == "leave VN out, and name the other members that it is for"


def test_a_kind_that_we_may_not_publish_is_refused(vn: CoreKit) -> None:
    list_with(vn, publish=["trend"])
    assert [reason["code"] for reason in checked(vn)["reasons"]] == ["E-KIND-NOT-PERMITTED"]


# -- sent


def sealed_to(vn: CoreKit) -> list[str]:
    rows = sealing.next_to_publish(vn.core, 100)
    sealing.mark_published(vn.core, rows)
    return [row.channel for row in rows if row.messages]


def test_what_waited_for_a_key_is_not_sealed_to_who_may_no_longer_read_it(tmp_path: Path) -> None:
    """SG has no key when it is published; the next list takes alerts from it, then its key comes; then its right."""
    kit = CoreKit(tmp_path / "vn", "VN")
    try:
        kit.receive(bundle_of(TH))
        body = draft(audience={"members": ["SG", "TH"]})
        assert accepting.accept(kit.core, [(body, None)], realm="actual", token="test")[0].verdict == "published"
        sealing.seal_queued(kit.core)
        assert sealed_to(kit) == ["TH"]
        for rights, expected in ((["trend"], []), (["alert"], ["SG"])):
            rows = [member_row(actor(code), read=rights if code == "SG" else ["*"]) for code in MEMBERS]
            kit.lists = kit.lists.after(members=rows, issued=kit.now + len(expected))  # [E6] TH's epoch began in time
            kit.receive((f"tip.v1.xa.a.trust.all.{kit.lists.version}", kit.lists.signed()))
            kit.receive(bundle_of(actor("SG"), not_before=kit.now - 2 + len(expected)))
            sealing.seal_queued(kit.core)
            assert sealed_to(kit) == expected
    finally:
        kit.close()
