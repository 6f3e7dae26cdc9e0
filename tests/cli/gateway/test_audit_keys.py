"""Whose keys signed an exported log, line or report, by the verifier's lists, and whether a time stamp fits."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from protocol.files.test_auditline import ID, TITLE, dated, signed
from suar.federation.summary import fingerprint, grouped
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


# -- what does not count contradicts nothing


YEAR_AGO = NOW - 365 * DAY


def of_a_thief(n: int) -> tuple[Line | SignedHead, ...]:
    """An honest log of two lines under the good key, with what the holder of the revoked key, or anybody, added."""
    lines = dated([NOW, NOW, YEAR_AGO, NOW + 72 * 365 * DAY])
    good: tuple[Line | SignedHead, ...] = (*lines[:2], signed(lines[:2], NEW))
    old_head = signed(lines[:1], OLD, at=YEAR_AGO)
    logs: list[tuple[Line | SignedHead, ...]] = [
        (lines[0], old_head, lines[1], signed(lines[:2], NEW)),
        (*good, *lines[2:], signed(lines, OLD)),
        (*good, *lines[2:]),
    ]
    return logs[n]


@pytest.mark.parametrize(
    ("n", "doubt"),
    [
        (0, f"key: heads up to line 1 are signed by the key {fingerprint(OLD.kid)}, which now has as revoked; they "),
        (1, f"not proved: lines 3 to 4 stand under the key {fingerprint(OLD.kid)} alone, which now has as revoked: "),
        (2, "not signed: lines 3 to 4: anybody may have written them; their times are not compared\n"),
    ],
    ids=["a head", "lines under it", "lines that nobody signed"],
)
def test_what_does_not_count_contradicts_nothing(suar: Suar, tmp_path: Path, n: int, doubt: str) -> None:
    """Before, lines and heads of the holder of a stolen key, or of anybody, stood as contradictions of the member."""
    issuer = DatedIssuer(NOW + limits.HOUR)
    (tmp_path / "ca.pem").write_bytes(issuer.ca)
    file = written(tmp_path, *of_a_thief(n))
    (tmp_path / "log.tst").write_bytes(issuer.token((tmp_path / file).read_bytes()))
    trust = trusting(tmp_path, LIST_1.signed(), after(REVOKED, SECOND))
    for name, value in (("--trust", trust), ("--kid", NEW.kid.hex())):
        options = (name, value, "--tsa-ca", "ca.pem")
        found = shown(suar, "verify", file, *options)
        assert (found["contradictions"], found["contradictions_more"], found["signed"]) == ([], 0, 2)
        assert not [each for each in found["key_findings"] if "contradiction" in each]
        text = suar("audit", "verify", file, *options).out
        assert "contradiction" not in text
        assert (doubt in text) or name == "--kid"
    every = shown(suar, "verify", file, "--kid", NEW.kid.hex(), "--kid", OLD.kid.hex())["contradictions"]
    assert len(every) == (1, 1, 0)[n]


def test_a_line_before_any_key_is_named_by_its_number(suar: Suar, tmp_path: Path) -> None:
    lines = dated([NOW, YEAR_AGO])
    trust = trusting(tmp_path, LIST_1.signed(), after(REVOKED, SECOND))
    for command, file in all_three(tmp_path, lines, signed(lines, NEW)).items():
        note = shown(suar, command, file, "--trust", trust)["key_findings"][-1]
        assert note.startswith("contradiction: line 2 is dated 2026-01-15T08:00:00Z, and no key of TH was "), command


# -- an earlier export


def exported(folder: Path, *records: Line | SignedHead, title: auditlog.Title = TITLE) -> tuple[str, str]:
    (folder / "since").write_bytes(b"".join(msgspec.json.encode(each) + b"\n" for each in (title, *records)))
    return "--since", "since"


def test_an_earlier_export_of_a_key_that_does_not_count_accuses_nobody(suar: Suar, tmp_path: Path) -> None:
    """Before, an honest log was "not as it was written" by whatever the holder of a stolen key had signed."""
    trust, key = trusting(tmp_path, LIST_1.signed(), after(REVOKED, SECOND)), fingerprint(OLD.kid)
    lines = dated([NOW] * 4)
    file = written(tmp_path, *lines[:3], signed(lines[:3], NEW))
    thief = dated([NOW, NOW, YEAR_AGO, NOW])
    head = f"the head at line 4 of the earlier export is by the key {key}, which now has as revoked"
    doubt = f"\nnot proved: {head}: it does not count; what it signs is not in the log, and whoever has the key may "
    since = exported(tmp_path, *thief[:2], signed(thief[:2], NEW), *thief[2:], signed(thief, OLD))
    done = suar("audit", "verify", file, "--trust", trust, *since)
    assert (done.code, doubt in done.out) == (0, True), done.err
    first, second = shown(suar, "verify", file, "--trust", trust, *since)["earlier_heads"]
    assert first == {"key": NEW.kid.hex(), "signed": 2, "counts": True, "why": None, "in_log": True}
    assert second == {"key": OLD.kid.hex(), "signed": 4, "counts": False, "why": "revoked", "in_log": False}
    done = suar("audit", "verify", file, "--trust", trust, *exported(tmp_path, *thief, signed(thief, OLD)))
    assert (done.code, doubt in done.out) == (1, True)
    assert "error: no head of the earlier export counts, and its lines are not all in the log" in done.err
    assert "not as it was written" not in done.err


def test_an_earlier_export_of_a_key_that_was_revoked_since_is_compared(suar: Suar, tmp_path: Path) -> None:
    trust, lines = trusting(tmp_path, LIST_1.signed(), after(REVOKED, SECOND)), dated([NOW] * 3)
    file = written(tmp_path, *lines[:2], signed(lines[:2], NEW))
    done = suar("audit", "verify", file, "--trust", trust, *exported(tmp_path, lines[0], signed(lines[:1], OLD)))
    key = f"by the key {fingerprint(OLD.kid)}, which now has as revoked"
    text = f"\nkey: the head at line 1 of the earlier export is {key}"
    assert (done.code, f"{text}: it does not count; what it signs is in the log\n" in done.out) == (0, True), done.err
    done = suar("audit", "verify", file, "--trust", trust, *exported(tmp_path, *lines, signed(lines, NEW)))
    older = (
        "it ends at line 2, and the head to compare it with signs 3 lines: it is an older export, or its end was cut"
    )
    assert (done.code, older in done.err, "not as it was written" in done.err) == (1, True, False)


def test_an_earlier_export_whose_key_nothing_checked_accuses_nobody(suar: Suar, tmp_path: Path) -> None:
    """Before, a chain under a key made for it was "line 2 or one before it is not the one", of an honest log."""
    stranger, lines = Actor("TH", identity=seed("anybody")), dated([NOW] * 3)
    file, forged = written(tmp_path, *lines, signed(lines, NEW)), dated([NOW + 1] * 4)
    key = f"is by the key {fingerprint(stranger.kid)}, which was not checked (--kid or --trust): it does not count"
    for count, rest in (
        (2, "line 2 of the log, or one before it, is not the one that this head signed\n"),
        (
            4,
            "the log ends at line 3, and the head to compare it with signs 4 lines: it is an older export, or its end",
        ),
    ):
        since = exported(tmp_path, *forged[:count], signed(forged[:count], stranger))
        done = suar("audit", "verify", file, *since)
        text = f"\nnot proved: the head at line {count} of the earlier export {key}; if that key is TH's, then {rest}"
        assert (done.code, text in done.out, "not as it was written" in done.err) == (1, True, False), done.out
        heads = json.loads(suar("audit", "verify", file, *since, "--json").out)["earlier_heads"]
        assert [(each["counts"], each["why"], each["in_log"]) for each in heads] == [(False, "unchecked", False)]
    done = suar("audit", "verify", file, *exported(tmp_path, *lines[:2], signed(lines[:2], NEW)))
    assert "which was not checked (--kid or --trust): it does not count; what it signs is in the log\n" in done.out


def test_a_wrong_earlier_export_is_not_said_of_the_log(suar: Suar, tmp_path: Path) -> None:
    """Before, both were "the log is not as it was written"."""
    lines = dated([NOW] * 2)
    file = written(tmp_path, *lines, signed(lines, NEW))
    done = suar("audit", "verify", file, *exported(tmp_path, lines[1], signed(lines[:1], NEW)))
    assert (done.code, "error: the earlier export since is not as it was written: " in done.err) == (1, True)
    other = exported(tmp_path, *lines, title=msgspec.structs.replace(TITLE, member="SG"))
    done = suar("audit", "verify", file, *other)
    assert "no line of since is signed" in done.err
    title = msgspec.structs.replace(TITLE, member="SG")
    since = exported(tmp_path, *lines, signed(lines, NEW, of="SG"), title=title)
    done = suar("audit", "verify", file, *since)
    assert f"the earlier export is of SG in “{FEDERATION}”, the log of TH in “{FEDERATION}”" in done.err


def test_lines_that_no_head_that_counts_signs_accuse_nobody(suar: Suar, tmp_path: Path) -> None:
    """Before, "the log is not as it was written" by lines that anybody can write behind its last head."""
    lines, forged, key = dated([NOW] * 4), dated([NOW, NOW, NOW + 1, NOW]), ("--kid", NEW.kid.hex())
    file = written(tmp_path, *forged[:2], signed(forged[:2], NEW), *forged[2:])
    done = suar("audit", "verify", file, *key, *exported(tmp_path, *lines, signed(lines, NEW)))
    text = "no head that counts signs its lines 3 to 4: anybody may have written them, and they were not compared"
    assert (done.code, text in done.err, "not as it was written" in done.err) == (1, True, False), done.err
    since = exported(tmp_path, *lines[:2], signed(lines[:2], NEW), *lines[2:])
    done = suar("audit", "verify", file, *key, *since)
    text = "\nnot compared: lines 3 to 4 of the earlier export, which no head that counts signs: anybody may have"
    assert (done.code, text in done.out) == (0, True), done.err
    file = written(tmp_path, *forged, signed(forged, NEW))
    done = suar("audit", "verify", file, *key, *exported(tmp_path, *lines[:3], signed(lines[:3], NEW)))
    text = "the log is not as it was written: line 3 or one before it is not the one that the head to compare it with"
    assert (done.code, text in done.err) == (1, True), "one key signed both"


# -- a report beside its log


def test_a_report_by_a_key_that_nothing_checked_is_not_complete_and_accuses_no_log(suar: Suar, tmp_path: Path) -> None:
    """Before, "no line is left out" and `complete` of a report that anybody can sign."""
    lines = dated([NOW] * 3)
    report = all_three(tmp_path, lines[:2], signed(lines[:2], NEW))["verify-report"]
    log, key = ("--log", written(tmp_path, *lines, signed(lines, NEW))), fingerprint(NEW.kid)
    done = suar("audit", "verify-report", report, *log)
    assert (done.code, "; if that key is TH's, up to line 2 no line is left out" in done.out) == (1, True)
    assert "nothing shows whose key signed it" in done.err
    assert json.loads(suar("audit", "verify-report", report, *log, "--json").out)["complete"] is None
    forged = dated([NOW, NOW + 1])
    log = ("--log", written(tmp_path, *forged, signed(forged, NEW)))
    done = suar("audit", "verify-report", report, *log)
    text = f"signed; the report is signed by {key}, whose key was not checked"
    assert (done.code, text in done.err) == (1, True), done.err


def test_a_report_says_up_to_which_line_none_is_left_out(suar: Suar, tmp_path: Path) -> None:
    """Before, "no line is left out" was said where the log had later lines of the selection."""
    lines, options = dated([NOW] * 4), ("--kid", NEW.kid.hex())
    report = all_three(tmp_path, lines[:2], signed(lines[:2], NEW))["verify-report"]
    for count, further in (
        (2, ""),
        (4, "; behind it the log has 2 more lines of this selection, whose "),
    ):
        log = ("--log", written(tmp_path, *lines[:count], signed(lines[:count], NEW)))
        text = suar("audit", "verify-report", report, *options, *log).out
        assert f"; up to line 2 no line is left out{further}" in text
        assert ("behind it" in text) == bool(further)
        found = shown(suar, "verify-report", report, *options, *log)
        assert (found["complete"], found["lines_after"]) == (True, count - 2)
    forged = dated([NOW, YEAR_AGO])
    log = ("--log", written(tmp_path, *forged, signed(forged, OLD)))
    done = suar("audit", "verify-report", report, *options, *log)
    assert (done.code, "log does not show that the report is complete: line 2 or one bef" in done.err) == (
        1,
        True,
    )
    assert "proves nothing" not in done.err
    log = ("--log", written(tmp_path, lines[0], signed(lines[:1], NEW)))
    done = suar("audit", "verify-report", report, *options, *log)
    older = (
        "log does not show that the report is complete: it ends at line 1, and the head to compare it with signs 2 line"
    )
    assert (done.code, older in done.err, "it is an older export, or its end was cut off" in done.err) == (
        1,
        True,
        True,
    )
    title = "What the report is of: nobody signed its title, which names a person, a period or a message (its id)."
    done = suar("audit", "verify-report", report, *options)
    assert f"\n  - {title}\n" in done.out
    assert title in shown(suar, "verify-report", report, *options)["not_proved"]


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
        newest = grouped(LIST_1.after(issued=NOW - DAY, members=members(FIRST)).hash().hex())
        lists = "that of your trust lists (1 to 2); the hash of the newest is"
        assert f"\nfederation: “{FEDERATION}”, {lists} {newest}\n" in known
        assert "only their own roots vouch for them" in known
        named = suar("audit", command, file, "--kid", OLD.kid.hex()).out
        assert f"\nfederation: “{FEDERATION}”, as the file says\n" in named
        assert shown(suar, command, file, "--trust", trust)["federation"] == FEDERATION


def test_a_period_is_printed_with_its_milliseconds(suar: Suar, tmp_path: Path) -> None:
    lines = dated([NOW + 1])
    title = auditline.ReportTitle(
        audit_report=auditline.REPORT, federation=FEDERATION, member="TH", about=None, person=None, since=NOW + 1,
        until=NOW + 2,
    )  # fmt: skip
    path = Tree(auditlog.ALGORITHM, [auditlog.leaf_of(line) for line in lines]).path
    (tmp_path / "report").write_bytes(b"".join(auditline.write_report(title, signed(lines, NEW), lines, path)))
    text = suar("audit", "verify-report", "report", "--kid", NEW.kid.hex()).out
    assert ".001Z, until " in text
    assert ".002Z)" in text


# -- rows that somebody else wrote into a file


def rows_of_others(lines: Sequence[Line]) -> dict[str, bytes]:
    """Rows that anybody can write who passes a log on, who has no key of its member."""
    last, stranger = lines[-1], signed(lines, "SG")
    changed = [*lines[:-1], msgspec.structs.replace(last, hash="00" * 32)]
    rows: dict[str, Any] = {
        "a line that does not follow": msgspec.structs.replace(last, n=last.n + 2),
        "a line with another hash": msgspec.structs.replace(last, n=last.n + 1, hash="00" * 32),
        "a line again": last,
        "a head of another line": signed(changed, "SG"),
        "a head of a later line": msgspec.structs.replace(signed(lines, "SG"), head=99),
        "a head that is not valid": msgspec.structs.replace(stranger, signature="00" * 64),
        "a second log": TITLE,
    }
    return {name: msgspec.json.encode(row) for name, row in rows.items()} | {"a zero byte": b"\0", "no JSON": b"{"}


LINES = dated([NOW, NOW + 1, NOW + 2])
ROWS = rows_of_others(LINES)


@pytest.mark.parametrize("name", ROWS)
def test_a_row_that_nobody_signed_accuses_no_log(suar: Suar, tmp_path: Path, name: str) -> None:
    """Before, "the log is not as it was written: line 5 was removed", of a line that never existed."""
    head, key = signed(LINES, NEW), ("--kid", NEW.kid.hex())
    report = all_three(tmp_path, LINES, head)["verify-report"]
    honest = (tmp_path / "log").read_bytes()
    (tmp_path / "sound").write_bytes(honest)
    *rows, end = honest.splitlines()
    files = {"behind": [*rows, end, ROWS[name]]}
    if name.startswith("a head"):
        files["before"] = [*rows, ROWS[name], end]
    for file, content in files.items():
        (tmp_path / file).write_bytes(b"\n".join(content) + b"\n")
        done = suar("audit", "verify", file, *key)
        assert (done.code, "lines 1 to 3 of this file are as a key that counts signed them" in done.err) == (1, True)
        assert "which says nothing of the log" in done.err
        assert "the log is not as it was written" not in done.err
        done = suar("audit", "verify", "sound", *key, "--since", file)
        assert (done.code, "a part of the earlier export is not as a gateway writes it" in done.out) == (0, True)
        done = suar("audit", "verify-report", report, *key, "--log", file)
        assert (done.code, "up to line 3 no line is left out" in done.out) == (0, True), done.err
        assert f"not read: a part of {file} is not as a gateway writes it" in done.out


def test_what_counts_does_contradict_a_file(suar: Suar, tmp_path: Path) -> None:
    """A line that a head by the member's key signs is not there: this file is not the log, whoever did it."""
    head, key = signed(LINES, NEW), ("--kid", NEW.kid.hex())
    file = written(tmp_path, LINES[0], LINES[2], head)
    done = suar("audit", "verify", file, *key)
    text = "this file is not as it was written: line 2 was removed; whoever passed it on may have changed it"
    assert (done.code, text in done.err) == (1, True), done.err
