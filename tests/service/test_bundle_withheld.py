"""[F11] A heartbeat names the bundle that its sender uses: alarmed when it did not come, not when it has gone."""

from suar.protocol.base import limits
from suar.protocol.base.primitives import bundle_kid
from support.corekit import CoreKit, bundle_of, frame_of
from support.kit import Sending, actor, beat

TH = actor("TH")
NEWER = actor("KH").kem_public  # any other key


def alarms_after(vn: CoreKit, th: Sending, kem_public: bytes, ts: int) -> list[tuple[str, str]]:
    """VN's alarms after a heartbeat of TH that names the bundle of that key."""
    vn.receive(frame_of(th, body=beat(vn.lists, bundle_kid=bundle_kid("TH", kem_public)), ts=ts))
    with vn.core.transaction() as connection:
        rows = connection.exec_driver_sql("select name, member from alarm")
        return [(row.name, row.member) for row in rows]


def test_the_one_that_we_hold_is_well(vn: CoreKit, th: Sending) -> None:
    assert alarms_after(vn, th, TH.kem_public, vn.now) == []


def test_one_that_did_not_come(vn: CoreKit, th: Sending) -> None:
    assert alarms_after(vn, th, NEWER, vn.now) == [("bundle-withheld", "TH")]


def test_one_that_a_late_heartbeat_names_and_that_is_no_longer_kept(vn: CoreKit, th: Sending) -> None:
    sent = vn.now - 2 * limits.MINUTE
    vn.receive(bundle_of(TH, not_before=vn.now - limits.MINUTE))
    assert alarms_after(vn, th, NEWER, sent) == []
