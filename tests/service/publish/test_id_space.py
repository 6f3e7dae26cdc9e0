"""The numbers for ids of a kind and year: the last thousand are kept free; updates and cancels need none."""

import json
from typing import Any

from suar.observe.checks import every as checks
from suar.protocol.base import limits
from suar.protocol.compose import LAST_NUMBER
from suar.service.publish import accepting, checking, held
from suar.service.reading.verdict import Verdict
from suar.service.status import snapshot
from suar.service.status.snapshot import BusState, ProcessState
from suar.store.messages import rows as messages
from support.pairs import Two, new

SEEN = ProcessState(BusState(), is_settled=True, has_stood_down=False)


def use_numbers(two: Two, last: int) -> None:
    with two.th.core.transaction() as connection:
        messages.reserve_numbers(connection, {("alert", 2027): last})


def verdicts(two: Two, *titles: str) -> list[Verdict]:
    items = [(json.dumps(new(title)).encode(), None) for title in titles]
    return accepting.accept(two.th.core, items, realm="actual", token="desk")


def accepted(two: Two, message: dict[str, Any]) -> Verdict:
    [made] = accepting.accept(two.th.core, [(json.dumps(message).encode(), None)], realm="actual", token="desk")
    return made


def id_space(two: Two) -> list[tuple[str, str]]:
    found = checks.run(snapshot.read_snapshot(two.th.core, SEEN), limits.HEARTBEAT_INTERVAL)
    return [(each.status, each.text) for each in found if each.id == "id-space"]


def test_after_the_last_number_only_updates_and_cancels_leave(two: Two) -> None:
    use_numbers(two, LAST_NUMBER - 1)
    last, beyond = verdicts(two, "the last one", "one too many")
    assert (last.verdict, last.id) == ("published", "TH-ALERT-2027-998999")
    assert (beyond.verdict, [each.code for each in beyond.reasons]) == ("refused", ["E-ID-SPACE"])
    two.to_sg()
    update = new("the last one, corrected", id=last.id, action="update")
    assert two.publish(update) == [last.id]
    assert two.cancel(str(last.id)).verdict.verdict == "published"
    assert [each.verdict for each in verdicts(two, "another")] == ["refused"]
    status, text = id_space(two)[0]
    assert status == "critical"
    assert "998,999 numbers of alert in 2027" in text


def test_it_warns_long_before(two: Two) -> None:
    assert [status for status, _ in id_space(two)] == ["ok"]
    use_numbers(two, 899_999)
    assert [status for status, _ in id_space(two)] == ["ok"]
    use_numbers(two, 900_000)
    assert id_space(two) == [("warning", "900,000 of 998,999 numbers of alert in 2027 are used")]
    assert [each.verdict for each in verdicts(two, "it still leaves")] == ["published"]


def test_a_number_that_a_publisher_chose_is_passed_over(two: Two) -> None:
    """The next one ended in an error of the store, and so did every later message of the kind."""
    first, third = verdicts(two, "first"), accepted(two, new("chosen", id="TH-ALERT-2027-000003"))
    assert [first[0].id, third.id] == ["TH-ALERT-2027-000001", "TH-ALERT-2027-000003"]
    assert [each.id for each in verdicts(two, "a", "b")] == ["TH-ALERT-2027-000002", "TH-ALERT-2027-000004"]
    together = [new("c"), new("chosen too", id="TH-ALERT-2027-000006"), new("d"), new("e")]
    items = [(json.dumps(each).encode(), None) for each in together]
    made = accepting.accept(two.th.core, items, realm="actual", token="desk")
    assert [str(each.id)[-1] for each in made] == ["5", "6", "7", "8"]


def test_a_chosen_number_that_waits_for_a_second_person_is_passed_over(two: Two) -> None:
    held = accepted(two, new("a name", id="TH-ALERT-2027-000002", severity="extreme"))
    assert held.verdict == "held"
    assert [each.id for each in verdicts(two, "a", "b")] == ["TH-ALERT-2027-000001", "TH-ALERT-2027-000003"]


def test_the_search_for_a_free_number_ends_behind_the_last_one(two: Two) -> None:
    use_numbers(two, LAST_NUMBER + 500)
    assert [each.code for each in verdicts(two, "none is left")[0].reasons] == ["E-ID-SPACE"]


def test_a_number_far_ahead_of_the_others_waits_for_a_second_person(two: Two) -> None:
    """A telephone number left at once in the place of the number."""
    use_numbers(two, 100)
    near, far = "TH-ALERT-2027-010100", "TH-ALERT-2027-345678"
    assert accepted(two, new("near", id=near)).verdict == "published"
    waiting = accepted(two, new("far", id=far))
    assert (waiting.verdict, waiting.id) == ("held", far)
    assert [(each.code, each.path, each.marked) for each in waiting.reasons] == [
        ("E-PRIVACY-IDENTIFIER", "$.id", (far,)),
        ("E-MESSAGE-DESK", "$.desk", ()),  # beside why it waits
    ]
    checked = checking.check(two.th.core, json.dumps(new("another", id="TH-ALERT-2026-345678")).encode(), "actual")
    assert (checked["verdict"], checked["reasons"][0]["path"]) == ("hold", "$.id")
    assert held.release(two.th.core, far, "second").verdict == "published"
    assert two.publish(new("far, corrected", id=far, action="update")) == [far]
    assert [each.id for each in verdicts(two, "the next one")] == ["TH-ALERT-2027-000101"]
