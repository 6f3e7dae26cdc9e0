"""What lists and Revokes say of a key: revoked, replaced, or past its time at the frame that it signed."""

from functools import cache
from typing import Any

from protocol.files.evidence_case import Case
from protocol.files.test_evidence_standing import with_
from suar.protocol.base import limits
from suar.protocol.files.findings.key_status import KeyStatus, key_findings
from suar.protocol.files.proof import verify
from suar.protocol.files.standing import Supplied
from support.kit import NOW, actor, key_row, make_revoke, member_row

SG, TH = actor("SG"), actor("TH")


@cache
def case() -> Case:
    return Case()


def found(*keys: list[Any], file: bytes | None = None, code: str = "SG") -> dict[str, KeyStatus]:
    """The findings by member, where a newer list has these keys for one."""
    rows = [member_row(actor(each), keys=list(keys) if each == code else []) for each in ("KH", "SG", "TH", "VN")]
    newest = case().lists.after(members=rows, issued=NOW + limits.HOUR).signed()
    proved = verify(case().file if file is None else file, case().first.hash(), Supplied(lists=(newest,)))
    return {each.member: each for each in key_findings(proved)}


def test_of_a_key_in_order_there_is_nothing_to_name() -> None:
    assert found(key_row(SG)) == {}


def test_a_key_that_the_newest_list_has_no_longer_was_replaced_and_not_revoked() -> None:
    status = found(key_row(actor("XX")))["SG"]
    assert (status.gone_from, status.revoked_in, status.is_revoked) == (3, None, False)


def test_a_key_that_a_list_revokes_is_revoked_and_a_revoke_of_its_owner_is_named_as_such() -> None:
    status = found(key_row(SG, revoked_at=NOW))["SG"]
    assert (status.revoked_in, status.gone_from, status.is_revoked) == (3, None, True)
    revokes = tuple(sorted((make_revoke(actor("KH")), make_revoke(SG))))
    own = found(key_row(SG), file=with_(revokes=revokes))["SG"]
    assert (own.is_revoked_by_owner, own.revoked_in, own.is_revoked) == (True, None, True)


def test_a_key_past_its_time_at_the_frame_that_it_signed() -> None:
    end = NOW - limits.HOUR
    status = found(key_row(SG, not_after=end))["SG"]
    assert (status.valid_until, status.valid_in, status.is_revoked) == (end, 3, False)
