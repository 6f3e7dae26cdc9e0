"""[V12] Heartbeats of other members in a file of evidence: who had the message's frame, by their own word."""

import json
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from protocol.files.evidence_case import MINE, Case, carried
from suar.cli.messages.evidence.report import lines, summary
from suar.languages.tags import ENGLISH
from suar.protocol.base import limits
from suar.protocol.files import evidence as files
from suar.protocol.files.evidence import Carrier, Unproved
from suar.protocol.files.findings.contradictions import contradictions
from suar.protocol.files.proof import Proved
from suar.protocol.transport import frame as frames
from suar.protocol.transport.frame import Position
from support.evidence_reader import Wrong, differing, judge
from support.executables import NODE, require
from support.kit import NOW, Sending, actor, alert, beat, craft_epoch, head

READER = Path(__file__).parents[2] / "evidence_reader.mjs"
Witness = tuple[bytes, Carrier]


class Witnessed:
    """TH's alert, two later frames of its epoch with its next revisions, another epoch of TH, and VN's heartbeats."""

    def __init__(self) -> None:
        self.case = Case()
        self.th, self.lists = self.case.sending, self.case.lists
        self.revisions = [json.dumps(json.loads(MINE) | {"rev": rev, "action": "update"}).encode() for rev in (2, 3)]
        self.next = [(each, carried(self.th, self.th.frame(each), 0)) for each in self.revisions]
        self.other = craft_epoch(actor("TH"), self.lists)
        self.other.frame(alert("TH-ALERT-2027-000009"))
        self.vn = craft_epoch(actor("VN"), self.lists)

    def witness(self, *heads: list[Any], sender: Sending | None = None, ts: int = NOW + 1_000) -> Witness:
        body = beat(self.lists, heads_seen=list(heads))
        by = sender or self.vn
        return body, proof_of(by, by.frame(body=body, ts=ts))

    def file(self, *witnesses: Witness, also: tuple[Sending, ...] = (), later: Sequence[Witness] = ()) -> bytes:
        epochs = (*self.case.evidence.epochs, self.vn.opened.data, *(each.opened.data for each in also))
        evidence = self.case.evidence._replace(epochs=epochs, witnesses=witnesses, later=tuple(later))
        return files.write(evidence)

    def verify(self, file: bytes) -> Proved:
        return self.case.verify(file)


def proof_of(by: Sending, frame: bytes) -> Carrier:
    _, proof = files.frame_proof(frames.parse(frame), by.opened.secret, by.realm)
    return Carrier(0, proof.salts, (), frame)


@pytest.fixture(scope="module")
def made() -> Witnessed:
    return Witnessed()


def second(folder: Path, file: bytes, pin: bytes) -> dict[str, Any]:
    """What the reader in JavaScript says of a file."""
    require(NODE, "nodejs")
    (folder / "file").write_bytes(file)
    called = [NODE, str(READER), pin.hex(), str(folder / "file")]
    done = subprocess.run(called, check=False, capture_output=True, text=True, timeout=240)
    assert done.stderr == "", done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def refused(made: Witnessed, folder: Path, file: bytes, step: str = "V12") -> str:
    """Every reader ends at that check; why, by the gateway's."""
    with pytest.raises(Unproved) as outcome:
        made.verify(file)
    assert outcome.value.step == step, outcome.value
    with pytest.raises(Wrong, match=step):
        judge(file, made.case.first.hash())
    assert second(folder, file, made.case.first.hash()) == {"refused": step}
    return outcome.value.text


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_head_of_the_frame_or_of_one_that_follows_it_is_the_word_of_its_member(
    made: Witnessed, tmp_path: Path, count: int
) -> None:
    heads = head(made.other, 1), head(made.th, count)
    file = made.file(made.witness(*heads), also=(made.other,), later=made.next[: count - 1])
    (found,) = made.verify(file).witnesses
    assert (found.member, found.is_later, found.is_proved) == ("VN", count > 1, True)
    assert found.about.hash == made.case.name
    assert found.frame.parsed.ts == NOW + 1_000
    assert judge(file, made.case.first.hash())
    assert second(tmp_path, file, made.case.first.hash())["heads"] == [["VN", NOW + 1_000]]
    assert files.write(files.read(file)) == file


@pytest.mark.parametrize("case", ["nothing between", "a hole", "a fork", "another number"])
def test_a_later_head_from_which_nothing_leads_back_to_the_frame_does_not_count(
    made: Witnessed, tmp_path: Path, case: str
) -> None:
    """Before, it counted by its number alone: who makes two frames of one number shows the one that nobody had."""
    later, shown = {"a hole": made.next[1:], "another number": made.next[:1]}.get(case, []), head(made.th, 3)
    if case == "another number":
        shown = head(made.th, 2, frames=3)
    if case == "a fork":
        at = Position(made.th.opened.id, 1, bytes(32))  # after another first frame
        data = made.revisions[0]
        forked = frames.seal_frame(made.th.realm, made.th.opened.secret, made.th.opened.signing, at, NOW, (data,))
        later = [(data, carried(made.th, forked.data, 0))]
        shown = head(made.th, 2, hash=forked.hash, signature=forked.signature)
    file = made.file(made.witness(shown), later=later)
    (found,) = made.verify(file).witnesses
    assert (found.is_later, found.is_proved) == (True, False)
    assert "head-differs" in [each.name for each in contradictions(made.verify(file))] or case != "another number"
    assert "heads" not in second(tmp_path, file, made.case.first.hash())


def test_several_members_are_named(made: Witnessed) -> None:
    kh = craft_epoch(actor("SG"), made.lists)
    file = made.file(made.witness(head(made.th, 1)), made.witness(head(made.th, 2), sender=kh), also=(kh,))
    assert sorted(one.member for one in made.verify(file).witnesses) == ["SG", "VN"]


def test_a_file_without_heartbeats_is_as_before(made: Witnessed, tmp_path: Path) -> None:
    assert made.case.verify().witnesses == []
    assert "heads" not in second(tmp_path, made.case.file, made.case.first.hash())


def test_a_head_of_a_foreign_epoch_shows_nothing(made: Witnessed, tmp_path: Path) -> None:
    file = made.file(made.witness(head(made.other, 1)), also=(made.other,))
    assert "names no head" in refused(made, tmp_path, file)
    assert "names no head" in refused(made, tmp_path, made.file(made.witness()))


def test_a_head_of_a_number_before_the_frame_shows_nothing(made: Witnessed, tmp_path: Path) -> None:
    file = made.file(made.witness(head(made.th, 1, frames=0)))
    assert "before the frame" in refused(made, tmp_path, file)


@pytest.mark.parametrize("number", [1, 2])
def test_another_frame_of_the_same_number_is_shown_and_contradicts_the_file(
    made: Witnessed, tmp_path: Path, number: int
) -> None:
    """Before, one of the message's own number refused the file, and one of a later number was named nowhere: a sender
    that made two frames of one number was not seen.
    """
    at = Position(made.th.opened.id, number - 1, bytes(32))
    other = frames.seal_frame(
        made.th.realm, made.th.opened.secret, made.th.opened.signing, at, NOW, (made.revisions[1],)
    )
    shown = head(made.th, number, hash=other.hash, signature=other.signature)
    file = made.file(made.witness(shown), later=made.next[:1])
    proved = made.verify(file)
    (found,) = proved.witnesses
    assert (found.is_proved, found.is_valid, found.head.hash) == (False, True, other.hash)
    (contradiction,) = contradictions(proved)
    assert contradiction.name == "head-differs"
    assert (contradiction.first.name, contradiction.second.name) == ("is-number", "names-head")
    assert contradiction.second.values["member"] == "VN"
    assert contradictions(proved._replace(witnesses=[found._replace(is_valid=False)])) == []
    assert judge(file, made.case.first.hash())
    answer = second(tmp_path, file, made.case.first.hash())
    assert (answer["unproved"], "heads" in answer) == ([["VN", NOW + 1_000]], False)
    line = f"a heartbeat of VN, of 2027-01-15T08:00:01Z, names frame {other.hash.hex()} as number {number} of epoch "
    (doubt,) = [each for each in lines(summary(proved), ENGLISH) if each.startswith(f"  {line}")]
    assert doubt.endswith("; NOT PROVED: nothing in the file shows that it is this frame or one that follows it")


def test_heads_of_two_witnesses_and_a_frame_under_another_number_contradict_each_other(made: Witnessed) -> None:
    sg = craft_epoch(actor("SG"), made.lists)
    two = made.witness(head(made.th, 2)), made.witness(head(made.th, 3, frames=2), sender=sg)
    assert [each.name for each in contradictions(made.verify(made.file(*two, also=(sg,))))] == ["head-differs"]
    moved = made.file(made.witness(head(made.th, 2, frames=3)), later=made.next[:1])
    assert [each.name for each in contradictions(made.verify(moved))] == ["head-differs"]


def forked(made: Witnessed, number: int) -> list[Any]:
    """The head of another frame of that number, rightly signed."""
    at = Position(made.th.opened.id, number - 1, bytes(32))
    other = frames.seal_frame(made.th.realm, made.th.opened.secret, made.th.opened.signing, at, NOW, (MINE,))
    return head(made.th, number, hash=other.hash, signature=other.signature)


def following(made: Witnessed, count: int) -> tuple[Sending, Witness]:
    """The next epoch of TH, which says that the one of the message ended after so many frames, with a revision."""
    last = head(made.th, count)[2]
    after = craft_epoch(
        actor("TH"),
        made.lists,
        not_before=NOW - 30_000,
        prev_epoch=made.th.opened.id,
        prev_frames=count,
        prev_hash=last,
    )
    return after, (made.revisions[0], carried(after, after.frame(made.revisions[0]), 0))


def stated_of(made: Witnessed, file: bytes) -> list[tuple[str, str, str]]:
    """The names of what contradicts itself, as the second reader finds them too, with those of the statements."""
    found = contradictions(made.verify(file))
    assert differing(file, made.case.first.hash()) == {each.name for each in found}
    return [(each.name, each.first.name, each.second.name) for each in found]


def test_a_fork_that_the_frame_after_it_shows_is_named(made: Witnessed) -> None:
    """Before, whoever left frame 2 out of the file hid that a witness had another one: frame 3 names the one before."""
    file = made.file(made.witness(forked(made, 2)), later=made.next[1:])
    assert stated_of(made, file) == [("head-differs", "says-before", "names-head")]
    assert stated_of(made, made.file(made.witness(head(made.th, 2)), later=made.next[1:])) == []


def test_a_fork_that_the_next_epoch_shows_is_named(made: Witnessed) -> None:
    """Before, the end that the next epoch states was compared with frames alone."""
    after, later = following(made, 2)
    for shown, expected in (
        (forked(made, 2), True), (head(made.th, 3), True), (head(made.th, 2, frames=4), True),
        (head(made.th, 2, frames=1), True), (head(made.th, 2), False), (head(made.th, 1), False),
    ):  # fmt: skip
        found = stated_of(made, made.file(made.witness(shown), also=(after,), later=[later]))
        is_own = shown[1] == 1 and expected  # the number of the message's frame
        name, first = ("head-differs", "is-number") if is_own else ("end-differs", "says-end")
        assert found == ([(name, first, "names-head")] if expected else [])
    proved = made.verify(made.file(made.witness(forked(made, 2)), also=(after,), later=[later]))
    (one,) = proved.later
    assert contradictions(proved._replace(later=[one._replace(is_proved=False)])) == []


def test_a_frame_that_is_in_the_file_has_its_own_number(made: Witnessed) -> None:
    """Before, a witness that called frame 2 number 1 read as a sender that made two frames of number 1."""
    file = made.file(made.witness(head(made.th, 2, frames=1)), later=made.next[:1])
    proved = made.verify(file)
    (found,) = contradictions(proved)
    assert stated_of(made, file) == [("head-differs", "is-number", "names-head")]
    assert (found.first.values["frame"], found.first.values["number"]) == (found.second.values["frame"], 2)
    line = next(each for each in lines(summary(proved), ENGLISH) if "contradict" in each)
    assert " is number 2 of epoch " in line
    assert line.endswith(" (the number is the word of VN)")


def test_a_head_that_its_epoch_did_not_sign_shows_nothing(made: Witnessed, tmp_path: Path) -> None:
    """The witness cannot make one up, nor pass on the signature of another frame, or of another epoch."""
    signatures = [bytes(64), made.th.sent[1].signature, made.other.sent[0].signature]
    for count, signature in [(1, each) for each in signatures] + [(2, made.th.sent[0].signature)]:
        file = made.file(made.witness(head(made.th, count, signature=signature)), also=(made.other,))
        assert "not signed by the epoch's own key" in refused(made, tmp_path, file)


def test_a_heartbeat_that_its_sender_did_not_sign_is_refused(made: Witnessed, tmp_path: Path) -> None:
    body, proof = made.witness(head(made.th, 1))
    wrong = proof.frame[:-1] + bytes([proof.frame[-1] ^ 1])
    refused(made, tmp_path, made.file((body, proof._replace(frame=wrong))), "V6")
    stranger = craft_epoch(actor("VN"), made.lists)  # whose epoch is not in the file
    refused(made, tmp_path, made.file(made.witness(head(made.th, 1), sender=stranger)), "V6")


@pytest.mark.parametrize("sender", ["TH"])
def test_the_message_s_own_member_is_no_witness(made: Witnessed, tmp_path: Path, sender: str) -> None:
    file = made.file(made.witness(head(made.th, 1), sender=made.other), also=(made.other,))
    assert f"it is of {sender} itself" in refused(made, tmp_path, file)


def test_a_heartbeat_to_one_member_or_of_the_exercise_is_none(made: Witnessed, tmp_path: Path) -> None:
    for by in (
        craft_epoch(actor("SG"), made.lists, channel="TH"),
        craft_epoch(actor("VN"), made.lists, realm="exercise"),
    ):
        file = made.file(made.witness(head(made.th, 1), sender=by), also=(by,))
        assert "did not go to all" in refused(made, tmp_path, file)


def test_a_heartbeat_from_before_the_frame_is_none(made: Witnessed, tmp_path: Path) -> None:
    by = craft_epoch(actor("VN"), made.lists)
    early = made.witness(head(made.th, 1), sender=by, ts=NOW - limits.CLOCK_TOLERANCE - 1)
    assert "sealed before the frame" in refused(made, tmp_path, made.file(early, also=(by,)))


def cut(body: bytes) -> bytes:
    return body[:-1]


def flipped(body: bytes) -> bytes:
    return body[:40] + bytes([body[40] ^ 1]) + body[41:]


@pytest.mark.parametrize("change", [cut, flipped])
def test_an_altered_body_is_not_what_its_frame_commits_to(
    made: Witnessed, tmp_path: Path, change: Callable[[bytes], bytes]
) -> None:
    body, proof = made.witness(head(made.th, 1))
    refused(made, tmp_path, made.file((change(body), proof)), "V7")
    refused(made, tmp_path, made.file((body, proof._replace(salt=bytes(16)))), "V7")
    refused(made, tmp_path, made.file((body, proof._replace(content_index=1))), "V7")
    refused(made, tmp_path, made.file((body, proof._replace(leaves=(bytes(32),)))), "V7")


def test_what_is_no_heartbeat_is_none(made: Witnessed, tmp_path: Path) -> None:
    """A message in the place of one; a body of another form, of one signed as a heartbeat."""
    carrier = files.carrier(frames.parse(made.case.frame), made.th.opened.secret, made.th.realm, 1)[1]
    refused(made, tmp_path, made.file((made.case.evidence.message, carrier)), "V7")
    by = craft_epoch(actor("VN"), made.lists)
    frame = by.frame(body=b"\x93\x01\x02\x03")
    refused(made, tmp_path, made.file((b"\x93\x01\x02\x03", proof_of(by, frame)), also=(by,)))


def test_a_heartbeat_proves_no_message(made: Witnessed, tmp_path: Path) -> None:
    """A frame of count 0 carries no message, whatever its body says."""
    body = made.case.evidence.message
    frame = made.th.frame(body=body)
    evidence = made.case.evidence._replace(carriers=(proof_of(made.th, frame),), receipts=())
    refused(made, tmp_path, files.write(evidence), "V7")


def test_heartbeats_are_in_order_and_none_twice(made: Witnessed) -> None:
    one, two = sorted((made.witness(head(made.th, 1)), made.witness(head(made.th, 2))))
    parts = [(files.WITNESS, one), (files.WITNESS, two)]
    file = made.file(one, two)
    assert len(made.verify(file).witnesses) == len(parts)
    evidence = files.read(file)
    for wrong in ((two, one), (one, one)):
        listed = [part for each in wrong for part in group(each)]
        before = list(files.read_parts(files.write(evidence._replace(witnesses=()))))[:-1]
        with pytest.raises(Unproved, match="not in order"):
            files.read(files.assemble([*before, *listed]))


def group(each: Witness) -> list[tuple[int, bytes]]:
    body, proof = each
    salted_index = proof.content_index.to_bytes(2, "big") + proof.salt
    return [(files.WITNESS, body), (files.PLACE, salted_index), (files.LEAVES, b""), (files.FRAME, proof.frame)]
