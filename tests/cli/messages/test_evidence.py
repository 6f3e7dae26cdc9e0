"""`suar evidence` and `suar audit` as people use them: on a stopped state, through a gateway, and with a file alone."""

import json
import os
import re
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import msgspec
import pytest

from protocol.files.evidence_case import MINE, Case, carried, receipt
from protocol.files.test_auditline import TITLE, dated, signed
from protocol.files.test_container_lines import boxed
from protocol.files.test_evidence_standing import case, stamped, with_
from suar.cli.gateway.audits.stamp import proved_time
from suar.cli.messages.evidence import report
from suar.federation.summary import fingerprint
from suar.languages.tags import ENGLISH, TRANSLATED
from suar.protocol.base import limits
from suar.protocol.base.errors import Fault
from suar.protocol.base.instants import instant
from suar.protocol.base.primitives import ACTUAL, Secret
from suar.protocol.files import auditlog, commitments, container, proof, trust_file
from suar.protocol.files import evidence as files
from suar.protocol.files.auditlog import line_hash
from suar.protocol.files.container import Container, Layer
from suar.protocol.files.proof_stamps import ProvedLine
from suar.protocol.files.stamps import FRAME
from suar.protocol.files.trust_file import TrustFile
from suar.protocol.transport.content import digest
from suar.service.publish import accepting, sealing
from suar.service.trust import trust_sync
from support.authority import Authority, Making, served
from support.commands import Suar
from support.corekit import PASSPHRASE, CoreKit
from support.executables import SUAR
from support.gateways import draft
from support.kit import FEDERATION, NOW, Actor, ListMaker, actor, alert, make_revoke, member_row, open_sending, seed

ID = "SG-ALERT-2027-000007"
MINE_ID = "TH-ALERT-2027-000002"


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """TH, stopped: it published one message and received one of SG, between two others."""
    folder = tmp_path_factory.mktemp("evidence") / "th"
    kit = CoreKit(folder, "TH")
    kit.core.keyring.save()
    kit.receive_bundles()
    trust_sync.rotate_bundle(kit.core)
    body = json.dumps(draft("ours", expires="2027-01-30T00:00:00Z")).encode()
    accepting.accept(kit.core, [(body, None)], realm=ACTUAL, token="desk")
    sealing.seal_queued(kit.core)
    sealing.mark_published(kit.core, sealing.next_to_publish(kit.core, 100))
    sending = open_sending(actor("SG"), kit.lists)
    texts = [alert(f"SG-ALERT-2027-00000{n}") for n in (6, 7, 8)]
    kit.receive((sending.epoch_subject, sending.opened.data), (sending.subject, sending.frame(*texts)))
    kit.close()
    return folder


@pytest.fixture
def pin() -> str:
    return ListMaker().hash().hex()


@pytest.fixture
def secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "own.passphrase"
    path.write_bytes(PASSPHRASE)
    monkeypatch.setenv("SUAR_PASSPHRASE_FILE", str(path))


def test_a_message_is_proved_where_nothing_is_but_the_file(
    suar: Suar, state: Path, secret: None, pin: str, tmp_path: Path
) -> None:
    exported = suar("evidence", "export", ID, "-o", "it.evidence", "--state", str(state))
    assert (exported.code, exported.out) == (0, ""), exported.err
    bare = {name: os.environ[name] for name in ("PATH",) if name in os.environ}
    command = [*SUAR, "evidence", "verify", "it.evidence", "--pin", pin, "--message", "it.json"]
    done = subprocess.run(command, cwd=tmp_path, env=bare, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"proved: {ID} rev 1, AMBER, signed with the key of SG\n")
    assert "message 2 of 3, which names KH, TH, VN as recipients" in done.stdout
    assert (tmp_path / "it.json").read_bytes() == alert(ID)


def test_the_text_is_named_and_a_cancel_is_stated_to_be_one(
    suar: Suar, state: Path, secret: None, pin: str, tmp_path: Path
) -> None:
    """Two print-outs of one id and revision can be told apart; a cancel is no ordinary proof."""
    case = Case()
    made = json.loads(MINE) | {"rev": 2, "action": "cancel", "reason": "wrong border post"}
    text = json.dumps(made).encode()
    each = carried(case.sending, case.sending.frame(text), 0)
    later = case.evidence._replace(later=((text, each),), receipts=(), epochs=case.evidence.epochs)
    alone = later._replace(message=text, carriers=(each,), later=())
    for name, one in (("both", later), ("alone", alone)):
        (tmp_path / name).write_bytes(files.write(one))
    both, cancel = (
        suar("evidence", "verify", name, "--pin", case.first.hash().hex()).out for name in ("both", "alone")
    )
    assert f"text {digest(MINE).hex()}: “{made['text'][0]['title']}”" in both
    assert both.splitlines()[0].endswith("signed with the key of TH; cancelled by rev 2")
    assert "rev 2, AMBER, a cancel of the message, signed with the key of TH" in cancel
    assert "That the message was sent, or that the recipients that it names could open it." in both


def test_what_the_receipts_show_is_not_said_to_be_unproved_and_a_recall_without_its_cancel_is_named() -> None:
    """Somebody takes the cancel out of a file; the receipts that state its effect stay."""
    case = Case()
    stored = list(report.lines(report.summary(case.verify()), ENGLISH))
    unproved = (
        "  - That the message was sent to a recipient, or that it could open it, if no proved receipt of it above says "
        "more than: missing, refused."
    )
    assert (unproved in stored, "MISSING" in "".join(stored)) == (True, False)
    answer = receipt(case.name, stage="recalled")
    sealed = ((answer, carried(case.answer, case.answer.frame(answer), 0)),)
    proved = proof.verify(files.write(case.evidence._replace(receipts=sealed)), case.first.hash())
    shown = report.summary(proved)
    assert shown["without_cancel"] == [{"member": "SG", "stage": "recalled"}]
    assert report.lines(shown, ENGLISH)[1] == (
        "  MISSING: SG says that it carried out a cancel (recalled); no cancel is in the file"
    )


def test_a_receipt_is_printed_with_its_role_and_its_note_on_one_line() -> None:
    """A member that acknowledges by mistake says so in the note: without it, the receipt says something else."""
    case = Case()
    answer = receipt(case.name, 1, stage="acting", role="agency", note="I did NOT read this;\nSG: sent by mistake")
    sealed = ((answer, carried(case.answer, case.answer.frame(answer), 0)),)
    proved = proof.verify(files.write(case.evidence._replace(receipts=sealed)), case.first.hash())
    shown = report.summary(proved)
    assert shown["receipts"][0]["note"] == "I did NOT read this;\nSG: sent by mistake"
    (line,) = [line for line in report.lines(shown, ENGLISH) if line.strip().startswith("SG: ")]
    assert line.endswith(" (agency) “I did NOT read this; SG: sent by mistake”")


def test_a_time_that_no_calendar_has_is_printed_as_it_was_signed() -> None:
    """A line of the year 287396 ended the command with a traceback."""
    proved = Case().verify()._replace(lines=[ProvedLine(1, 2**53 - 1, "desk", "publish", ID)])
    shown = report.summary(proved)
    assert shown["author"][0]["at"] == f"{2**53 - 1} ms"
    assert f"at {2**53 - 1} ms (claimed)" in "".join(report.lines(shown, ENGLISH))


FORGED = f"x\nproved: {ID} rev 1, RED, signed with the key of SG\n  text 0c5188d6b5395d8b: The border closes"


def test_no_line_of_the_output_is_the_signer_s(suar: Suar, tmp_path: Path) -> None:
    """A title of TH had a line that says what SG signed; the schema allows line ends in a title."""
    case = Case()
    made = json.loads(MINE)
    made["text"][0]["title"] = FORGED
    text = json.dumps(made).encode()
    each = carried(case.sending, case.sending.frame(text), 0)
    one = case.evidence._replace(message=text, carriers=(each,), later=(), receipts=())
    (tmp_path / "it").write_bytes(files.write(one))
    verified = suar("evidence", "verify", "it", "--pin", case.first.hash().hex())
    assert verified.code == 0, verified.err
    lines = verified.out.splitlines()
    assert [line for line in lines if line.startswith("proved:")] == lines[:1]
    assert [line for line in lines if "The border closes" in line] == [
        f"  text {digest(text).hex()}: “{' '.join(FORGED.split())}”"
    ]


def test_a_line_about_another_revision_or_text_says_so() -> None:
    """The member itself signs such a line; the act is not taken for one on the text that is proved."""
    case = Case()
    proved = proof.verify(files.write(case.evidence), case.first.hash())
    name = digest(proved.data).hex()
    exact, alone, other = f"{MINE_ID} 1 {name}", MINE_ID, f"{MINE_ID} 7 {'ff' * 32}"
    acts = [
        ProvedLine(n, 1_800_000_000_000, "bob", "publish", about) for n, about in enumerate((exact, alone, other), 1)
    ]
    shown = report.summary(proved._replace(lines=acts))
    printed = [
        line.strip()
        for line in report.lines(shown, ENGLISH)
        if " by “bob” (the name of an account or token) at " in line
    ]
    shown_acts = [line.partition(" by “bob”")[0] for line in printed]
    assert shown_acts == ["“publish”", "“publish”", f"“publish” (“{other}”)"]


def test_what_it_proves_as_json(suar: Suar, state: Path, secret: None, pin: str) -> None:
    assert suar("evidence", "export", "TH-ALERT-2026-000001", "-o", "x", "--state", str(state)).code == 1
    listed = suar("audit", "show", "--what", "publish", "--json", "--state", str(state))
    own = json.loads(listed.out)["about"].split()[0]
    assert suar("evidence", "export", own, "-o", "own.evidence", "--state", str(state)).code == 0
    shown = json.loads(suar("evidence", "verify", "own.evidence", "--pin", pin, "--json").out)
    assert (shown["id"], shown["origin"], shown["receipts"]) == (own, "TH", [])
    assert shown["frames"][0]["channel"] == "all"


def test_an_altered_file_is_refused_and_the_part_named(
    suar: Suar, state: Path, secret: None, pin: str, tmp_path: Path
) -> None:
    suar("evidence", "export", ID, "-o", "it.evidence", "--state", str(state))
    data = bytearray((tmp_path / "it.evidence").read_bytes())
    data[-200] ^= 1
    (tmp_path / "it.evidence").write_bytes(data)
    ended = suar("evidence", "verify", "it.evidence", "--pin", pin)
    assert ended.code == 1
    assert "error: it.evidence proves nothing: part 6 (frame): it was altered [V1]" in ended.err
    assert "hint: " in ended.err


def test_another_pin_proves_nothing(suar: Suar, state: Path, secret: None) -> None:
    suar("evidence", "export", ID, "-o", "it.evidence", "--state", str(state))
    ended = suar("evidence", "verify", "it.evidence", "--pin", "00" * 32)
    assert (ended.code, "none of them is the one that is pinned" in ended.err) == (1, True)


def test_there_is_no_evidence_of_what_is_not_there(suar: Suar, state: Path, secret: None) -> None:
    ended = suar("evidence", "export", "VN-ALERT-2027-000001", "-o", "x", "--state", str(state))
    assert (ended.code, "there is no message VN-ALERT-2027-000001" in ended.err) == (1, True)


# -- what the verifier brings


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tsa") / "own")


def test_without_lists_revokes_and_authority_it_says_what_is_not_proved(
    suar: Suar, state: Path, secret: None, pin: str, tmp_path: Path
) -> None:
    suar("evidence", "export", ID, "-o", "it.evidence", "--state", str(state))
    bare = suar("evidence", "verify", "it.evidence", "--pin", pin).out
    assert "\n  revocation status not checked\n" in bare
    assert "\n  time claimed, not proved\n" in bare
    assert "Z (claimed), message 2 of 3" in bare
    for sentence in (
        "Which person in SG",
        "nobody else had the key of SG",
        "That the file is complete",
        "When the message",
    ):
        assert sentence in bare
    assert suar("trust", "export", "-o", "now.trust", "--state", str(state)).code == 0
    options = ("--trust", "now.trust", "--revokes", "now.trust")
    checked = suar("evidence", "verify", "it.evidence", "--pin", pin, *options)
    assert checked.code == 0, checked.err
    assert "not checked" not in checked.out
    assert "\n  you gave: trust list 1 (20" in checked.out
    in_force = "no trust list up to 1, and no Revoke of the file or of what you gave, revokes the key "
    assert f"); Revokes: 0\n  {in_force}{fingerprint(actor('SG').kid)} of SG\n" in checked.out
    assert "  - That no later trust list, and no Revoke other than those that you gave, revokes a key." in checked.out
    (tmp_path / "sg.revoke").write_bytes(make_revoke(actor("SG")))
    revoked = suar("evidence", "verify", "it.evidence", "--pin", pin, "--revokes", "sg.revoke")
    assert (revoked.code, "was revoked, and nothing proves that this is older" in revoked.err) == (1, True)


@pytest.mark.parametrize("tag", [*TRANSLATED])
def test_it_says_so_in_every_language(suar: Suar, state: Path, secret: None, pin: str, tag: str) -> None:
    suar("evidence", "export", ID, "-o", "it.evidence", "--state", str(state))
    english = suar("evidence", "verify", "it.evidence", "--pin", pin).out
    other = suar("evidence", "verify", "it.evidence", "--pin", pin, "--lang", tag).out
    assert len(other.splitlines()) == len(english.splitlines())
    same = set(other.splitlines()) & set(english.splitlines())
    assert not [line for line in same if not line.startswith("  frame")], same


@pytest.mark.parametrize("tag", [ENGLISH.tag, "th"])
def test_a_statement_that_was_sealed_later_is_printed_with_both_times(suar: Suar, tmp_path: Path, tag: str) -> None:
    made = Case()
    text = receipt(made.name, 1, stage="acting", role="duty-officer")
    frame = made.answer.craft(text, moves_on=False, ts=NOW + 6 * limits.MINUTE)
    late = made.evidence._replace(receipts=((text, carried(made.answer, frame, 0)),))
    (tmp_path / "it").write_bytes(files.write(late))
    ended = suar("evidence", "verify", "it", "--pin", made.first.hash().hex(), "--lang", tag)
    (line,) = [line for line in ended.out.splitlines() if line.strip().startswith("SG: ")]
    assert "2027-01-15T08:00:01Z" in line
    assert instant(NOW + 6 * limits.MINUTE) in line
    if tag == ENGLISH.tag:
        assert "according to its own statement, sealed at" in line


def test_a_file_that_is_no_trust_file_is_named(suar: Suar, state: Path, secret: None, pin: str, tmp_path: Path) -> None:
    suar("evidence", "export", ID, "-o", "it.evidence", "--state", str(state))
    (tmp_path / "x.trust").write_bytes(b"hello")
    ended = suar("evidence", "verify", "it.evidence", "--pin", pin, "--trust", "x.trust")
    assert (ended.code, "x.trust is not a trust file" in ended.err) == (1, True)
    ended = suar("evidence", "verify", "it.evidence", "--pin", pin, "--tsa-ca", "x.trust")
    assert (ended.code, "no certificates in PEM" in ended.err) == (1, True)


def test_a_container_made_renewed_and_verified(
    suar: Suar, state: Path, secret: None, pin: str, tmp_path: Path, issuer: Authority
) -> None:
    config = state / "suar.toml"
    before = config.read_text()
    (tmp_path / "ca.pem").write_bytes(issuer.ca)
    refused = suar("evidence", "export", ID, "--container", "-o", "it.asice", "--state", str(state))
    assert (refused.code, "no time-stamping authority is named" in refused.err) == (1, True)
    with served(lambda query: (200, issuer.reply(query))) as url:
        named = f'\n[evidence]\nauthority = "{url}"\nauthority_ca_file = "{tmp_path / "ca.pem"}"\n'
        config.write_text(before + named)
        made = suar("evidence", "export", ID, "--container", "-o", "it.asice", "--state", str(state))
        assert made.code == 0, made.err
        made = suar("evidence", "renew", "it.asice", "-o", "new.asice", "--hash", "sha512", "--state", str(state))
        assert made.code == 0, made.err
        config.write_text(before)
    plain = json.loads(suar("evidence", "verify", "new.asice", "--pin", pin, "--json").out)
    assert (plain["container"], plain["time"]["proved"]) == ([None, None], False)
    verified = suar("evidence", "verify", "new.asice", "--pin", pin, "--tsa-ca", "ca.pem", "--json")
    shown = json.loads(verified.out)
    assert None not in shown["container"]
    assert shown["time"] == {"proved": True, "not_later_than": shown["container"][0]}
    text = suar("evidence", "verify", "new.asice", "--pin", pin, "--tsa-ca", "ca.pem").out
    assert "token 2 of the container: not later than" in text
    assert "Z (claimed; its signed frame is proved to exist by" in text
    assert "When the message was made: the times are what the signers wrote." in text, "a token is no proof of a date"
    assert "That the container is as SG made it: anybody can make one anew" in text
    assert "time stamps and heartbeats may be left out of it" in text
    assert "an authority that you named signed a hash that covers it; it did not see the message" in text
    assert "That this key is the key of SG: the roots of trust list 1 say so." in text
    with ZipFile(tmp_path / "it.asice") as file:
        (tmp_path / "own.trust").write_bytes(file.read("history.trust"))
    own = ("--trust", "own.trust", "--revokes", "own.trust")
    shown = suar("evidence", "verify", "it.asice", "--pin", pin, *own).out
    assert "what you gave is all in the container's own history: if it was taken from there, it checks nothing" in shown
    assert "\n  revocation status not checked\n" in shown
    assert "no trust list up to" not in shown
    assert "That no key was revoked: this takes the newest trust list and the Revokes, from elsewhere." in shown
    (tmp_path / "bad.asice").write_bytes((tmp_path / "new.asice").read_bytes()[:-1])
    ended = suar("evidence", "verify", "bad.asice", "--pin", pin)
    assert (ended.code, "proves nothing: the container" in ended.err) == (1, True)


def test_why_a_token_gives_no_time_is_said(suar: Suar, tmp_path: Path) -> None:
    """Before, a key of 1024 bits proved a time, and a broken token was "of no authority that you named"."""
    weak = Authority(tmp_path / "weak", making=Making(signer=("rsa:1024",)))
    (tmp_path / "ca.pem").write_bytes(weak.ca)
    (tmp_path / "it").write_bytes(with_(stamps=tuple(stamped(weak, (FRAME, case().name)))))
    pin = ("--pin", case().first.hash().hex())
    shown = suar("evidence", "verify", "it", *pin, "--tsa-ca", "ca.pem")
    assert (
        "\n  time claimed, not proved\n  no time by a time stamp of the file: it rests on RSA 1024, which is too weak"
        in shown.out
    )
    (layer,) = boxed().layers
    token = layer.token[:-3] + bytes([layer.token[-3] ^ 1]) + layer.token[-2:]
    (tmp_path / "it.asice").write_bytes(container.write(Container(boxed().objects, (Layer(1, token),))))
    shown = suar("evidence", "verify", "it.asice", *pin, "--tsa-ca", "ca.pem")
    assert "\n  token 1 of the container: no time: its signature is not valid\n" in shown.out
    (tmp_path / "log").write_bytes(b"an export")
    (tmp_path / "log.tst").write_bytes(weak.token(b"an export"))
    with pytest.raises(Fault, match="it rests on RSA 1024, which is too weak"):
        proved_time(tmp_path / "log", b"an export", tmp_path / "ca.pem")


# -- the audit


def test_the_audit_of_a_stopped_state(suar: Suar, state: Path, secret: None, tmp_path: Path) -> None:
    ended = suar("audit", "export", "-o", "audit.jsonl", "--state", str(state))
    assert ended.code == 0, ended.err
    kid = fingerprint(actor("TH").kid)  # as `suar keys show` and `suar trust show` print it
    verified = suar("audit", "verify", "audit.jsonl", "--kid", kid)
    assert verified.code == 0, verified.err
    assert f"of TH, signed up to line {verified.out.split()[1]} by {kid}" in verified.out
    again = suar("audit", "verify", "--since", "audit.jsonl", "--kid", kid, "--json", "--state", str(state))
    assert json.loads(again.out)["lines"] > int(verified.out.split()[1])
    shown = suar("audit", "show", "--who", "desk", "--what", "publish", "--state", str(state))
    assert shown.out.splitlines()[0].split() == ["n", "at", "who", "what", "about"]
    assert len(shown.out.splitlines()) == 2
    assert re.search(r"\d\d-\d\d \d\d:\d\d:\d\d( \(.*\d\d:\d\d:\d\dZ\)|Z) ", shown.out)


def test_the_store_is_verified_with_the_audit(suar: Suar, state: Path, secret: None, tmp_path: Path) -> None:
    """What it prints, its next step by the tables that were altered, and the same as JSON."""
    folder = tmp_path / "copy"
    shutil.copytree(state, folder)
    verify = ("audit", "verify", "--store", "--state", str(folder))
    sound, shown = suar(*verify), json.loads(suar(*verify, "--json").out)
    assert (sound.code, sound.err) == (0, "")
    last = rf"sound: \d+ rows in {len(shown['store'])} tables of the store"
    assert re.fullmatch(last, sound.out.splitlines()[-1])
    assert shown["store"]["message"] == 4
    assert {"quarantine", "kept_proof", "receipt_note", "token"} <= set(shown["store"])
    with closing(sqlite3.connect(folder / "suar.db")) as store, store:
        store.execute("insert into quarantine values (1, 'SG', 'E-X', 'F6', '$', null, null, 1, x'00', x'00', 1)")
    sealed = suar(*verify)
    error = "error: the store was altered from outside: table quarantine: 1 row is not as this gateway wrote it: 1"
    assert (sealed.code, sealed.out, sealed.err.splitlines()[0]) == (1, "", error)
    assert sealed.line_labels == ["error:", "hint:"]
    assert "shown and exported nowhere" in sealed.err
    with closing(sqlite3.connect(folder / "suar.db")) as store, store:
        store.execute("update message set tlp = 'CLEAR' where id = ?", (ID,))
    message = suar(*verify)
    assert f"table message: 1 row is not as this gateway wrote it: {ID} 1; table quarantine: 1 row" in message.err
    assert "an own message is only in a backup" in message.err
    with closing(sqlite3.connect(folder / "suar.db")) as store, store:
        store.execute("update number set last = 99")
    ended = suar(*verify, "--json")
    assert (ended.code, ended.out) == (1, "")
    assert "table number: " in ended.err
    assert "suar store restored" in ended.err


def test_lines_that_nobody_signed_are_named_and_not_sound(
    suar: Suar, state: Path, secret: None, tmp_path: Path
) -> None:
    """Somebody who has only the export appends a line, or takes the heads out."""
    suar("audit", "export", "-o", "audit.jsonl", "--state", str(state))
    kid = actor("TH").kid.hex()
    records = [json.loads(line) for line in (tmp_path / "audit.jsonl").read_text().splitlines()]
    *_, last = (each for each in records if "n" in each)
    signed = max(each["head"] for each in records if "head" in each)
    n, at, who, what, about = last["n"] + 1, last["at"], "invented", "open", "TH-ALERT-2027-000001"
    digest = line_hash(bytes.fromhex(last["hash"]), n, at, who, what, about).hex()
    more = {"n": n, "at": at, "who": who, "what": what, "about": about, "hash": digest, "salt": "00" * 16}
    (tmp_path / "more.jsonl").write_text(as_lines([*records, more]))
    verified = suar("audit", "verify", "more.jsonl", "--kid", kid)
    before_list = verified.out.partition("\nThis is not proved:\n  - That an action took place")[0]
    assert [line for line in before_list.splitlines() if not line.startswith("contradiction: ")] == [
        f"sound: {signed} lines of TH, signed up to line {signed} by {fingerprint(actor('TH').kid)}",
        f"not signed: lines {signed + 1} to {n}: anybody may have written them; their times are not compared",
        f"federation: “{FEDERATION}”, as the file says",
    ]
    (tmp_path / "unsigned.jsonl").write_text(as_lines([each for each in records if "head" not in each]))
    refused = suar("audit", "verify", "unsigned.jsonl", "--kid", kid)
    assert (refused.code, "no line of the log is signed" in refused.err) == (1, True)
    assert suar("audit", "verify", "unsigned.jsonl").out.startswith("not signed: ")


def test_a_key_is_the_members_only_by_what_the_verifier_brings(
    suar: Suar, state: Path, secret: None, tmp_path: Path
) -> None:
    suar("audit", "export", "-o", "audit.jsonl", "--state", str(state))
    lists = {"ours": ListMaker(), "gone": ListMaker(members=[member_row(actor(code)) for code in ("KH", "SG", "VN")])}
    for name, made in lists.items():
        (tmp_path / name).write_bytes(made.signed())
    unchecked = suar("audit", "verify", "audit.jsonl")
    assert unchecked.out.startswith("internally consistent: ")
    assert "whose key was not checked" in unchecked.out
    assert json.loads(suar("audit", "verify", "audit.jsonl", "--json").out)["sound"] is False
    assert suar("audit", "verify", "audit.jsonl", "--trust", "ours").out.startswith("sound: ")
    refused = suar("audit", "verify", "audit.jsonl", "--trust", "gone")
    assert (refused.code, "which no list of gone has for TH" in refused.err) == (1, True)
    suar("audit", "line", "1", "-o", "line", "--state", str(state))
    suar("audit", "report", "--person", "desk", "-o", "report", "--state", str(state))
    for name, who in (("other", "SG"), ("thief", "TH")):
        own = TrustFile((lists["ours"].signed(),), (make_revoke(actor(who)),), ())
        (tmp_path / name).write_bytes(trust_file.write(own))
    for kind, file in (("verify", "audit.jsonl"), ("verify-line", "line"), ("verify-report", "report")):
        assert suar("audit", kind, file, "--trust", "other").code == 0
        refused = suar("audit", kind, file, "--trust", "thief")
        assert (refused.code, "which thief has as revoked" in refused.err) == (1, True)


def test_a_line_taken_out_of_the_file_is_named(suar: Suar, state: Path, secret: None, tmp_path: Path) -> None:
    suar("audit", "export", "-o", "audit.jsonl", "--state", str(state))
    lines = (tmp_path / "audit.jsonl").read_bytes().splitlines(keepends=True)
    (tmp_path / "audit.jsonl").write_bytes(b"".join(lines[:2] + lines[3:]))
    ended = suar("audit", "verify", "audit.jsonl")
    assert (ended.code, "error: this file is not as it was written: line 2 was removed" in ended.err) == (1, True)


def test_a_cut_off_tail_is_found_by_the_earlier_export(suar: Suar, state: Path, secret: None, tmp_path: Path) -> None:
    suar("audit", "export", "-o", "audit.jsonl", "--state", str(state))
    lines = (tmp_path / "audit.jsonl").read_bytes().splitlines(keepends=True)
    (tmp_path / "short.jsonl").write_bytes(b"".join(line for line in lines[:4] if b'"head"' not in line[:8]))
    ended = suar("audit", "verify", "short.jsonl", "--since", "audit.jsonl")
    doubt = "which was not checked (--kid or --trust): it does not count; if that key is TH's, then the log ends at "
    assert (ended.code, doubt in ended.out, "not as it was written" in ended.err) == (1, True, False)
    for options in (("--kid", actor("TH").kid.hex()), ()):
        ended = suar("audit", "verify", "--since", "audit.jsonl", *options, "--state", str(state))
        assert ended.code == 0, ended.err


def test_the_own_log_without_a_head_is_asked_of_no_member(
    suar: Suar, state: Path, secret: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [msgspec.json.encode(each) for each in (TITLE, *dated([NOW]))]
    monkeypatch.setattr(auditlog, "exported_lines", lambda _: iter(lines))
    refused = suar("audit", "verify", "--state", str(state), "--kid", actor("TH").kid.hex())
    assert (refused.code, "no line of the log is signed" in refused.err) == (1, True)
    assert "signs new lines within a minute" in refused.err
    salt = commitments.DaySalt(commitments.day_of(NOW), Secret(b"s" * 32))
    made = commitments.commit(salt.salt, FEDERATION, "TH", NOW, 1, bytes.fromhex(dated([NOW])[0].hash)).hex()
    title = {"commitments": commitments.MAGIC, "federation": FEDERATION, "member": "TH", "kept_by": "SG"}
    (tmp_path / "kept").write_text(as_lines([title, {"at": NOW, "commitment": made}]))
    more = ("--commitments", "kept", "--salt", salt.text)
    refused = suar("audit", "verify", "--state", str(state), *more)
    assert (refused.code, "and nobody signed the file of commitments" in refused.err) == (1, True), refused.err


def test_the_own_log_is_compared_by_the_own_keys_and_is_no_file(
    suar: Suar, state: Path, secret: None, tmp_path: Path
) -> None:
    """Before, a chain under anybody's new key accused the gateway's own log, which "the file" was said to name."""
    verify = ("audit", "verify", "--state", str(state), "--since", "since")
    lines = dated([NOW] * 400)
    for title, other in ((TITLE, Actor("TH", identity=seed("anybody"))), (TITLE, actor("TH"))):
        text = [title, *lines, signed(lines, other)]
        (tmp_path / "since").write_bytes(b"".join(msgspec.json.encode(each) + b"\n" for each in text))
        ended = suar(*verify)
        assert (ended.code, "not as it was written" in ended.err) == (1, False)
    assert "and the head to compare it with signs 400 lines: its end was cut off, or the state is an old" in ended.err
    (tmp_path / "since").write_bytes(
        b"".join(msgspec.json.encode(each) + b"\n" for each in (TITLE, lines[0], signed(lines[:1], other)))
    )
    assert "line 1 or one before it is not the one that the head to compare it with signed" in suar(*verify).err
    stranger = Actor("TH", identity=seed("anybody"))
    (tmp_path / "since").write_bytes(
        b"".join(msgspec.json.encode(each) + b"\n" for each in (TITLE, lines[0], signed(lines[:1], stranger)))
    )
    ended = suar(*verify)
    key = f"by the key {fingerprint(stranger.kid)}, which is not an identity key of this gateway: it does not count; "
    assert (ended.code, key in ended.out) == (1, True)
    assert "no head of the earlier export counts" in ended.err
    named = suar(*verify, "--kid", stranger.kid.hex())
    refusal = f"error: --kid names the key {fingerprint(stranger.kid)}, which is not an identity key of this gateway\n"
    assert (named.code, named.err.startswith(refusal)) == (1, True), named.err
    own = re.compile(r"internally consistent: \d+ lines of this gateway's own log \(TH\), signed by ")
    assert own.match(ended.out)
    assert f"\nfederation: “{FEDERATION}”, of this gateway\n" in ended.out
    assert "as the file says" not in ended.out
    assert "was not checked" not in ended.out
    suar("audit", "export", "-o", "since", "--state", str(state))
    found = json.loads(suar(*verify, "--json").out)
    assert (found["own_log"], [each["counts"] for each in found["earlier_heads"]]) == (True, [True])


def test_a_mistyped_salt_accuses_no_log(suar: Suar, tmp_path: Path) -> None:
    """Before, an honest log was "not as it was written" by a digit of the salt, or by a file that nobody signed."""
    lines, kid = dated([NOW] * 2), actor("TH").kid.hex()
    day, salt = commitments.day_of(NOW), Secret(b"s" * 32)
    title = commitments.Title(commitments=commitments.MAGIC, federation=FEDERATION, member="TH", kept_by="VN")
    made = [commitments.commit(salt, FEDERATION, "TH", NOW, 2, bytes.fromhex(lines[1].hash)), bytes(32)]
    kept = [commitments.Commitment(at=NOW + n, commitment=each.hex()) for n, each in enumerate(made)]
    for name, rows in (
        ("log", [TITLE, *lines, signed(lines)]), ("one", [title, kept[0]]), ("two", [title, *kept]),
        ("other", [msgspec.structs.replace(title, member="SG"), *kept]),
    ):  # fmt: skip
        (tmp_path / name).write_bytes(b"".join(msgspec.json.encode(each) + b"\n" for each in rows))
    right = commitments.DaySalt(day, salt).text
    verify = ("audit", "verify", "log", "--kid", kid, "--commitments")
    assert "\n1 commitments are to lines of it, as the file of VN says" in suar(*verify, "one", "--salt", right).out
    none = "no commitment of the file of VN, which nobody signed, opens with this salt, of 1 that were compared: the "
    for wrong in (f"{right[:-1]}0", commitments.DaySalt(day + 1, salt).text):
        ended = suar(*verify, "one", "--salt", wrong)
        assert (ended.code, none in ended.err, "not as it was written" in ended.err) == (1, True, False), ended.err
    ended = suar(*verify, "two", "--salt", right)
    assert ended.err.startswith("error: the file of VN, which nobody signed, has a commitment, of 20")
    assert (ended.code, "that is to no line of the log; this salt opens another one of it, " in ended.err) == (1, True)
    ended = suar(*verify, "other", "--salt", right)
    assert ended.err.startswith("error: the commitments are of another member or federation than the log")


def test_a_line_of_a_file_of_commitments_that_does_not_count_is_named_and_hides_no_other(
    suar: Suar, tmp_path: Path
) -> None:
    """Before, a row of before 1970 was left out in silence, and one in another form made the whole file invalid."""
    lines, salt = dated([NOW] * 3), commitments.DaySalt(commitments.day_of(NOW), Secret(b"s" * 32))
    made = commitments.commit(salt.salt, FEDERATION, "TH", NOW, 2, bytes.fromhex(lines[1].hash)).hex()
    title = commitments.Title(commitments=commitments.MAGIC, federation=FEDERATION, member="TH", kept_by="VN")
    rows = [{"at": -1, "commitment": "00" * 32}, {"at": "x"}, {"at": NOW, "commitment": made}]
    (tmp_path / "log").write_bytes(
        b"".join(msgspec.json.encode(each) + b"\n" for each in [TITLE, *lines, signed(lines)])
    )
    (tmp_path / "kept").write_bytes(b"".join(msgspec.json.encode(each) + b"\n" for each in [title, *rows]))
    verify = ("audit", "verify", "log", "--kid", actor("TH").kid.hex(), "--commitments", "kept", "--salt", salt.text)
    ended = suar(*verify)
    first = "line 2 of the file of commitments has a date that no commitment has: 1969-12-31T23:59:59Z"
    assert f"\nnot counted: {first}\nnot counted: line 3 of the file of commitments is not in the form" in ended.out
    assert "\n1 commitments are to lines of it" in ended.out
    assert (ended.code, ended.err.startswith(f"error: {first}; and so 1 more")) == (1, True), ended.err
    shown = json.loads(suar(*verify, "--json").out)
    assert (shown["commitments"], shown["commitments_up_to"], len(shown["commitments_refused"])) == (1, 2, 2)


def test_one_line_is_shown_without_the_others(suar: Suar, state: Path, secret: None, tmp_path: Path) -> None:
    listed = suar("audit", "show", "--what", "publish", "--json", "--state", str(state))
    line = json.loads(listed.out)
    done = suar("audit", "line", str(line["n"]), "-o", "line.json", "--state", str(state))
    assert done.code == 0, done.err
    assert (tmp_path / "line.json").stat().st_mode & 0o777 == 0o600
    kid = actor("TH").kid.hex()
    verified = suar("audit", "verify-line", "line.json", "--kid", kid)
    assert verified.code == 0, verified.err
    assert verified.out.startswith(f"sound: line {line['n']} of TH, signed with ")
    assert f"by {fingerprint(bytes.fromhex(kid))}" in verified.out
    assert f"“desk”  “publish”  “{line['about']}”" in verified.out
    shown = json.loads(suar("audit", "verify-line", "line.json", "--json").out)
    assert (shown["who"], shown["about"], shown["key"]) == ("desk", line["about"], kid)
    assert shown["sound"] is False
    unchecked = suar("audit", "verify-line", "line.json")
    assert unchecked.out.startswith("internally consistent: line")
    assert "whose key was not checked" in unchecked.out
    text = (tmp_path / "line.json").read_text()
    (tmp_path / "forged.json").write_text(text.replace('"desk"', '"nobody"'))
    for arguments in (("forged.json",), ("line.json", "--kid", actor("SG").kid.hex())):
        refused = suar("audit", "verify-line", *arguments)
        assert (refused.code, refused.line_labels) == (1, ["error:", "hint:"])
        assert "proves nothing" in refused.err
    missing = suar("audit", "line", "999999", "-o", "none.json", "--state", str(state))
    assert (missing.code, "the log has no line 999999" in missing.err) == (1, True)
    assert not (tmp_path / "none.json").exists()


def test_a_report_of_who_had_a_message_is_proved_and_shows_what_it_leaves_out_with_the_log(
    suar: Suar, state: Path, secret: None, tmp_path: Path
) -> None:
    at, kid = ("--state", str(state)), actor("TH").kid.hex()
    id_ = json.loads(suar("audit", "show", "--what", "publish", "--json", *at).out)["about"].split()[0]
    suar("evidence", "export", id_, "-o", "one.evidence", *at)
    done = suar("audit", "report", "--about", id_, "-o", "report.jsonl", *at)
    assert done.code == 0, done.err
    assert (tmp_path / "report.jsonl").stat().st_mode & 0o777 == 0o600
    suar("audit", "export", "-o", "audit.jsonl", *at)
    found = suar("audit", "verify-report", "report.jsonl", "--kid", kid, "--log", "audit.jsonl", "--json")
    assert found.code == 0, found.err
    shown = json.loads(found.out)
    assert {"publish", "evidence"} <= {line["what"] for line in shown["lines"]}
    assert (shown["about"], shown["person"], shown["key"], shown["complete"]) == (id_, None, kid, True)
    assert "shows only with --log" in suar("audit", "verify-report", "report.jsonl").out
    texts = (tmp_path / "report.jsonl").read_bytes().splitlines(keepends=True)
    (tmp_path / "less.jsonl").write_bytes(b"".join(texts[:-1]))
    assert suar("audit", "verify-report", "less.jsonl", "--kid", kid).code == 0
    less = suar("audit", "verify-report", "less.jsonl", "--log", "audit.jsonl")
    assert (less.code, "is left out of it" in less.err) == (1, True)
    other = suar("audit", "verify-report", "report.jsonl", "--kid", actor("SG").kid.hex())
    assert (other.code, "proves nothing" in other.err) == (1, True)


def test_a_report_is_about_a_period_or_a_person_and_about_something(
    suar: Suar, state: Path, secret: None, tmp_path: Path
) -> None:
    def lines(*arguments: str) -> list[dict[str, Any]]:
        assert suar("audit", "report", *arguments, "-o", "report.jsonl", "--state", str(state)).code == 0
        lines_: list[dict[str, Any]] = json.loads(suar("audit", "verify-report", "report.jsonl", "--json").out)["lines"]
        return lines_

    assert {line["who"] for line in lines("--person", "desk")} == {"desk"}
    day = lines("--person", "desk")[0]["at"][:10]
    assert lines("--period", "1990-01-01", "1990-12-31") == []
    assert lines("--person", "desk", "--period", day, day) == lines("--person", "desk")
    assert suar("audit", "report", "-o", "none.jsonl", "--state", str(state)).code == 64
    wrong = suar("audit", "report", "--period", day, "1990-01-01", "-o", "none.jsonl", "--state", str(state))
    assert (wrong.code, wrong.line_labels) == (1, ["error:", "hint:"])
    assert not (tmp_path / "none.jsonl").exists()


def rewritten(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The log from its second line on as if somebody else had done it all, and without heads."""
    acts = [line for line in lines if "n" in line]
    before, made = bytes.fromhex(acts[0]["hash"]), [lines[0], acts[0]]
    for act in acts[1:]:
        before = line_hash(before, act["n"], act["at"], "somebody-else", act["what"], act["about"])
        made.append({**act, "who": "somebody-else", "hash": before.hex()})
    return made


def as_lines(documents: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(each) + "\n" for each in documents)


def test_what_another_member_kept_shows_a_rewritten_log(suar: Suar, state: Path, secret: None, tmp_path: Path) -> None:
    suar("audit", "export", "-o", "audit.jsonl", "--state", str(state))
    lines = [json.loads(line) for line in (tmp_path / "audit.jsonl").read_text().splitlines()]
    printed_salt = suar("audit", "salt", "--state", str(state)).out.strip()
    salt = commitments.read_salt(printed_salt)
    kept: list[dict[str, Any]] = [
        {"commitments": commitments.MAGIC, "federation": FEDERATION, "member": "TH", "kept_by": "SG"}
    ]
    for act in [line for line in lines if "n" in line][:2]:
        at = salt.day * limits.DAY + act["n"]
        made = commitments.commit(salt.salt, FEDERATION, "TH", at, act["n"], bytes.fromhex(act["hash"]))
        kept.append({"at": at, "commitment": made.hex()})
    (tmp_path / "kept").write_text(as_lines(kept))
    more = ("--commitments", "kept", "--salt", printed_salt)
    sound = suar("audit", "verify", "audit.jsonl", *more)
    assert (sound.code, "nothing shows whose key" in sound.err) == (1, True), "anybody can write both files"
    text = "\n2 commitments are to lines of it, as the file of SG says (it is not signed), up to line 2; none is to "
    assert f"{text}lines 3 to " in sound.out
    assert suar("audit", "verify", "audit.jsonl", "--kid", actor("TH").kid.hex(), *more).code == 0
    earlier = commitments.salt_of(salt, salt.day - 1).text
    none = suar("audit", "verify", "audit.jsonl", "--commitments", "kept", "--salt", earlier)
    assert (none.code, "none was checked" in none.err) == (1, True), "who gives the salt does not choose what counts"
    kept.append({"at": (salt.day + 1) * limits.DAY, "commitment": "00" * 32})
    (tmp_path / "more").write_text(as_lines(kept))
    some = suar("audit", "verify", "audit.jsonl", "--commitments", "more", "--salt", printed_salt)
    assert "not checked: 1 commitments, of days after that of the salt" in some.out
    (tmp_path / "forged.jsonl").write_text(as_lines(rewritten(lines)))
    (tmp_path / "unsigned.jsonl").write_text(as_lines([line for line in lines if "head" not in line]))
    unsigned = suar("audit", "verify", "unsigned.jsonl", *more)
    text = "no line of the log is signed, and nobody signed the file of commitments: anybody can write both"
    assert (unsigned.code, text in unsigned.err) == (1, True), unsigned.err
    alone = suar("audit", "verify", "forged.jsonl")
    assert (alone.code, "nothing shows whose key" in alone.err) == (1, True), "by itself the log shows nothing"
    shown = suar("audit", "verify", "forged.jsonl", *more)
    assert (shown.code, shown.line_labels) == (1, ["error:", "hint:"])
    assert "only if the salt is TH's and the file is as SG kept it is this log not that of then" in shown.err
    assert "is right" not in shown.err, "nobody signed the file"
    assert suar("audit", "verify", "audit.jsonl", "--salt", printed_salt).code == 64
    wrong = suar("audit", "verify", "audit.jsonl", "--commitments", "kept", "--salt", "x")
    assert (wrong.code, "a salt is a day and 64" in wrong.err) == (1, True)


def test_the_salt_of_a_future_day_is_not_disclosed(suar: Suar, state: Path, secret: None) -> None:
    ended = suar("audit", "salt", "--day", "2140-01-01", "--state", str(state))
    assert (ended.code, "has not come" in ended.err) == (1, True)


def test_commitments_of_a_member_that_sent_none_are_an_error(
    suar: Suar, state: Path, secret: None, tmp_path: Path
) -> None:
    for member, text in (("sg", "no commitment of SG"), ("zz", "no commitment of ZZ"), ("th", "own member")):
        ended = suar("audit", "commitments", member, "-o", "kept", "--state", str(state))
        assert (ended.code, text in ended.err, (tmp_path / "kept").exists()) == (1, True, False), ended.err


@pytest.mark.parametrize("kind", ["verify", "verify-line", "verify-report"])
def test_what_nobody_is_shown_to_have_signed_is_no_success_for_a_script(
    suar: Suar, state: Path, secret: None, tmp_path: Path, kind: str
) -> None:
    """Before, a script took a file that anybody can write for a verified one: the exit status was 0."""
    export = {"verify": ("export",), "verify-line": ("line", "1"), "verify-report": ("report", "--person", "desk")}
    assert suar("audit", *export[kind], "-o", "it", "--state", str(state)).code == 0
    for more in ((), ("--json",)):
        ended = suar("audit", kind, "it", *more)
        assert (ended.code, ended.line_labels) == (1, ["error:", "hint:"])
        assert "nothing shows whose key signed it" in ended.err
        assert json.loads(ended.out)["sound"] is False if more else "internally consistent" in ended.out
    assert suar("audit", kind, "it", "--kid", actor("TH").kid.hex()).code == 0
    assert suar("audit", "verify", "--state", str(state)).code == 0, "its own log, from the gateway itself"


@pytest.mark.parametrize("kind", ["verify", "verify-line", "verify-report"])
def test_an_export_of_the_audit_has_a_time_stamp_of_the_authority_of_the_settings(
    suar: Suar, state: Path, secret: None, tmp_path: Path, kind: str
) -> None:
    ours, other = Authority(tmp_path / "tsa"), Authority(tmp_path / "other")
    (tmp_path / "other.pem").write_bytes(other.ca)
    (tmp_path / "ca.pem").write_bytes(ours.ca)
    kid, settings = actor("TH").kid.hex(), (state / "suar.toml").read_text()
    export = {"verify": ("export",), "verify-line": ("line", "1"), "verify-report": ("report", "--person", "desk")}
    command = ("audit", *export[kind], "-o", "it", "--state", str(state))
    with served(lambda query: (200, ours.reply(query))) as url:
        named = f'{settings}[evidence]\nauthority = "{url}"\nauthority_ca_file = "ca.pem"\n'
        (state / "suar.toml").write_text(named)
        (state / "ca.pem").write_bytes(ours.ca)
        done = suar(*command)
        (state / "suar.toml").write_text(settings)
        assert (done.code, "time stamp written to it.tst: not later than" in done.err) == (0, True), done.err
    assert ours.verify(tmp_path / "it", tmp_path / "it.tst").returncode == 0
    proved = suar("audit", kind, "it", "--kid", kid, "--tsa-ca", "ca.pem")
    assert (proved.code, "time proved: not later than 20" in proved.out) == (0, True), proved.err
    assert json.loads(suar("audit", kind, "it", "--kid", kid, "--json").out)["not_later_than"] is None
    (tmp_path / "it.tst").write_bytes(ours.token(b"other bytes"))
    for ca in ("ca.pem", "other.pem"):
        ended = suar("audit", kind, "it", "--kid", kid, "--tsa-ca", ca)
        assert (ended.code, "is no time stamp over it" in ended.err) == (1, True)
    (state / "suar.toml").write_text(named)
    late = suar(*command)  # the authority is gone
    (state / "suar.toml").write_text(settings)
    assert (late.code, "is written, without a time stamp" in late.err) == (1, True)


def test_times_of_a_log_that_contradict_each_other_are_named(suar: Suar, tmp_path: Path) -> None:
    """The forged log of the defence: a head of the year 2000 over lines of 2024 and 2052, in no order."""
    lines = dated([limits.DAY * day for day in (20_000, 30_000, 29_000)])
    head = signed(lines, at=limits.DAY * 11_000)
    title = {"audit": "suar-audit/2", "federation": FEDERATION, "member": "TH"}
    (tmp_path / "log").write_bytes(b"".join(msgspec.json.encode(each) + b"\n" for each in (title, *lines, head)))
    ended = suar("audit", "verify", "log", "--kid", head.kid)
    assert (ended.code, ended.out.count("contradiction: ")) == (0, 2), ended.err
    assert "contradiction: line 3 is dated 2049-05-26T00:00:00Z, before line 2, which is of 2052-02-20" in ended.out
    assert "contradiction: the head at line 3 is dated 2000-02-13T00:00:00Z, before line 3" in ended.out
    assert len(json.loads(suar("audit", "verify", "log", "--kid", head.kid, "--json").out)["contradictions"]) == 2
