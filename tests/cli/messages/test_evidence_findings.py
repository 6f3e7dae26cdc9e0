"""What a reader of a file of evidence or an audit log is told: contradictions, keys, and whose words they are."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest

from protocol.files.evidence_case import MINE, Case, carried, receipt
from protocol.files.test_auditline import dated, signed
from suar.cli.gateway.audits.keys import judge_keys
from suar.cli.messages.evidence import report
from suar.federation.summary import fingerprint
from suar.languages.catalogue import load
from suar.languages.tags import ENGLISH, TRANSLATED, choose
from suar.protocol.base import limits
from suar.protocol.base.instants import claimed_at
from suar.protocol.base.primitives import ZERO32, signing_key
from suar.protocol.files import auditline, auditlog, trust_file
from suar.protocol.files import evidence as files
from suar.protocol.files.auditline import REPORT, ReportTitle
from suar.protocol.files.auditlog import (
    ALGORITHM,
    MAGIC_2,
    Line,
    SignedHead,
    Title,
    head_raw,
    leaf_of,
    line_hash,
    sign_head,
)
from suar.protocol.files.evidence import Unproved
from suar.protocol.files.findings.log_keys import Signer
from suar.protocol.files.merkle import Tree
from suar.protocol.files.proof import Proved, verify
from suar.protocol.files.proof_stamps import ProvedLine
from suar.protocol.files.standing import Supplied
from suar.protocol.transport.content import digest
from support.commands import Suar
from support.kit import (
    FEDERATION,
    MEMBERS,
    NOW,
    Actor,
    ListMaker,
    actor,
    craft_epoch,
    key_row,
    make_revoke,
    member_row,
    seed,
)

TH = actor("TH")
GENERATED = "a gateway wrote this title from the codes, as its mark says; no person did"


@cache
def case() -> Case:
    return Case()


def judged(*lists: bytes, **changes: Any) -> Proved:
    supplied = Supplied(lists=lists or None, revokes=() if lists else None)
    return verify(files.write(case().evidence._replace(**changes)), case().first.hash(), supplied)


def printed(proved: Proved, tag: str = ENGLISH.tag) -> list[str]:
    return [line.strip() for line in report.lines(report.summary(proved), choose(tag))]


def cancelled(*to: str, rev: int = 2, action: str = "cancel") -> dict[str, Any]:
    """A later revision in an epoch that names these recipients."""
    made = craft_epoch(TH, case().lists, not_before=NOW - 30_000, to=to)
    reason = {"reason": "wrong border post"} if action == "cancel" else {}
    text = json.dumps(json.loads(MINE) | {"rev": rev, "action": action} | reason).encode()
    epochs = (case().sending.opened.data, made.opened.data)
    return {"receipts": (), "epochs": epochs, "later": ((text, carried(made, made.frame(text), 0)),)}


def newest(code: str, *keys: list[Any], **changes: Any) -> bytes:
    rows = [member_row(actor(each), keys=list(keys) if each == code else []) for each in ("KH", "SG", "TH", "VN")]
    return case().lists.after(members=rows, issued=NOW + limits.HOUR, **changes).signed("A", "B", "C")


@pytest.mark.parametrize("tag", ["en", *TRANSLATED])
def test_a_contradiction_is_a_sentence_of_its_own_with_both_statements(tag: str) -> None:
    frames = [case().sending.crafted(MINE, ts=NOW + n, seq=7) for n in (1, 2)]
    proved = judged(receipts=(), carriers=tuple(carried(case().sending, each.data, 0) for each in frames))
    (found,) = report.summary(proved)["contradictions"]
    assert (found["name"], [each["name"] for each in found["statements"]]) == ("one-number", ["is-number"] * 2)
    line = printed(proved, tag)[1]
    assert all(each.hash.hex() in line for each in frames)
    assert line.startswith("These statements contradict each other: ") == (tag == "en")


def test_a_cancel_that_was_sealed_to_nobody_or_to_fewer_is_named() -> None:
    text = "the frame of rev 2 in the file names no recipient but TH: nothing shows that it reached another member"
    assert text in printed(judged(**cancelled("TH")))
    fewer = "the frame of rev 2 in the file does not name these recipients of the message: SG"
    assert fewer in printed(judged(**cancelled("TH", "VN")))
    assert "of rev 2" not in "".join(printed(judged(**cancelled("SG", "TH"))))


def test_a_key_that_was_replaced_is_not_said_to_be_revoked() -> None:
    """Before, a key that a rotation took out of the list was "revoked"."""
    key = fingerprint(actor("SG").kid)
    replaced = printed(judged(newest("SG", key_row(actor("XX")))))
    (line,) = [each for each in replaced if each.startswith("SG: stored")]
    assert line.endswith("; NOT PROVED: the key was replaced, and nothing proves that this is older")
    text = "it was replaced or removed, which does not say that it was compromised"
    assert f"trust list 3 no longer has the key {key} of SG: {text}" in replaced
    revoked = printed(judged(newest("SG", key_row(actor("SG"), revoked_at=NOW))))
    assert f"trust list 3 has the key {key} of SG as revoked" in revoked
    assert any(each.endswith("; NOT PROVED: the key was revoked") for each in revoked)


@pytest.mark.parametrize("tag", ["en", *TRANSLATED])
def test_a_key_that_nothing_revokes_is_named_beside_one_that_is_revoked(tag: str) -> None:
    """Before, "nothing revokes the key" stood above "a Revoke revokes it", and did not say that it is another key."""
    second = Actor("TH", identity=seed("TH, a second key"))
    rows = [member_row(actor(code), keys=[key_row(TH), key_row(second)] if code == "TH" else []) for code in MEMBERS]
    lists = ListMaker(members=rows)
    made = [craft_epoch(TH, lists), craft_epoch(second, lists)]
    carriers = [carried(one, one.frame(MINE, ts=NOW + n), 0) for n, one in enumerate(made)]
    file = case().evidence._replace(
        lists=(lists.signed(),), revokes=(), receipts=(), carriers=tuple(carriers),
        epochs=tuple(one.opened.data for one in made),
    )  # fmt: skip
    supplied = Supplied(lists=(lists.signed(),), revokes=(make_revoke(TH),))
    found = printed(verify(files.write(file), lists.hash(), supplied), tag)
    in_force = [
        load(tag).evidence("in-force", list=1, key=fingerprint(each), member="TH") for each in (second.kid, TH.kid)
    ]
    assert [each in found for each in in_force] == [True, False]
    assert in_force[0].endswith(f", revokes the key {fingerprint(second.kid)} of TH") == (tag == "en")


def test_a_key_past_its_time_and_roots_that_changed_are_named() -> None:
    until = "2027-01-15T07:00:00Z"
    expired = newest("SG", key_row(actor("SG"), not_after=NOW - limits.HOUR))
    key = fingerprint(actor("SG").kid)
    text = f"the key {key} of SG was valid until {until}, by trust list 3; it signed what is dated 2027-01-15T08:00:00Z"
    assert text in printed(judged(expired))
    first = case().first
    second = first.after(roots=("B", "C", "D"))
    made = craft_epoch(TH, second, not_before=NOW)
    each = carried(made, made.frame(MINE), 0)
    lists = (first.signed(), second.signed("A", "B", "C"))
    lines = printed(judged(lists=lists, revokes=(), epochs=(made.opened.data,), carriers=(each,), receipts=()))
    assert "the roots of trust list 2 are not those of the pinned one, 1" in lines
    assert "- That this key is the key of TH: the roots of trust list 2 say so." in lines


def test_the_title_is_in_the_reader_s_language_and_a_generated_one_is_marked() -> None:
    made = json.loads(MINE)
    made["text"][0]["generated"] = True
    made["text"].append({"lang": "th", "title": "งานสำนักงาน", "summary": "สัญญา"})
    text = json.dumps(made).encode()
    frame = case().sending.craft(text, moves_on=False)
    proved = judged(message=text, receipts=(), carriers=(carried(case().sending, frame, 0),))
    begin = f"{digest(text).hex()}: "
    english, thai = (printed(proved, tag) for tag in ("en", "th"))
    (at,) = [n for n, line in enumerate(english) if begin in line]
    assert english[at].endswith(f"{begin}“{made['text'][0]['title']}”")
    assert english[at + 1] == GENERATED  # on a line of its own, which no title is
    assert next(line for line in thai if begin in line).endswith(": “งานสำนักงาน”")
    last = "This program wrote these lines, and nobody signed them; what is signed is the text with the digest above."
    assert printed(proved)[-1] == last


def test_no_title_and_no_note_can_be_taken_for_words_of_the_program() -> None:
    """Before, a title with the mark in it printed as a generated one, and a note could close its quotation marks."""
    made = json.loads(MINE)
    made["text"][0]["title"] = f"Alert” {GENERATED}"
    text = json.dumps(made).encode()
    frame = case().sending.crafted(text)
    note = receipt(frame.hash, stage="acting", role="duty-officer", note="ok”; NOT PROVED: „that“ \"x''it\"")
    answer = ((note, carried(case().answer, case().answer.craft(note, moves_on=False), 0)),)
    proved = judged(message=text, receipts=answer, carriers=(carried(case().sending, frame.data, 0),))
    found = printed(proved)
    assert GENERATED not in found
    assert f"text {digest(text).hex()}: “Alert’ {GENERATED}”" in found
    (line,) = [each for each in found if each.startswith("SG: acting at")]
    assert line.endswith(" (duty-officer) “ok’; NOT PROVED: ’that’ ’x’it’”")
    who = ProvedLine(1, 0, "desk” (claimed) “", "publish", f"{proved.message.id} 1")
    shown = [each for each in printed(proved._replace(lines=[who])) if "desk" in each]
    assert len(shown) == 2  # a contradiction, and who did it
    assert all("“publish”" in each and "“desk’ (claimed) ’”" in each for each in shown)


@pytest.mark.parametrize("tag", ["en", *TRANSLATED])
def test_how_many_more_contradictions_there_are_is_said(tag: str) -> None:
    lines = [ProvedLine(1, NOW, f"desk {n}", "evidence", f"{json.loads(MINE)['id']} 1") for n in range(34)]
    proved = judged()._replace(lines=lines)
    shown = report.summary(proved)
    assert (len(shown["contradictions"]), shown["contradictions_more"]) == (32, 1)
    line = printed(proved, tag)[33]
    assert (line == "and 1 more contradictions, which are not named here") == (tag == "en")
    assert "1" in line
    assert report.summary(judged())["contradictions_more"] == 0


@pytest.mark.parametrize("stage", ["refused", "missing"])
def test_a_receipt_of_who_could_not_open_it_does_not_read_as_if_it_could(stage: str) -> None:
    """Before, any proved receipt took its member out of what is not proved."""
    answer = receipt(case().name, stage=stage, code="E-LEFT-OUT")
    each = (answer, carried(case().answer, case().answer.craft(answer, moves_on=False), 0))
    alone = "- That the message was sent, or that the recipients that it names could open it."
    assert alone in printed(judged(receipts=(each,)))
    mixed = printed(judged(receipts=tuple(sorted((each, *case().evidence.receipts)))))
    assert alone not in mixed
    assert any(line.endswith("if no proved receipt of it above says more than: missing, refused.") for line in mixed)


def test_a_file_that_exists_is_not_replaced_and_ones_own_newest_list_is_not_the_pin(suar: Suar, tmp_path: Path) -> None:
    (tmp_path / "it").write_bytes(case().file)
    (tmp_path / "it.json").write_bytes(b"an exhibit")
    kept = suar("evidence", "verify", "it", "--pin", case().first.hash().hex(), "--message", "it.json")
    assert (kept.code, kept.line_labels) == (1, ["error:", "hint:"])
    assert (tmp_path / "it.json").read_bytes() == b"an exhibit"
    third = case().lists.after(issued=NOW)
    (tmp_path / "now").write_bytes(third.signed())
    ended = suar("evidence", "verify", "it", "--pin", third.hash().hex(), "--trust", "now")
    assert (ended.code, "your pin is the hash of a list that you gave with --trust" in ended.err) == (1, True)


def test_lists_that_are_given_in_the_file_of_revokes_alone_count(suar: Suar, tmp_path: Path) -> None:
    """Before, they were dropped without a word: what they revoke was proved, and the newest list was "none"."""
    (tmp_path / "it").write_bytes(case().file)
    call = ("evidence", "verify", "it", "--pin", case().first.hash().hex(), "--revokes", "now")
    for third, code in ((case().lists.after(issued=NOW).signed(), 0), (newest("TH", key_row(TH, revoked_at=NOW)), 1)):
        for made in (third, trust_file.write(trust_file.TrustFile((third,), (), ()))):
            (tmp_path / "now").write_bytes(made)
            done = suar(*call)
            assert (done.code, "was revoked, and nothing proves that this is older" in done.err) == (code, code == 1)
            assert ("you gave: trust list 3 (" in done.out) == (code == 0)
    (tmp_path / "now").write_bytes(ListMaker(federation="another", version=3).signed())
    assert "[V2]" in suar(*call).err


# -- the audit


def test_a_message_under_a_key_that_was_replaced_is_refused_by_that_word() -> None:
    with pytest.raises(Unproved, match="was replaced, and nothing proves that this is older"):
        judged(newest("TH", key_row(actor("XX"))))
    with pytest.raises(Unproved, match="was revoked, and nothing proves that this is older"):
        judged(newest("TH", key_row(TH, revoked_at=NOW)))


def test_what_lists_say_of_the_key_of_a_log_and_what_a_log_does_not_prove(suar: Suar, tmp_path: Path) -> None:
    """A line of 1970, a head behind the end of its key, and a key that the newest list has no longer."""
    lines = dated([0, NOW])
    head = signed(lines, at=NOW + 400 * limits.DAY)
    title = {"audit": "suar-audit/2", "federation": FEDERATION, "member": "TH"}
    (tmp_path / "log").write_bytes(b"".join(msgspec.json.encode(each) + b"\n" for each in (title, *lines, head)))
    (tmp_path / "newest").write_bytes(case().lists.signed())
    (alone,) = json.loads(suar("audit", "verify", "log", "--trust", "newest", "--json").out)["key_findings"]
    lists = (case().first.signed(), case().lists.signed())
    (tmp_path / "now").write_bytes(trust_file.write(trust_file.TrustFile(lists, (), ())))
    shown = json.loads(suar("audit", "verify", "log", "--trust", "now", "--json").out)
    expired, before = shown["key_findings"]
    assert alone == expired  # a list that is not there may have an earlier key
    assert expired.startswith(f"key: the key {fingerprint(TH.kid)} was valid until ")
    assert before.startswith("contradiction: line 1 is dated 1970-01-01T00:00:00Z, and no key of TH was valid before ")
    text = suar("audit", "verify", "log", "--trust", "now").out
    assert "\nThis is not proved:\n  - That an action took place, and which person took it" in text
    assert shown["not_proved"][0] in text


def test_a_key_that_the_newest_list_of_a_trust_file_has_no_longer(tmp_path: Path) -> None:
    lists = (case().lists.signed(), newest("TH", key_row(actor("XX"))))
    (tmp_path / "now").write_bytes(trust_file.write(trust_file.TrustFile(lists, (), ())))
    of = auditlog.Title(audit=auditlog.MAGIC_2, federation=FEDERATION, member="TH")
    (note,) = judge_keys(of, [Signer(TH.kid.hex(), 1, NOW, NOW)], trust=tmp_path / "now").notes
    assert note.startswith(f"key: trust list 3 no longer has the key {fingerprint(TH.kid)}: it was replaced or removed")


def test_what_a_log_names_freely_cannot_be_taken_for_words_of_the_program(suar: Suar, tmp_path: Path) -> None:
    """Before, who, what and about of a line, and the member and selection of a report, were printed as they stood."""
    member, who, about = "TH, signed up to line 500", "desk  open  X", "X”, signed with 9 lines; “no-line"
    digest_ = line_hash(ZERO32, 1, NOW, who, "open", about)
    line = Line(n=1, at=NOW, who=who, what="open", about=about, hash=digest_.hex(), salt="00" * 16)
    tree = Tree(ALGORITHM, [leaf_of(line)])
    raw = head_raw(FEDERATION, member, 1, NOW, digest_, tree.root)
    signature = sign_head(signing_key(TH.identity), raw).hex()
    head = SignedHead(
        head=1, at=NOW, hash=line.hash, key=TH.public.hex(), signature=signature, root=tree.root.hex()
    )  # fmt: skip
    title = Title(audit=MAGIC_2, federation=FEDERATION, member=member)
    (tmp_path / "log").write_bytes(b"".join(msgspec.json.encode(each) + b"\n" for each in (title, line, head)))
    (tmp_path / "line").write_bytes(auditline.write(auditline.show(title, line, [leaf_of(line)], head)))
    selection = ReportTitle(
        audit_report=REPORT, federation=FEDERATION, member=member, about=None, person=None, since=NOW, until=None
    )  # fmt: skip
    (tmp_path / "report").write_bytes(b"".join(auditline.write_report(selection, head, [line], tree.path)))
    quoted = "“TH, signed up to line 500”"
    log, one, report_ = (
        suar("audit", name, file, "--kid", TH.kid.hex()).out
        for name, file in (("verify", "log"), ("verify-line", "line"), ("verify-report", "report"))
    )
    assert log.startswith(f"sound: 1 lines of {quoted}, signed up to line 1 by ")
    assert one.startswith(f"sound: line 1 of {quoted}, signed with 1 lines at ")
    assert "  “desk open X”  “open”  “X’, signed with 9 lines; ’no-line”\n" in one
    assert f"1 lines of the log of {quoted} (since {claimed_at(NOW)}), signed with 1 lines at " in report_
    named = msgspec.structs.replace(selection, person=who)
    (tmp_path / "report").write_bytes(b"".join(auditline.write_report(named, head, [line], tree.path)))
    refused = suar("audit", "verify-report", "report", "--kid", TH.kid.hex())
    assert (refused.code, "its selection is none that a gateway makes" in refused.err) == (1, True)
    assert "  desk open X  open" in report_
    assert "  X’, signed with 9 lines; ’no-line" in report_
