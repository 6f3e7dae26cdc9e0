"""The numbers for ids of a kind and year: the last thousand are kept free; updates and cancels need none."""

import json

from suar.observe.checks import every as checks
from suar.protocol.base import limits
from suar.protocol.compose import LAST_NUMBER
from suar.service.publish import accepting
from suar.service.reading.verdict import Verdict
from suar.service.status import snapshot
from suar.service.status.snapshot import BusState, ProcessState
from suar.store.messages import rows as messages
from support.pairs import Two, new

SEEN = ProcessState(BusState(), is_settled=True, stood_down=False)


def use_numbers(two: Two, last: int) -> None:
    with two.th.core.transaction() as connection:
        messages.reserve_numbers(connection, {("alert", 2027): last})


def verdicts(two: Two, *titles: str) -> list[Verdict]:
    items = [(json.dumps(new(title)).encode(), None) for title in titles]
    return accepting.accept(two.th.core, items, realm="actual", token="desk")


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
