"""Statements that cannot all be true, each signed by whoever may: a reader is told, and nothing is refused."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from protocol.files.evidence_case import MINE, Case, carried, receipt
from protocol.files.test_auditline import salted
from protocol.files.test_container_lines import report
from protocol.files.test_evidence_standing import stamped
from suar.protocol.base import limits
from suar.protocol.base.instants import instant
from suar.protocol.base.primitives import ZERO32, hash_
from suar.protocol.files import evidence as files
from suar.protocol.files.auditlog import Line, SignedHead, head_raw, line_hash
from suar.protocol.files.findings.contradictions import NAMED_MAX, choose_named, contradictions
from suar.protocol.files.findings.key_status import first_key
from suar.protocol.files.findings.statements import Statement
from suar.protocol.files.proof import Later, Proved, ProvedFrame, verify
from suar.protocol.files.proof_stamps import ProvedLine, line_content
from suar.protocol.files.stamps import FRAME, HEAD, LINE, Authority, Moment
from suar.protocol.files.standing import Supplied
from suar.protocol.message.kinds import Entry
from suar.protocol.transport.content import digest
from support.authority import Authority as Issuer
from support.forged_tokens import DatedIssuer
from support.kit import FEDERATION, NOW, Sending, actor, craft_epoch
from support.processor_time import is_linear, milliseconds

HOUR = limits.HOUR
ID = json.loads(MINE)["id"]


@cache
def case() -> Case:
    return Case()


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Issuer:
    return Issuer(tmp_path_factory.mktemp("tsa") / "own")


def named(proved: Proved) -> list[str]:
    return [each.name for each in contradictions(proved)]


def judged(**changes: Any) -> Proved:
    return case().verify(files.write(case().evidence._replace(**changes)))


def text(rev: int, action: str, **changes: Any) -> bytes:
    reason = {"reason": "wrong border post"} if action == "cancel" else {}
    return json.dumps(json.loads(MINE) | {"rev": rev, "action": action} | reason | changes).encode()


def sending(**parts: Any) -> Sending:
    """Another epoch of TH, which nothing else of the file is in."""
    return craft_epoch(actor("TH"), case().lists, **{"not_before": NOW - 30_000, **parts})


def later(*texts: bytes, at: int = NOW) -> Proved:
    """The case with these later revisions, each in a frame of one epoch."""
    made = sending()
    frames = [(one, carried(made, made.craft(one, ts=at), 0)) for one in texts]
    epochs = (case().sending.opened.data, made.opened.data)
    return judged(receipts=(), epochs=epochs, later=tuple(frames))


def own(*frames: bytes) -> Proved:
    """The case with its message in these frames of its epoch."""
    return judged(receipts=(), carriers=tuple(carried(case().sending, each, 0) for each in frames))


def test_a_file_of_an_honest_member_has_none() -> None:
    assert named(case().verify()) == []
    assert named(later(text(2, "update"), text(3, "cancel"))) == []


def test_two_frames_under_one_number_of_one_epoch() -> None:
    twice = [case().sending.crafted(MINE, ts=NOW + n, seq=7).data for n in (1, 2)]
    (found,) = contradictions(own(*twice))
    assert (found.name, found.first.values["number"], found.second.values["number"]) == ("one-number", 8, 8)
    assert found.first.values["frame"] != found.second.values["frame"]


@pytest.mark.parametrize(("seq", "expected"), [(8, ["chain-broken"]), (9, [])])
def test_a_broken_chain_shows_only_between_neighbours(seq: int, expected: list[str]) -> None:
    first, second = (case().sending.crafted(MINE, ts=NOW + n, seq=n, prev=bytes(32)).data for n in (7, seq))
    assert named(own(first, second)) == expected


def test_the_first_frame_follows_its_epoch() -> None:
    assert named(own(case().sending.crafted(MINE, seq=0, prev=bytes(32)).data)) == ["chain-broken"]


def test_a_frame_of_a_higher_number_is_not_of_an_earlier_time() -> None:
    first, second = (case().sending.crafted(MINE, ts=ts, seq=seq).data for ts, seq in ((NOW + HOUR, 7), (NOW, 9)))
    assert named(own(first, second)) == ["time-reversed"]


@pytest.mark.parametrize("count", [1, 2])
def test_an_epoch_names_another_end_of_the_one_before_it(count: int) -> None:
    """The frame of the message is number 1 of its epoch; the next epoch says that this ended otherwise."""
    ended = case().sending.opened.id
    made = sending(prev_epoch=ended, prev_frames=count - 1, prev_hash=bytes(32))
    other = sending(prev_epoch=ended, prev_frames=1, prev_hash=case().name)
    names = []
    for one in (made, other) if count == 1 else (sending(prev_epoch=ended, prev_frames=1, prev_hash=bytes(32)),):
        cancel = text(2, "cancel")
        each = (cancel, carried(one, one.frame(cancel), 0))
        epochs = (case().sending.opened.data, one.opened.data)
        names.append(named(judged(receipts=(), epochs=epochs, later=(each,))))
    assert names == ([["end-differs"], []] if count == 1 else [["end-differs"]])


def followed(*ends: Sending) -> list[str]:
    """The names where each of these epochs has a later revision."""
    texts = [(one, text(rev, "update")) for rev, one in enumerate(ends, 2)]
    frames = tuple((made, carried(one, one.frame(made), 0)) for one, made in texts)
    epochs = (case().sending.opened.data, *(one.opened.data for one in ends))
    return named(judged(receipts=(), epochs=epochs, later=frames))


def test_two_next_epochs_name_two_ends_of_one_epoch() -> None:
    """Neither end is of a frame of the file, so nothing was named. One of another chain does not follow it."""
    ended = {"prev_epoch": case().sending.opened.id, "prev_frames": 5, "prev_hash": b"1" * 32}
    first = sending(**ended)
    assert followed(first, sending(**ended, not_before=NOW - 29_000)) == []
    for other in ({"prev_frames": 9}, {"prev_hash": b"2" * 32}):
        assert followed(first, sending(**{**ended, **other})) == ["two-ends"]
    assert followed(first, sending(**{**ended, "prev_frames": 0}, channel="SG", to=("SG", "TH"))) == []
    assert followed(sending(), sending(prev_frames=3)) == []  # the first epochs of two chains


# -- revisions


def test_an_update_after_the_cancel() -> None:
    assert named(later(text(2, "cancel"), text(3, "update"))) == ["after-cancel"]


def test_a_cancel_before_its_message() -> None:
    early = instant(NOW - HOUR)
    assert named(later(text(2, "cancel", sent=early))) == ["revision-earlier"]


def test_a_frame_that_was_sealed_again_after_a_later_revision_is_none() -> None:
    """[E9] Whoever could not open an epoch gets its messages in another one."""
    frame = case().sending.crafted(MINE, ts=NOW + HOUR, seq=5).data
    made = sending()
    cancel = (text(2, "cancel"), carried(made, made.frame(text(2, "cancel")), 0))
    epochs = (case().sending.opened.data, made.opened.data)
    carriers = (carried(case().sending, frame, 0),)
    assert named(judged(receipts=(), carriers=carriers, epochs=epochs, later=(cancel,))) == []


def test_a_part_that_is_not_proved_states_nothing() -> None:
    """Whoever stole a revoked key can sign anything: it accuses nobody."""
    proved = later(text(2, "cancel"), text(3, "update"))
    unproved = [each._replace(is_proved=each.message.rev < 3) for each in proved.later]
    assert named(proved._replace(later=unproved)) == []
    frame = case().sending.crafted(MINE, ts=NOW + HOUR, seq=5)
    answer = receipt(frame.hash)
    each = ((answer, carried(case().answer, case().answer.craft(answer, moves_on=False), 0)),)
    proved = judged(carriers=(carried(case().sending, frame.data, 0),), receipts=each)
    assert named(proved) == ["receipt-earlier"]
    assert named(proved._replace(receipts=[one._replace(is_proved=False) for one in proved.receipts])) == []


def test_without_the_first_list_nothing_is_said_of_the_first_key() -> None:
    """A list that was left out may have an earlier key."""
    proved = case().verify()._replace(lines=[line(1, 0)])
    assert named(proved) == ["line-before-text", "line-before-keys"]
    accepted = proved.standing.lists
    assert first_key(accepted, "TH") is not None
    assert first_key([msgspec.structs.replace(each, version=each.version + 1) for each in accepted], "TH") is None


def test_two_texts_of_one_revision() -> None:
    found = contradictions(later(text(2, "update"), text(2, "update", severity="minor")))
    assert [each.name for each in found] == ["two-texts"]
    assert found[0].first.values["digest"] != found[0].second.values["digest"]


# -- receipts


def test_a_receipt_older_than_the_frame_that_it_names() -> None:
    frame = case().sending.crafted(MINE, ts=NOW + HOUR, seq=5)
    answer = receipt(frame.hash)
    each = ((answer, carried(case().answer, case().answer.craft(answer, moves_on=False), 0)),)
    proved = judged(carriers=(carried(case().sending, frame.data, 0),), receipts=each)
    assert named(proved) == ["receipt-earlier"]


@pytest.mark.parametrize(("stage", "expected"), [("recalled", ["effect-earlier"]), ("held-by-law", [])])
def test_the_effect_of_a_cancel_before_the_cancel(stage: str, expected: list[str]) -> None:
    """A legal hold may be stated without a cancel."""
    answer = receipt(case().name, stage=stage, **({} if stage == "recalled" else {"schema": "receipt/1.1"}))
    each = ((answer, carried(case().answer, case().answer.craft(answer, moves_on=False), 0)),)
    made = sending()
    cancel = text(2, "cancel", sent=instant(NOW + HOUR))
    revision = ((cancel, carried(made, made.craft(cancel, ts=NOW + HOUR), 0)),)
    epochs = (case().sending.opened.data, case().answer.opened.data, made.opened.data)
    assert named(judged(receipts=each, later=revision, epochs=epochs)) == expected


@pytest.mark.parametrize(
    ("recalled", "opened", "expected"),
    [(NOW, NOW + HOUR, ["opened-later"]), (NOW, NOW + limits.CLOCK_TOLERANCE, []), (NOW + HOUR, NOW, [])],
)
def test_a_text_that_was_opened_after_its_recall(recalled: int, opened: int, expected: list[str]) -> None:
    times = {"recalled": recalled, "opened": opened}
    texts = [receipt(case().name, stage=stage, at=instant(at), sent=instant(at)) for stage, at in times.items()]
    moves = [case().answer.craft(each, ts=at, moves_on=False) for each, at in zip(texts, times.values(), strict=True)]
    answers = tuple((each, carried(case().answer, frame, 0)) for each, frame in zip(texts, moves, strict=True))
    proved = judged(receipts=answers)
    assert [each for each in named(proved) if each not in ("one-number", "time-reversed")] == expected
    one = next(each for each in proved.receipts if each.receipt.stage == "recalled")
    of_vn = one._replace(receipt=msgspec.structs.replace(one.receipt, member="VN"))
    others = [each for each in proved.receipts if each is not one]
    assert "opened-later" not in named(proved._replace(receipts=[of_vn, *others]))


# -- tokens


def test_a_time_after_the_token_that_proves_it(issuer: Issuer) -> None:
    """The authority's clock is that of this machine, before the year of the case."""
    file = files.write(case().evidence._replace(stamps=tuple(stamped(issuer, (FRAME, case().name)))))
    proved = verify(file, case().first.hash(), Supplied(authority=Authority(issuer.ca)))
    assert proved.moment is not None
    assert proved.moment.latest < NOW
    assert named(proved) == ["sent-after-token", "sealed-after-token"]


# -- lines of the audit


def line(n: int, at: int, what: str = "publish", who: str = "desk") -> ProvedLine:
    return ProvedLine(n, at, who, what, f"{ID} 1 {digest(MINE).hex()}")


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([line(1, NOW), line(4, NOW + 1)], []),
        ([line(1, NOW), line(1, NOW, who="other")], ["one-line-number"]),
        ([line(1, NOW + 10), line(2, NOW + 10 - HOUR)], ["line-earlier", "line-before-text"]),
        ([line(1, 0)], ["line-before-text", "line-before-keys"]),
        ([line(1, NOW + 72 * 365 * limits.DAY)], ["line-after-frame"]),
        ([line(1, NOW + HOUR, "evidence")], []),
    ],
)
def test_lines_of_the_audit(lines: list[ProvedLine], expected: list[str]) -> None:
    """Two lines of number 1, and lines of 1970 and 2099."""
    assert named(case().verify()._replace(lines=lines)) == expected


def test_a_line_after_the_token_over_the_whole_file() -> None:
    proved = verify(case().file, case().first.hash(), Supplied(file=Moment(NOW + 1, NOW + 1)))
    assert named(proved._replace(lines=[line(1, NOW + HOUR, "evidence")])) == ["line-after-token"]


def test_many_frames_under_one_number_hide_no_other_contradiction() -> None:
    """Each is compared with the first one alone."""
    twice = [case().sending.crafted(MINE, ts=NOW + n, seq=7).data for n in range(60)]
    every = contradictions(own(*twice)._replace(lines=[line(1, 0)]))
    found = [each.name for each in choose_named(every)]
    assert (len(every), len(found)) == (61, NAMED_MAX)
    assert set(found) == {"one-number", "line-before-text", "line-before-keys"}
    assert found.count("one-number") == NAMED_MAX - 2


def numbered(frame: ProvedFrame, name: int, **changes: Any) -> ProvedFrame:
    """The same frame under another hash and number."""
    return frame._replace(hash=name.to_bytes(32), parsed=replace(frame.parsed, **changes))


def frames_of_one_number(proved: Proved, count: int) -> Proved:
    return proved._replace(frames=[numbered(proved.frames[0], n, seq=7) for n in range(count)])


def frames_of_one_chain(proved: Proved, count: int) -> Proved:
    """Whose times go back."""
    frames = [numbered(proved.frames[0], n, seq=n, ts=NOW - n * limits.HOUR) for n in range(count)]
    return proved._replace(frames=frames)


def epochs_that_name_one_end(proved: Proved, count: int) -> Proved:
    first = proved.frames[0]
    of_epoch = first.epoch.epoch
    end = {"prev_epoch": first.parsed.epoch_id, "prev_frames": 1, "prev_hash": bytes(32)}
    epoch = first.epoch._replace(epoch=replace(of_epoch, **end))
    names = [n.to_bytes(32) for n in range(1, count)]
    others = [numbered(first, n, epoch_id=name, seq=7)._replace(epoch=epoch) for n, name in enumerate(names, 1)]
    return proved._replace(frames=[*(numbered(first, count + n, seq=0) for n in range(count)), *others])


def revisions(proved: Proved, count: int) -> Proved:
    """A cancel, then texts of which two each are of one revision."""
    cancel = replace(proved.message, rev=2, action="cancel")
    later = [Later(cancel, b"", numbered(proved.frames[0], 0), is_proved=True)]
    for n in range(count):
        text = replace(proved.message, rev=3 + n // 2)
        later.append(Later(text, str(n).encode(), numbered(proved.frames[0], n), is_proved=True))
    return proved._replace(later=later)


def receipts_of_frames(proved: Proved, count: int) -> Proved:
    """Each states the effect of each of as many cancels, and names one of as many frames."""
    cancel, [one, *_] = replace(proved.message, rev=2, action="cancel"), proved.receipts
    frames = [numbered(proved.frames[0], n, seq=n) for n in range(count)]
    receipts = [
        one._replace(receipt=replace(one.receipt, of=(Entry(frame=each.hash.hex()),), stage="recalled"))
        for each in frames
    ]
    later = [Later(cancel, str(n).encode(), frames[0], is_proved=True) for n in range(count)]
    return proved._replace(frames=frames, receipts=receipts, later=later)


def lines_of_frames(proved: Proved, count: int) -> Proved:
    """As many lines of one number as frames."""
    frames = [numbered(proved.frames[0], n, seq=n) for n in range(count)]
    return proved._replace(frames=frames, lines=[line(1, NOW, who=f"desk {n}") for n in range(count)])


@pytest.mark.parametrize(
    "made",
    [
        frames_of_one_number, frames_of_one_chain, epochs_that_name_one_end, revisions, receipts_of_frames,
        lines_of_frames,
    ],
    ids=lambda made: made.__name__,
)  # fmt: skip
def test_the_work_grows_with_the_parts_and_not_with_their_pairs(made: Callable[[Proved, int], Proved]) -> None:
    proved = case().verify()

    def taken(count: int) -> float:
        file = made(proved, count)
        return milliseconds(lambda: contradictions(file)) / 1000

    assert is_linear(taken, 500)


def test_so_many_are_named_and_no_more() -> None:
    lines = [line(1, NOW, who=f"desk {n}") for n in range(NAMED_MAX + 2)]
    found = contradictions(case().verify()._replace(lines=lines))
    assert len(found) == NAMED_MAX + 1
    assert choose_named(found) == found[:NAMED_MAX]


# -- the report of a container, and tokens over lines


def of_report(*times: int, head_at: int, supplied: Supplied = Supplied()) -> list[tuple[str, str]]:  # noqa: B008 - it is a value
    """The names of what contradicts itself with a report that has lines of these times, and their first statements."""
    data = report(dated_about(*times), at=head_at)
    found = contradictions(verify(case().file, case().first.hash(), supplied, data))
    return [(each.name, each.first.name) for each in found]


def dated_about(*times: int) -> list[Line]:
    """Lines about the message of these times."""
    made, before = list[Line](), ZERO32
    for n, at in enumerate(times, 1):
        before = line_hash(before, n, at, "minister", "open", f"{ID} 1")
        made.append(Line(n=n, at=at, who="minister", what="open", about=f"{ID} 1", hash=before.hex()))
    return salted(made)


FAR = NOW + 72 * 365 * limits.DAY


def test_a_line_in_a_report_dated_after_the_head_that_signs_it() -> None:
    """Before, `verify-report` named it, and the same report in a container went without a word."""
    assert of_report(NOW, FAR, head_at=NOW + HOUR) == [("head-earlier", "head-says")]
    assert of_report(NOW, NOW + HOUR, head_at=NOW + HOUR) == []
    proved = verify(case().file, case().first.hash(), report=report(dated_about(NOW, FAR), at=NOW + HOUR))
    assert proved.audit.head is not None
    unproved = proved.audit._replace(head=proved.audit.head._replace(is_proved=False))  # its key was revoked
    assert contradictions(proved._replace(audit=unproved, lines=[])) == []


def test_lines_and_heads_of_a_report_dated_after_a_token() -> None:
    """Of the container, or of a tree of the member over the head, which its trust file has."""
    line, head = ("line-after-token", "line-says"), ("head-after-token", "head-says")
    whole = Supplied(file=Moment(NOW + HOUR, NOW + HOUR))
    assert of_report(NOW, FAR, head_at=FAR, supplied=whole) == [line, head]
    _, second, *_ = report(dated_about(NOW, FAR), at=FAR).splitlines()
    signed_head = msgspec.json.decode(second, type=SignedHead)
    values = (FAR, bytes.fromhex(signed_head.hash), bytes.fromhex(str(signed_head.root)))
    issuer = DatedIssuer(NOW + HOUR)
    tree = stamped(issuer, (HEAD, hash_("head", head_raw(FEDERATION, "TH", 2, *values))))
    own = Supplied(stamps=tuple(tree), authority=Authority(issuer.ca))
    assert of_report(NOW, FAR, head_at=FAR, supplied=own) == [head, line]
    assert of_report(NOW, FAR, head_at=FAR, supplied=own._replace(authority=None)) == []
    assert of_report(NOW, NOW, head_at=NOW, supplied=own) == []


def test_a_line_dated_after_the_token_of_its_own_tree() -> None:
    issuer, act = DatedIssuer(NOW + HOUR), line(2, FAR, "open")
    tree = stamped(issuer, (LINE, line_hash(bytes(32), *act)))
    file = files.write(case().evidence._replace(lines=(line_content(bytes(32), act),), stamps=tuple(tree)))
    (found,) = contradictions(verify(file, case().first.hash(), Supplied(authority=Authority(issuer.ca))))
    at = "2027-01-15T09:00:00Z"
    assert (found.name, found.second) == ("line-after-token", Statement("line-stamped", {"at": at}))
