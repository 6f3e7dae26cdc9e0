"""Whoever writes the store puts in what has no keyed hash: objects that are sealed already, and values of another type.
Before, a row of the outbox made the member mute, and a text as a time ended every check, and nothing told it.
"""

import pytest
from msgspec import structs

from suar.observe.checks import every as checks
from suar.protocol.base import limits
from suar.service.core import altered_rows
from suar.service.publish import sealing
from suar.service.status import snapshot
from support.corekit import CoreKit, alter, rows
from support.pairs import Two, new

SEEN = snapshot.ProcessState(snapshot.BusState(), is_settled=True, has_stood_down=False)


def alarmed(kit: CoreKit) -> set[str]:
    return {row.message_id for row in rows(kit, "select message_id from alarm where name = 'store-altered'")}


STRANGE = [
    ("subject", "suar.x 1\r\nPUB anchor 1\r\nx"), ("subject", "a.frame.all.x"), ("subject", 7), ("data", "text"),
    ("data", b""), ("data", bytes(limits.FRAME_BYTES_MAX + 1)), ("msg_id", "mine"), ("at", "soon"),
]  # fmt: skip


@pytest.mark.sqlite
@pytest.mark.parametrize(("column", "value"), STRANGE)
def test_an_object_that_the_own_server_refuses_stops_no_other(two: Two, column: str, value: object) -> None:
    """A row of the outbox before all others: the connection ended at it, again and again, and nothing left any more."""
    two.publish(new("a"))
    sealing.seal_queued(two.th.core)
    wanted = [row.n for row in sealing.next_to_publish(two.th.core, 100)]
    (first,) = rows(two.th, "select * from outbox order by n limit 1")
    values = first._asdict() | {"n": 0, "published": None, column: value}
    marks = ", ".join("?" * len(values))
    alter(two.th, f"insert into outbox ({', '.join(values)}) values ({marks})", values=tuple(values.values()))
    assert [row.n for row in sealing.next_to_publish(two.th.core, 100)] == wanted
    assert two.th.aside(altered_rows.withdraw_objects, two.th.core) == 1
    assert rows(two.th, "select n from outbox where n = 0") == []
    assert alarmed(two.th) == {"outbox 0"}
    assert two.th.aside(altered_rows.withdraw_objects, two.th.core) == 0


@pytest.mark.sqlite
def test_a_text_in_the_place_of_a_time_ends_no_check(two: Two) -> None:
    alter(
        two.sg,
        "insert into waiting (n, sender, type, subject, data, size, code, rule, since, digest)"
        " values (5, 'SG', 'frame', 'x', x'00', 1, 'E', 'F1', 'v', x'02')",
    )
    found = {each.id: each for each in checks.run(snapshot.read_snapshot(two.sg.core, SEEN), limits.HEARTBEAT_INTERVAL)}
    assert set(found) == set(checks.IDS)
    assert found["waiting"].status == "critical"


def test_a_check_that_fails_is_critical_and_the_others_are_answered(two: Two) -> None:
    numbers = structs.replace(snapshot.read_snapshot(two.sg.core, SEEN), waiting_oldest="v")
    found = {each.id: each for each in checks.run(numbers, limits.HEARTBEAT_INTERVAL)}
    assert set(found) == set(checks.IDS)
    assert found["waiting"].status == "critical"
    assert "another kind" in found["waiting"].text
