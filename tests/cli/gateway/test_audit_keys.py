"""Whose keys signed an exported log, line or report, by the verifier's lists, and whether a time stamp fits."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from protocol.files.test_auditline import ID, TITLE, dated, signed
from suar.federation.summary import fingerprint
from suar.protocol.base import limits
from suar.protocol.files import auditline, auditlog, trust_file
from suar.protocol.files.auditlog import Line, SignedHead
from suar.protocol.files.merkle import Tree
from suar.protocol.files.trust_file import TrustFile
from support.commands import Suar
from support.forged_tokens import DatedIssuer
from support.kit import FEDERATION, MEMBERS, NOW, Actor, ListMaker, actor, key_row, make_revoke, member_row, seed

DAY = limits.DAY
OLD, NEW = actor("TH"), Actor("TH", identity=seed("TH, a second key"))
FIRST = key_row(OLD, not_before=NOW - 90 * DAY)
SECOND = key_row(NEW, not_before=NOW - DAY)
REVOKED = key_row(OLD, not_before=NOW - 90 * DAY, revoked_at=NOW - DAY)


def members(*keys: list[Any]) -> list[list[Any]]:
    return [member_row(actor(code), keys=list(keys) if code == "TH" else []) for code in MEMBERS]


LIST_1 = ListMaker(issued=NOW - 80 * DAY, members=members(FIRST))


def after(*keys: list[Any]) -> bytes:
    return LIST_1.after(issued=NOW - DAY, members=members(*keys)).signed()


def trusting(folder: Path, *lists: bytes, revokes: Sequence[bytes] = ()) -> str:
    (folder / "now").write_bytes(trust_file.write(TrustFile(lists, tuple(revokes), ())))
    return "now"


def written(folder: Path, *records: auditlog.Title | Line | SignedHead) -> str:
    (folder / "log").write_bytes(b"".join(msgspec.json.encode(each) + b"\n" for each in (TITLE, *records)))
    return "log"


def all_three(folder: Path, lines: Sequence[Line], head: SignedHead) -> dict[str, str]:
    """A log, a line of it and a report, by the command that verifies each."""
    leaves = [auditlog.leaf_of(line) for line in lines]
    title = auditline.ReportTitle(
        audit_report=auditline.REPORT, federation=FEDERATION, member="TH", about=ID, person=None, since=None, until=None
    )
    path = Tree(auditlog.ALGORITHM, leaves).path
    (folder / "line").write_bytes(auditline.write(auditline.show(TITLE, lines[-1], leaves, head)))
    (folder / "report").write_bytes(b"".join(auditline.write_report(title, head, lines, path)))
    return {"verify": written(folder, *lines, head), "verify-line": "line", "verify-report": "report"}


def shown(suar: Suar, *words: str) -> dict[str, Any]:
    done = suar("audit", *words, "--json")
    assert done.code == 0, done.err
    found: dict[str, Any] = json.loads(done.out)
    return found


# -- a log with heads of two keys

TRUSTS = {
    "revoked by a list": ((LIST_1.signed(), after(REVOKED, SECOND)), (), "revoked"),
    "revoked by its owner": ((LIST_1.signed(), after(FIRST, SECOND)), (make_revoke(OLD),), "revoked"),
    "replaced": ((LIST_1.signed(), after(SECOND)), (), "replaced"),
    "replaced, the newest list alone": ((after(SECOND),), (), "unlisted"),
}


@pytest.mark.parametrize("name", TRUSTS)
def test_a_log_is_accepted_as_far_as_a_good_key_signs_it(suar: Suar, tmp_path: Path, name: str) -> None:
    """Before, an honest log of a member that had changed its key was refused, for the heads of before."""
    lists, revokes, why = TRUSTS[name]
    options = ("--trust", trusting(tmp_path, *lists, revokes=revokes))
    lines, key = dated([NOW - 2 * DAY, NOW, NOW]), fingerprint(OLD.kid)
    first, second = signed(lines[:1], OLD), signed(lines[:2], NEW)
    file = written(tmp_path, lines[0], first, lines[1], second)
    found = shown(suar, "verify", file, *options)
    other = {"key": OLD.kid.hex(), "why": why, "signed": 1}
    assert (found["sound"], found["signed"], found["keys"]) == (True, 2, [NEW.kid.hex()])
    assert (found["other_keys"], found["lines"]) == ([other], 2)
    text = suar("audit", "verify", file, *options).out
    assert text.startswith(f"sound: 2 lines of TH, signed up to line 2 by {fingerprint(NEW.kid)}\n")
    assert f"\nkey: heads up to line 1 are signed by the key {key}, which " in text
    file = written(tmp_path, lines[0], first, lines[1], second, lines[2], signed(lines, OLD))
    text = suar("audit", "verify", file, *options).out
    assert text.startswith("sound: 2 lines of TH, signed up to line 2 by ")
    assert f"\nnot proved: lines 3 to 3 stand under the key {key} alone, which " in text
    assert "not signed" not in text


def test_a_named_key_counts_and_another_one_makes_no_log_untrue(suar: Suar, tmp_path: Path) -> None:
    """Before, `--kid` said of a log that was as it was written that it was not."""
    lines = dated([NOW - 2 * DAY, NOW])
    file = written(tmp_path, lines[0], signed(lines[:1], OLD), lines[1], signed(lines, NEW))
    assert shown(suar, "verify", file, "--kid", NEW.kid.hex())["signed"] == 2
    earlier = shown(suar, "verify", file, "--kid", OLD.kid.hex())
    assert (earlier["signed"], [each["why"] for each in earlier["other_keys"]]) == (1, ["unnamed"])
    refused = suar("audit", "verify", file, "--kid", actor("SG").kid.hex())
    assert (refused.code, "which is not one of those that you named" in refused.err) == (1, True)
    assert "not as it was written" not in refused.err
    report = all_three(tmp_path, lines, signed(lines, NEW))["verify-report"]
    file = written(tmp_path, lines[0], signed(lines[:1], OLD), lines[1], signed(lines, NEW))
    assert shown(suar, "verify-report", report, "--kid", NEW.kid.hex(), "--log", file)["complete"] is True


@pytest.mark.parametrize("name", ["revoked by a list", "revoked by its owner", "replaced, the newest list alone"])
def test_a_log_that_a_revoked_or_unknown_key_alone_signs_is_refused(suar: Suar, tmp_path: Path, name: str) -> None:
    lists, revokes, _ = TRUSTS[name]
    trust = trusting(tmp_path, *lists, revokes=revokes)
    lines = dated([NOW - 2 * DAY, NOW])
    for command, file in all_three(tmp_path, lines, signed(lines, OLD)).items():
        refused = suar("audit", command, file, "--trust", trust)
        assert (refused.code, f"signed by the key {fingerprint(OLD.kid)}, which " in refused.err) == (1, True), command
    forged = written(tmp_path, *lines, msgspec.structs.replace(signed(lines, OLD), key=NEW.public.hex()))
    refused = suar("audit", "verify", forged, "--trust", trust)
    assert (refused.code, "the signature of the head at line 2 is not valid" in refused.err) == (1, True)


# -- the time of a key


def test_a_head_dated_before_its_key_was_valid_is_named(suar: Suar, tmp_path: Path) -> None:
    """Before, a log that was written anew under the new key and dated back had no finding: an older key was valid."""
    lines = dated([NOW - 20 * DAY])
    files = all_three(tmp_path, lines, signed(lines, NEW))
    trust = trusting(tmp_path, LIST_1.signed(), after(FIRST, SECOND))
    text = "was valid from 2027-01-14T08:00:00Z on, by trust list 2; it signed a head dated 2026-12-26T08:00:00Z"
    for command, file in files.items():
        (note,) = shown(suar, command, file, "--trust", trust)["key_findings"]
        assert note == f"key: the key {fingerprint(NEW.kid)} {text}"
    earlier = LIST_1.after(issued=NOW - DAY, members=members(FIRST, key_row(NEW, not_before=NOW - 30 * DAY)))
    later = earlier.after(issued=NOW, members=members(FIRST, SECOND)).signed()
    trust = trusting(tmp_path, LIST_1.signed(), earlier.signed(), later)
    assert shown(suar, "verify", files["verify"], "--trust", trust)["key_findings"] == []


def test_what_is_dated_after_its_time_stamp_is_named(suar: Suar, tmp_path: Path) -> None:
    """Before, a line of the year 2098 with a token of 2027 was "sound", and the token's time was printed."""
    issuer, far = DatedIssuer(NOW + limits.HOUR), NOW + 72 * 365 * DAY
    (tmp_path / "ca.pem").write_bytes(issuer.ca)
    for at, names in ((far, ("line 1", "head")), (NOW + limits.HOUR, ())):
        lines = dated([at])
        for command, file in all_three(tmp_path, lines, signed(lines)).items():
            (tmp_path / f"{file}.tst").write_bytes(issuer.token((tmp_path / file).read_bytes()))
            options = ("--kid", OLD.kid.hex(), "--tsa-ca", "ca.pem")
            found = shown(suar, command, file, *options)["contradictions"]
            text = " is dated 2098-12-28T08:00:00Z, and a time stamp proves that it existed by 2027-01-15T09:00:00Z"
            assert [each.endswith(text) for each in found] == [True] * len(names), (command, found)
            assert all(any(name in each for each in found) for name in names), (command, found)
            assert suar("audit", command, file, *options).out.count("\ncontradiction: ") == len(names)


# -- the lists themselves


def altered(data: bytes) -> bytes:
    """A list with one bit of its first signature changed."""
    return data[:30] + bytes([data[30] ^ 1]) + data[31:]


WRONG = {
    "a signature": ((LIST_1.signed(), altered(after(FIRST))), "is not valid: trust list 2: "),
    "a signature of the first": ((altered(LIST_1.signed()),), "is not valid: trust list 1: "),
    "a gap": ((LIST_1.signed(), LIST_1.after(version=3).signed()), "is not valid: trust list 2: "),
    "another chain": ((LIST_1.signed(), LIST_1.after(prev=bytes(32)).signed()), "is not valid: trust list 2: "),
    "another federation": ((ListMaker(federation="other").signed(),), "and the lists of now are of “other”"),
    "no list": ((), "is not valid: the trust lists: there are none"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_lists_are_judged_as_those_of_evidence_are(suar: Suar, tmp_path: Path, name: str) -> None:
    """Before, whatever had the form of a list was believed, of whatever federation."""
    lists, text = WRONG[name]
    lines = dated([NOW])
    files, trust = all_three(tmp_path, lines, signed(lines)), trusting(tmp_path, *lists)
    for command, file in files.items():
        refused = suar("audit", command, file, "--trust", trust)
        assert (refused.code, text in refused.err) == (1, True), (command, refused.err)


def test_the_federation_is_printed(suar: Suar, tmp_path: Path) -> None:
    lines = dated([NOW])
    files, trust = all_three(tmp_path, lines, signed(lines)), trusting(tmp_path, LIST_1.signed(), after(FIRST))
    for command, file in files.items():
        known = suar("audit", command, file, "--trust", trust).out
        assert f"\nfederation: “{FEDERATION}”, that of your trust lists (1 to 2)\n" in known
        named = suar("audit", command, file, "--kid", OLD.kid.hex()).out
        assert f"\nfederation: “{FEDERATION}”, as the file says\n" in named
        assert shown(suar, command, file, "--trust", trust)["federation"] == FEDERATION
