"""Recalled texts under a legal hold, sealed to the offline evidence keys: the gateway does not have them any more."""

import pytest

from suar.protocol.base import limits
from suar.protocol.base.errors import Fault
from suar.protocol.base.primitives import kid
from suar.protocol.files.proof import verify
from suar.service.custody import holds, unsealing
from suar.service.reading import views
from suar.service.receive import store_checks
from suar.store.inbound import incidents
from suar.store.messages import rows as messages
from suar.store.people import access
from support import read_out, stores
from support.corekit import CoreKit, rows
from support.evidence_keys import FIRST, KEYS, SECOND, configure
from support.pairs import SECRET, Two, new

COURT = "Criminal Court, case 17"


def hold(kit: CoreKit, id_: str) -> list[str]:
    until = kit.now + 30 * limits.DAY
    done = [holds.add(kit.core, id_, who, COURT, until, "fact") for who in ("anan", "boon")]
    return [each["verdict"] for each in done if each]


def end(kit: CoreKit, id_: str) -> None:
    for who in ("anan", "chai"):
        holds.end(kit.core, id_, who)


def texts(kit: CoreKit, id_: str) -> list[tuple[int, int]]:
    """Each revision, and whether its text is in the live store."""
    found = rows(kit, f"select rev, body is not null as held from message where id = '{id_}' order by rev")
    return [(row.rev, row.held) for row in found]


def unsealed(data: bytes, *seeds: bytes) -> bytes:
    for seed in seeds:
        data, _ = unsealing.unseal(data, seed)
    return data


def sealed_file(kit: CoreKit, id_: str, rev: int) -> bytes:
    found = read_out.export(kit.core, id_, rev, "desk", is_sealed=True)
    assert found is not None
    return found.data


@pytest.fixture
def sealing(two: Two) -> Two:
    """SG seals to two persons, and tells of holds."""
    configure(two.sg.folder, KEYS)
    settings = two.sg.folder / "suar.toml"
    old = "heartbeat_seconds = 30"
    settings.write_text(settings.read_text().replace(old, f"{old}\nwrite_receipt_1_1 = true"))
    two.sg.restart()
    return two


@pytest.fixture
def held(sealing: Two) -> str:
    """A message that SG received beside another one, under a hold there, and then recalled."""
    [id_, _] = sealing.publish(new("a"), new("b"))
    sealing.to_sg()
    assert hold(sealing.sg, id_) == ["waits", "held"]
    sealing.cancel(id_)
    sealing.to_sg()
    sealing.prove(sealing.sg)
    return id_


def test_the_text_leaves_the_live_store_and_two_persons_have_its_proof(sealing: Two, held: str) -> None:
    assert texts(sealing.sg, held) == [(1, 0), (2, 1)]
    data = sealed_file(sealing.sg, held, 1)
    with pytest.raises(Fault, match="another key"):
        unsealed(data, FIRST)
    evidence = unsealed(data, SECOND, FIRST)
    found = verify(evidence, sealing.th.lists.hash())
    assert (found.message.id, found.message.rev) == (held, 1)
    assert SECRET.encode() in evidence
    assert SECRET.encode() not in data
    assert SECRET.encode() not in unsealed(data, SECOND)


def test_the_answer_without_a_revision_names_the_sealed_one(sealing: Two, held: str) -> None:
    with pytest.raises(Fault) as found:
        read_out.export(sealing.sg.core, held, None, "desk", is_sealed=True)
    assert "rev 2" in found.value.text
    assert "--rev 1" in found.value.hint


def test_it_says_held_by_law_and_recalled_at_the_end(sealing: Two, held: str) -> None:
    sealing.to_th()
    assert sealing.states(held, 1)["state"] == "held-by-law"
    assert rows(sealing.sg, "select stage from own_statement where stage = 'recalled'") == []
    end(sealing.sg, held)
    assert rows(sealing.sg, "select count(*) from held_text") == [(0,)]
    sealing.to_th()
    assert sealing.states(held, 1)["state"] == "recalled"
    assert rows(sealing.sg, "select state from own_statement where state = 'altered'") == []


def test_it_is_kept_after_a_restart_and_for_the_checks(sealing: Two, held: str) -> None:
    sealing.sg.restart()
    core = sealing.sg.core
    assert (core.held_by_law, list(core.sealed_by_law)) == ({}, [held])
    for _ in range(2):
        store_checks.Walk(core).step()
        assert store_checks.settle(core) == 0
    with pytest.raises(Fault, match="already"):
        hold(sealing.sg, held)
    sealing.sg.now += 31 * limits.DAY
    assert holds.end_over(core) == 1
    sealing.prove(sealing.sg)
    assert rows(sealing.sg, "select stage from own_statement where stage = 'recalled'") == [("recalled",)]


def test_what_is_handed_over_during_the_hold_is_no_export_before_the_recall(sealing: Two) -> None:
    [id_] = sealing.publish(new("a"))
    sealing.to_sg()
    assert read_out.content(sealing.sg.core, id_, 1, "desk") is not None
    hold(sealing.sg, id_)
    sealing.cancel(id_)
    sealing.sg.now += limits.MINUTE
    sealing.to_sg()
    for _ in range(2):
        sealing.sg.now += limits.MINUTE
        sealed_file(sealing.sg, id_, 1)
    shown = views.message(sealing.sg.core, id_, 1)
    assert shown is not None
    assert shown["tombstone"]["exports"] == 1
    end(sealing.sg, id_)
    sealing.to_th()
    assert (sealing.states(id_, 1)["state"], sealing.states(id_, 1)["exports"]) == ("recalled", 1)


def test_a_line_of_an_earlier_version_that_came_after_the_recall_is_not_counted(sealing: Two, held: str) -> None:
    """Sealed exports were noted like plain ones: the time decides."""
    sealing.sg.now += limits.MINUTE
    with sealing.sg.core.transaction() as connection:
        access.note(connection, "desk", "evidence", f"{held} 1", sealing.sg.now)
    end(sealing.sg, held)
    sealing.to_th()
    assert sealing.states(held, 1)["exports"] == 0


def test_each_sealed_file_is_a_line_of_the_audit(sealing: Two, held: str) -> None:
    """Also within an hour of another one, and by the same person; with the key that opens it first."""
    for _ in range(2):
        sealed_file(sealing.sg, held, 1)
    key = kid(bytes.fromhex(KEYS[1])).hex()
    lines = rows(sealing.sg, "select who, about from audit where what = 'evidence-sealed'")
    assert lines == [("desk", f"{held} 1 to {key}")] * 2
    assert rows(sealing.sg, "select who from audit where what = 'evidence'") == []


def test_a_sealed_neighbour_has_its_text_in_clear_and_counts_as_exported(sealing: Two) -> None:
    ids = sealing.publish(new("a"), new("b"))
    sealing.to_sg()
    sealing.cancel(ids[0])
    sealing.to_sg()
    sealed_file(sealing.sg, ids[1], 1)
    acts = rows(sealing.sg, "select what from audit where who = 'desk' order by n")
    assert [row.what for row in acts] == ["evidence-sealed", "evidence"]


def test_copies_of_it_are_destroyed_too(sealing: Two, held: str) -> None:
    row = {"sender": "TH", "code": "E-X", "rule": "F9", "frame_hash": None, "place": 0, "at": 1, "path": "$"}
    data = b'{"id": "%s", "rev": 1}' % held.encode()
    with sealing.sg.core.transaction() as connection:
        incidents.quarantine(connection, sealing.sg.core.vault, row, [({}, data)])
    sealing.sg.core.due.note_destroyed()
    sealing.prove(sealing.sg)
    assert rows(sealing.sg, "select size from quarantine") == [(0,)]


def test_a_revision_that_comes_after_the_cancel_is_sealed_as_well(sealing: Two) -> None:
    [id_] = sealing.publish(new("a"))
    sealing.to_sg()
    hold(sealing.sg, id_)
    sealing.publish(new("b", id=id_, rev=2, action="update"))
    late = sealing.leave(sealing.th)
    sealing.cancel(id_)
    sealing.to_sg()
    sealing.sg.receive(*late)
    sealing.prove(sealing.sg)
    assert texts(sealing.sg, id_) == [(1, 0), (2, 0), (3, 1)]
    for rev in (1, 2):
        found = verify(unsealed(sealed_file(sealing.sg, id_, rev), SECOND, FIRST), sealing.th.lists.hash())
        assert found.message.rev == rev


def test_a_row_that_does_not_open_is_not_destroyed(sealing: Two) -> None:
    """What cannot be sealed stays: a hold loses nothing."""
    [id_] = sealing.publish(new("a"))
    sealing.to_sg()
    hold(sealing.sg, id_)
    with stores.outsider(sealing.sg.folder) as store:
        assert store.execute("update message set tlp = 'CLEAR' where rev = 1").rowcount == 1
    with sealing.sg.core.transaction() as connection:
        row = messages.find(connection, id_, 1)
        assert row is not None
        with pytest.raises(messages.AlteredRow):
            messages.body_of(sealing.sg.core.vault, row)
    sealing.cancel(id_)
    sealing.to_sg()
    assert texts(sealing.sg, id_)[0] == (1, 1)
    assert rows(sealing.sg, "select count(*) from held_text") == [(0,)]


@pytest.mark.parametrize("sql", ["delete from held_text", "update held_text set sealed = x'00'"])
def test_the_store_s_writer_takes_no_held_text_unnoticed(sealing: Two, held: str, sql: str) -> None:
    sealing.sg.core.close()
    with stores.outsider(sealing.sg.folder) as store:
        assert store.execute(sql).rowcount == 1
    with pytest.raises(Fault) as fault:
        sealing.sg.restart()
    assert "held_text" in fault.value.text
