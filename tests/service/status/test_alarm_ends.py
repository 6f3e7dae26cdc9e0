"""Each alarm ends with its cause, over a restart too; an incident ends by a person alone, and that is in the audit."""

from pathlib import Path
from typing import Any

import pytest

from suar.observe.alarms import ALARMS, BUNDLE_WITHHELD, CAUSE, ENDING, PLAYBOOK
from suar.observe.checks import every as checks
from suar.protocol.base import limits, subjects
from suar.protocol.base.errors import Fault
from suar.protocol.transport import outcome
from suar.protocol.transport.outcome import Alarm
from suar.service.gaps import alarms, ends
from suar.service.receive import inbound
from suar.service.status import snapshot
from suar.service.status.snapshot import BusState, ProcessState
from suar.service.status.why import why
from suar.service.trust import trust_sync
from suar.store.inbound import gaps
from suar.store.inbound.gaps import Refusal
from support.corekit import CoreKit, bundle_of, epoch_of, frame_of, rows
from support.kit import NOW, Sending, actor, alert, beat, id_of, make_revoke, open_sending
from support.pairs import Two, new

SEEN = ProcessState(BusState(), is_settled=True, has_stood_down=False)
ROOT = Path(__file__).parents[3]
MISSED = "TH-ALERT-2027-000001"


def open_names(kit: CoreKit) -> list[str]:
    """The alarms that are open after a look."""
    ends.end_resolved(kit.core)
    return [row["name"] for row in alarms.list_alarms(kit.core, 0, is_open=True)]


def check_of(kit: CoreKit, name: str = "alarms") -> str:
    """The status of a check, as `suar check` has it."""
    return checks.worst_by_id(checks.run(snapshot.read_snapshot(kit.core, SEEN), limits.HEARTBEAT_INTERVAL))[name]


def raised(kit: CoreKit, alarm: Alarm) -> None:
    with kit.core.transaction() as connection:
        kit.core.raise_alarm(connection, alarm)


def number_of(kit: CoreKit, name: str) -> int:
    return next(int(row["n"]) for row in alarms.list_alarms(kit.core, 0) if row["name"] == name)


def frames(sending: Sending, count: int) -> list[tuple[str, bytes]]:
    return [frame_of(sending, alert(id_of(sending.seq + 1))) for _ in range(count)]


def send_heartbeat(kit: CoreKit, sending: Sending, **changes: Any) -> None:
    """A heartbeat of TH, a second later."""
    kit.now += limits.SECOND
    kit.receive(frame_of(sending, body=beat(kit.lists, **changes), ts=kit.now))


def why_of(kit: CoreKit, id_: str) -> str:
    return str(explained(kit, id_)["cause"])


def explained(kit: CoreKit, id_: str) -> dict[str, Any]:
    found = why(
        kit.core, id_, id_[:2], ProcessState(BusState(is_connected=True), is_settled=True, has_stood_down=False)
    )
    assert found is not None
    return found


# -- gaps


def test_a_gap_ends_when_the_last_of_its_frames_is_here_and_after_a_restart_too(vn: CoreKit, th: Sending) -> None:
    first, second, third, fourth = frames(th, 4)
    vn.receive(first, fourth)
    assert open_names(vn) == ["gap"]
    vn.restart()
    assert (open_names(vn), check_of(vn)) == (["gap"], "warning")
    vn.receive(third)
    assert open_names(vn) == ["gap"]
    vn.receive(second)
    assert (open_names(vn), check_of(vn)) == ([], "ok")
    vn.restart()
    assert (open_names(vn), check_of(vn)) == ([], "ok")
    assert [row["state"] for row in alarms.list_alarms(vn.core, 0)] == ["ended"]


@pytest.mark.parametrize(
    ("code", "expected"),
    [("E-RESEND-EMPTY", []), ("E-RESEND-ANEW", []), ("E-RESEND-GONE", ["gap"]), ("E-RESEND-UNKNOWN", ["gap"])],
)
def test_a_gap_ends_by_its_origin_s_answer_only_where_nothing_was_lost(
    vn: CoreKit, th: Sending, code: str, expected: list[str]
) -> None:
    first, _, third = frames(th, 3)
    vn.receive(first, third)
    with vn.core.transaction() as connection:
        gaps.save_refusals(connection, th.opened.id, [Refusal(1, 1, code, NOW)])
    assert open_names(vn) == expected


def test_what_is_lost_for_good_is_well_once_an_operator_acknowledged_it(vn: CoreKit, th: Sending) -> None:
    first, _, third, _, fifth = frames(th, 5)
    vn.receive(first, third)
    with vn.core.transaction() as connection:
        gaps.save_refusals(connection, th.opened.id, [Refusal(1, 1, "E-RESEND-GONE", NOW)])
    assert check_of(vn, "gaps") == "warning"
    alarms.acknowledge_alarm(vn.core, number_of(vn, "gap"), "desk", "lost with their disk")
    vn.restart()
    assert (open_names(vn), check_of(vn), check_of(vn, "gaps")) == ([], "ok", "ok")
    vn.receive(fifth)  # another one
    assert (open_names(vn), check_of(vn, "gaps")) == (["gap"], "warning")


def test_a_gap_of_an_epoch_that_is_not_here_any_more_waits_for_a_person(vn: CoreKit) -> None:
    raised(vn, Alarm(outcome.GAP, "TH", 1, 2, epoch_id=bytes(32)))
    assert open_names(vn) == ["gap"]


def test_a_withheld_tail_and_a_missing_epoch_end_when_they_come(vn: CoreKit, th: Sending) -> None:
    sent = frames(th, 3)
    vn.receive(sent[0])
    between = open_sending(actor("TH"), vn.lists, link=th.link, not_before=NOW - limits.MINUTE + 1)
    of_between = frames(between, 2)
    last = open_sending(actor("TH"), vn.lists, link=between.link, not_before=NOW - limits.MINUTE + 2)
    vn.receive(epoch_of(last))
    assert open_names(vn) == ["epoch-missing"]
    vn.receive(epoch_of(between))
    assert set(open_names(vn)) == {"epoch-missing", "withheld-tail"}
    vn.receive(*sent[1:])
    assert open_names(vn) == ["epoch-missing"]
    vn.receive(*of_between)
    assert open_names(vn) == []


def test_a_tail_of_an_epoch_that_a_suspension_closed_is_not_missing(vn: CoreKit, th: Sending) -> None:
    """A gateway that was put back learns of a suspension and of the return before it has the epoch's last frames."""
    sent = frames(th, 3)
    vn.receive(sent[0])
    for status in ("suspended", "active"):
        members = [[*row[:2], status if row[0] == "TH" else row[2], *row[3:]] for row in vn.lists.members]
        vn.lists = vn.lists.after(members=members, issued=vn.lists.issued + 1)
        assert trust_sync.import_list(vn.core, vn.lists.signed(), None, who="test").result == "ok"
    returned = open_sending(actor("TH"), vn.lists, link=th.link, not_before=NOW - limits.MINUTE + 1)
    vn.receive(epoch_of(returned), frame_of(returned, alert(id_of(9))))
    assert [row["name"] for row in alarms.list_alarms(vn.core, 0)] == ["withheld-tail"]
    assert check_of(vn, "gaps") == "ok"
    assert (open_names(vn), check_of(vn)) == ([], "ok")


def test_an_epoch_of_a_revoked_key_is_not_missing(vn: CoreKit, th: Sending) -> None:
    between = open_sending(actor("TH"), vn.lists, link=th.link, not_before=NOW - limits.MINUTE + 1)
    frame_of(between, alert(id_of(9)))
    last = open_sending(actor("TH"), vn.lists, link=between.link, not_before=NOW - limits.MINUTE + 2)
    vn.receive(epoch_of(last))
    assert open_names(vn) == ["epoch-missing"]
    vn.receive((subjects.hub("SG", subjects.revoke(actor("TH").kid)), make_revoke(actor("TH"))))
    assert check_of(vn, "gaps") == "ok"
    assert open_names(vn) == []


# -- left out


def test_left_out_ends_when_its_content_is_sealed_again_for_us(two: Two) -> None:
    """SG lost the seed that TH sealed to."""
    two.publish(new("sealed to a lost key"))
    two.sg.core.world.kem_keys.clear()
    two.to_sg()
    assert open_names(two.sg) == ["left-out"]
    two.th.now = two.sg.now = two.th.now + limits.SECOND
    assert trust_sync.renew_bundle(two.sg.core)
    two.to_th()  # the new bundle, and the question
    assert open_names(two.sg) == ["left-out"]
    two.to_sg()
    assert open_names(two.sg) == []


# -- what a member says, and whether it says anything


def test_silence_ends_with_the_members_next_heartbeat(vn: CoreKit, th: Sending) -> None:
    raised(vn, Alarm(outcome.SILENCE, "TH", message_id="0"))
    assert open_names(vn) == ["silence"]
    send_heartbeat(vn, th)
    assert open_names(vn) == []


def test_silence_ends_when_the_member_is_expected_no_more(vn: CoreKit) -> None:
    raised(vn, Alarm(outcome.SILENCE, "TH", message_id="0"))
    members = [row if row[0] != "TH" else [*row[:2], "suspended", *row[3:]] for row in vn.lists.members]
    trust_sync.import_list(vn.core, vn.lists.after(members=members).signed(), None, who="test")
    assert open_names(vn) == []


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("trust-version", {"trust_version": 2}),
        ("revokes", {"revokes": bytes(32)}),
        ("bundle-withheld", {"bundle_kid": b"?" * 16}),
    ],
)
def test_what_a_heartbeat_raises_ends_with_the_next_one_that_does_not(
    vn: CoreKit, th: Sending, name: str, wrong: dict[str, Any]
) -> None:
    send_heartbeat(vn, th, **wrong)
    assert open_names(vn) == [name]
    send_heartbeat(vn, th, **wrong)
    assert open_names(vn) == [name]
    vn.restart()
    assert open_names(vn) == [name]
    send_heartbeat(vn, th)
    assert open_names(vn) == []
    send_heartbeat(vn, th, **wrong)
    assert open_names(vn) == [name]


def test_clock_ends_when_both_clocks_are_right(vn: CoreKit, th: Sending) -> None:
    raised(vn, Alarm(outcome.CLOCK, "TH"))
    send_heartbeat(vn, th)
    assert open_names(vn) == ["clock"]  # the clock of a member is known from its second heartbeat on
    send_heartbeat(vn, th)
    assert open_names(vn) == []
    raised(vn, Alarm(outcome.CLOCK, "TH"))
    vn.core.observations.offsets["TH"] = limits.CLOCK_TOLERANCE + 1
    vn.core.last_heard["TH"] = vn.now = vn.now + limits.SECOND
    assert open_names(vn) == ["clock"]


def test_clock_ends_though_what_the_member_dated_ahead_still_waits(vn: CoreKit, th: Sending) -> None:
    """Its bundle and its next epoch of an hour ahead wait on; its heartbeats say that its clock is right again."""
    ahead = NOW + limits.HOUR
    later = open_sending(actor("TH"), vn.lists, link=th.link, not_before=ahead)
    vn.receive(bundle_of(actor("TH"), not_before=ahead, not_after=ahead + limits.DAY), epoch_of(later))
    vn.now += limits.SECOND
    vn.receive(frame_of(th, body=beat(vn.lists), ts=ahead))
    assert open_names(vn) == ["clock"]
    assert why_of(vn, "TH-ALERT-2027-000001") == "clock-wrong-there"
    send_heartbeat(vn, th)
    send_heartbeat(vn, th)
    assert rows(vn, "select type from waiting order by type") == [("epoch",), ("keys",)]
    assert (open_names(vn), check_of(vn), check_of(vn, "peer-clocks")) == ([], "ok", "ok")
    assert why_of(vn, "TH-ALERT-2027-000001") == "waiting-for-its-time"
    vn.now = ahead
    inbound.judge_due(vn.core)
    assert rows(vn, "select type from waiting") == []
    assert why_of(vn, "TH-ALERT-2027-000001") != "waiting-for-its-time"


def test_two_members_whose_clocks_are_right_do_not_make_ours_wrong(vn: CoreKit, th: Sending) -> None:
    """What both dated ahead waits; while their clocks are not known, it may be ours that is behind."""
    sg, ahead = open_sending(actor("SG"), vn.lists), NOW + limits.HOUR
    vn.receive(*(bundle_of(actor(code), not_before=ahead, not_after=ahead + limits.DAY) for code in ("SG", "TH")))
    assert check_of(vn, "clock") == "critical"
    vn.receive(epoch_of(sg))
    for sending in (sg, th, sg, th):
        send_heartbeat(vn, sending)
    assert check_of(vn, "clock") == "ok"
    assert open_names(vn) == []


# -- incidents


@pytest.mark.parametrize("name", sorted(set(ALARMS) - ENDING))
def test_an_incident_ends_by_a_person_alone_and_stays_so_over_a_restart(vn: CoreKit, th: Sending, name: str) -> None:
    raised(vn, Alarm(name, "TH", epoch_id=th.opened.id))
    vn.now += 40 * limits.DAY
    vn.restart()
    assert (open_names(vn), check_of(vn)) == ([name], "warning")
    shown = alarms.acknowledge_alarm(vn.core, number_of(vn, name), "desk", "their restore, by telephone")
    assert shown is not None
    assert (shown["state"], shown["acknowledged"]["by"]) == ("acknowledged", "desk")
    assert shown["acknowledged"]["note"] == "their restore, by telephone"
    assert (open_names(vn), check_of(vn)) == ([], "ok")
    vn.restart()
    assert (open_names(vn), check_of(vn)) == ([], "ok")
    query = rows(vn, "select who, what, about from audit order by n desc limit 1")
    assert query == [("desk", "acknowledge-alarm", f"{shown['n']} {name} TH: their restore, by telephone")]


@pytest.mark.parametrize("name", [name for name, kind in ALARMS.items() if kind.cause == CAUSE])
def test_an_alarm_without_a_cause_of_its_own_is_one_until_it_is_acknowledged(
    vn: CoreKit, th: Sending, name: str
) -> None:
    """Of a message of TH that did not come; a key of TH that is not here concerns what is sealed here alone."""
    send_heartbeat(vn, th)
    assert why_of(vn, MISSED) == "unknown-message"
    raised(vn, Alarm(name, "TH", epoch_id=th.opened.id))
    if name == BUNDLE_WITHHELD:
        assert why_of(vn, MISSED) == "unknown-message"
        return
    shown = explained(vn, MISSED)
    assert (shown["cause"], shown["values"]["alarm"]) == (CAUSE, name)
    vn.restart()
    assert why_of(vn, MISSED) == CAUSE
    alarms.acknowledge_alarm(vn.core, number_of(vn, name), "desk", "")
    assert why_of(vn, MISSED) == "unknown-message"


def test_who_acknowledges_twice_writes_one_line(vn: CoreKit) -> None:
    raised(vn, Alarm(outcome.ROLLBACK, "TH"))
    n = number_of(vn, "rollback")
    first = alarms.acknowledge_alarm(vn.core, n, "desk", "")
    assert alarms.acknowledge_alarm(vn.core, n, "somebody else", "mine") == first
    assert len(rows(vn, "select n from audit where what = 'acknowledge-alarm'")) == 1
    assert alarms.acknowledge_alarm(vn.core, n + 1, "desk", "") is None
    raised(vn, Alarm(outcome.ROLLBACK, "TH"))  # the same list once more is another attempt
    assert open_names(vn) == ["rollback"]


@pytest.mark.parametrize("note", ["two\nlines", "x" * 401, "\x1b[31m"])
def test_a_note_is_one_line(vn: CoreKit, note: str) -> None:
    raised(vn, Alarm(outcome.ROLLBACK, "TH"))
    with pytest.raises(Fault):
        alarms.acknowledge_alarm(vn.core, number_of(vn, "rollback"), "desk", note)
    assert open_names(vn) == ["rollback"]


@pytest.mark.parametrize("note", ["Mrs Maria Santos Reyes", "call +66 81 234 5678", "passport AB1234567"])
def test_a_note_names_nobody(vn: CoreKit, note: str) -> None:
    raised(vn, Alarm(outcome.ROLLBACK, "TH"))
    with pytest.raises(Fault, match="cannot be kept"):
        alarms.acknowledge_alarm(vn.core, number_of(vn, "rollback"), "desk", note)
    assert open_names(vn) == ["rollback"]
    assert rows(vn, "select n from audit where what = 'acknowledge-alarm'") == []


# -- the table


def of_the_protocol() -> set[str]:
    return {value for name, value in vars(outcome).items() if name.isupper() and isinstance(value, str)}


def test_every_alarm_of_the_protocol_is_in_the_table_and_has_its_end() -> None:
    assert of_the_protocol() <= set(ALARMS)
    assert set(ends.ENDS_BY_NAME) == ENDING


def test_the_protocol_says_of_every_alarm_whose_word_it_rests_on() -> None:
    """And of those that a gateway raises beside it."""
    page = (ROOT / "docs/protocol.md").read_text("utf-8")
    heading, text = (
        "| alarm | raised by | names | rests on |\n|---|---|---|---|\n",
        "Of a gateway, beside the protocol: ",
    )
    rows = page.split(heading)[1].split("\n\n")[0].splitlines()
    named = {name.split("(")[0].strip() for row in rows for name in row.split("|")[1].split(", ")}
    assert of_the_protocol() <= named
    (paragraph_text,) = (paragraph for paragraph in page.split("\n\n") if paragraph.startswith(text))
    assert [name for name in ALARMS if name not in named and f"`{name}`" not in paragraph_text] == []


def test_every_alarm_has_a_section_in_the_playbooks() -> None:
    page = (ROOT / PLAYBOOK).read_text("utf-8")
    sections = {line.removeprefix("## ") for line in page.splitlines() if line.startswith("## ")}
    assert set(ALARMS) <= sections
