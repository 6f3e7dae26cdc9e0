"""What lists and Revokes say of a key: revoked, replaced, or past its time at the frame that it signed."""

import json
from functools import cache
from typing import Any

import pytest

from protocol.files.evidence_case import MINE, Case, carried
from protocol.files.test_container_lines import report
from protocol.files.test_evidence_standing import stamped, with_
from suar.protocol.base import limits
from suar.protocol.files.auditlog import line_hash
from suar.protocol.files.findings.key_status import KeyStatus, key_findings
from suar.protocol.files.proof import verify
from suar.protocol.files.proof_stamps import ProvedLine, line_content
from suar.protocol.files.stamps import LINE, Authority
from suar.protocol.files.standing import Supplied
from support.forged_tokens import DatedIssuer
from support.kit import MEMBERS, NOW, Actor, ListMaker, actor, craft_epoch, key_row, make_revoke, member_row, seed

DAY = limits.DAY
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


SECOND = Actor("TH", identity=seed("TH, a second key"))
WINDOWS: dict[str, tuple[dict[str, int], tuple[int | None, int | None] | None]] = {
    "past its time": ({"not_before": NOW - 900 * DAY, "not_after": NOW - 600 * DAY}, (NOW - 600 * DAY, None)),
    "not valid yet": ({"not_before": NOW + 100 * DAY, "not_after": NOW + 200 * DAY}, (None, NOW + 100 * DAY)),
    "in its time": ({}, None),
}


def with_second(**window: int) -> tuple[dict[str, Any], bytes]:
    """A message of TH whose lists have a second key of it, and their pin."""
    row = member_row(TH, keys=[key_row(TH), key_row(SECOND, **window)])
    lists = ListMaker(members=[row if code == "TH" else member_row(actor(code)) for code in MEMBERS])
    made = craft_epoch(TH, lists)
    parts = {"lists": (lists.signed(),), "revokes": (), "epochs": (made.opened.data,), "receipts": ()}
    return parts | {"carriers": (carried(made, made.frame(MINE), 0),)}, lists.hash()


@pytest.mark.parametrize("name", WINDOWS)
def test_the_key_that_signed_a_report_in_a_container_is_judged(name: str) -> None:
    """Before, nothing was said of it: a line that names a person, under a key of two years ago or of next spring."""
    window, expected = WINDOWS[name]
    parts, pin = with_second(**window)
    proved = verify(with_(**parts), pin, report=report(who=SECOND))
    assert len(proved.lines) == 2
    found = [(each.valid_until, each.valid_from) for each in key_findings(proved)]
    assert found == ([] if expected is None else [expected])


def test_a_report_is_hidden_and_its_key_named_where_the_key_is_revoked() -> None:
    parts, pin = with_second()
    file, supplied = with_(**parts), Supplied(further=(make_revoke(SECOND),))
    proved = verify(file, pin, supplied, report(who=SECOND))
    assert proved.lines == []
    assert [(each.kid, each.is_revoked_by_owner) for each in key_findings(proved)] == [(SECOND.kid, True)]


@pytest.mark.parametrize("name", WINDOWS)
@pytest.mark.parametrize("has_authority", [False, True])
def test_the_key_of_a_tree_with_a_line_is_judged(name: str, has_authority: bool) -> None:
    """A tree states no time: it was signed after its line, and by its token before then."""
    window, expected = WINDOWS[name]
    issuer, (parts, pin) = DatedIssuer(NOW + DAY), with_second(**window)
    act = ProvedLine(2, NOW, "desk", "publish", f"{json.loads(MINE)['id']} 1")
    stamps = stamped(issuer, (LINE, line_hash(bytes(32), *act)), by=SECOND)
    file = with_(**parts, lines=(line_content(bytes(32), act),), stamps=tuple(stamps))
    proved = verify(file, pin, Supplied(authority=Authority(issuer.ca) if has_authority else None))
    assert proved.lines == [act]
    found = [(each.valid_until, each.valid_from) for each in key_findings(proved)]
    is_unknown = name == "not valid yet" and not has_authority
    assert found == ([] if expected is None or is_unknown else [expected])


def test_a_key_past_its_time_at_the_frame_that_it_signed() -> None:
    end = NOW - limits.HOUR
    status = found(key_row(SG, not_after=end))["SG"]
    assert (status.valid_until, status.valid_in, status.is_revoked) == (end, 3, False)
