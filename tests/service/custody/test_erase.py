"""Erasure of own texts: two persons, audited; heads and digests stay, and nothing shows or sends the text again."""

import json
from typing import Any

import pytest

from suar.protocol.base.errors import Fault, Refused
from suar.service.custody import erasing
from suar.service.publish import accepting, sealing
from suar.service.reading import evidence, proof_keeping, views
from suar.service.receive import store_checks
from suar.service.settings.state import note_backup
from suar.store.outbound import delivery_rows
from suar.store.people import access
from support import stores
from support.corekit import CoreKit, rows
from support.pairs import SECRET, Two, new


def texts(kit: CoreKit, id_: str) -> dict[int, bool]:
    return {row.rev: row.body is not None for row in rows(kit, f"select rev, body from message where id = '{id_}'")}


def erase(two: Two, id_: str, who: str) -> Any:
    done = erasing.erase(two.th.core, id_, who)
    assert done is not None
    return done["verdict"]


def erased(two: Two, id_: str) -> None:
    assert [erase(two, id_, who) for who in ("anan", "boon")] == ["waits", "erased"]
    two.prove(two.th)


@pytest.fixture
def cancelled(two: Two) -> str:
    """A message that was published, stored and cancelled."""
    with two.th.core.transaction() as connection:
        row = {"name": "made-by-anan", "hash": b"h" * 32, "scopes": "approve", "created_at": 1, "maker": "anan"}
        access.insert_token(connection, row | {"is_person": True})
        access.note(connection, "anan", "token-add", "made-by-anan", 1)
    return two.publish_and_cancel(new("a"))


def test_two_persons_erase_and_the_head_stays(two: Two, cancelled: str) -> None:
    before = rows(
        two.th, f"select rev, digest, origin, sent, readers from message where id = '{cancelled}' order by rev"
    )
    assert texts(two.th, cancelled) == {1: True, 2: True}
    assert erase(two, cancelled, "anan") == "waits"
    assert erase(two, cancelled, "anan") == "waits", "the same person confirms nothing"
    assert erase(two, cancelled, "made-by-anan") == "waits", "nor does a token that this person made"
    assert texts(two.th, cancelled) == {1: True, 2: True}
    assert erase(two, cancelled, "boon") == "erased"
    assert texts(two.th, cancelled) == {1: False, 2: True}
    after = rows(
        two.th, f"select rev, digest, origin, sent, readers from message where id = '{cancelled}' order by rev"
    )
    assert after == before
    lines = rows(two.th, "select who, what, about from audit where what like 'erase%' order by n")
    assert lines == [("anan", "erase-ask", cancelled), ("boon", "erase", f"{cancelled} with anan")]


def test_the_text_is_shown_to_nobody_and_not_in_the_files(two: Two, cancelled: str) -> None:
    [piece] = [row.body for row in rows(two.th, f"select body from message where id = '{cancelled}' and rev = 1")]
    erased(two, cancelled)
    shown = views.message(two.th.core, cancelled, 1)
    assert shown is not None
    assert (shown["message"], shown["state"]) == (None, "cancelled")
    with pytest.raises(Fault, match="destroyed"):
        evidence.export(two.th.core, cancelled, 1)
    files = b"".join(path.read_bytes() for path in sorted(two.th.folder.iterdir()) if path.is_file())
    assert bytes(piece[:64]) not in files
    assert SECRET not in str(views.inbox(two.th.core, kind=None, origin=None, status=None, after=None, limit=10))


def test_kept_proofs_go_and_are_not_kept_again(two: Two, cancelled: str) -> None:
    def keep() -> None:
        proof_keeping.keep(two.th.core, proof_keeping.collect(two.th.core))

    keep()
    inside = f"select p.frame_hash from place p where p.id = '{cancelled}' and p.rev = 1"
    kept = f"select count(*) from kept_proof where frame_hash in ({inside})"
    assert rows(two.th, kept) == [(1,)]
    erased(two, cancelled)
    assert rows(two.th, kept) == [(0,)]
    keep()
    assert rows(two.th, kept) == [(0,)]


def test_after_a_restart_it_is_erased_and_the_walk_is_content(two: Two, cancelled: str) -> None:
    erased(two, cancelled)
    two.th.restart()
    store_checks.Walk(two.th.core).step()
    assert not two.th.core.suspects
    store_checks.find_returned(two.th.core)
    assert not two.th.core.suspects


def test_a_row_put_back_is_shown_to_nobody_and_erased_again(two: Two, cancelled: str) -> None:
    [old] = rows(two.th, f"select body, {stores.SALT} from message where id = '{cancelled}' and rev = 1")
    erased(two, cancelled)
    with two.th.core.transaction() as connection:
        where = "where id = ? and rev = 1"
        connection.exec_driver_sql(f"update message set body = ?, body_key = ? {where}", (*old, cancelled))
    shown = views.message(two.th.core, cancelled, 1)
    assert shown is not None
    assert shown["message"] is None
    store_checks.find_returned(two.th.core)
    assert store_checks.settle(two.th.core) == 1
    assert two.th.core.suspects == set(), "it was judged, and is not judged again"
    assert store_checks.settle(two.th.core) == 0
    assert texts(two.th, cancelled)[1] is False
    assert ("store-altered",) in rows(two.th, "select name from alarm")


def test_a_frame_that_somebody_wrote_into_an_own_row_goes_too(two: Two, cancelled: str) -> None:
    stores.write(two.th.folder, "update message set frame = x'00' where id = ? and rev = 1", (cancelled,))
    erased(two, cancelled)
    assert rows(two.th, f"select frame from message where id = '{cancelled}' and rev = 1") == [(None,)]


def test_only_what_is_over_and_ours(two: Two, cancelled: str) -> None:
    [in_force] = two.publish(new("b"))
    two.to_sg()
    with pytest.raises(Fault, match="in force"):
        erasing.erase(two.th.core, in_force, "anan")
    with pytest.raises(Refused) as refused:
        erasing.erase(two.sg.core, cancelled, "anan")
    assert refused.value.code == "E-MESSAGE-SENDER"
    assert erasing.erase(two.th.core, "TH-ALERT-2027-999999", "anan") is None


def test_not_while_it_waits_to_be_sent(two: Two) -> None:
    [id_] = two.publish(new("a"))
    two.cancel(id_)
    with pytest.raises(Fault, match=r"in force|waits to be sent"):
        erasing.erase(two.th.core, id_, "anan")


def test_an_expired_one_may_go_without_a_cancel(two: Two) -> None:
    [id_] = two.publish(new("a"))
    two.to_sg()
    two.to_th()
    two.th.now += 400 * 86_400_000
    erased(two, id_)
    assert texts(two.th, id_) == {1: False}
    found = views.message(two.th.core, id_, 1)
    assert found is not None
    assert found["message"] is None


def test_an_erasure_that_was_requested_before_a_further_revision_is_void(two: Two) -> None:
    day = 86_400_000
    [id_] = two.publish(new("a") | {"expires": "2027-01-16T00:00:00Z"})
    two.to_sg()
    two.to_th()
    two.th.now += day
    assert erase(two, id_, "anan") == "waits"
    two.publish(new("b", action="update", id=id_) | {"expires": "2027-01-17T00:00:00Z"})
    two.to_sg()
    two.to_th()
    two.th.now += day
    assert erase(two, id_, "boon") == "waits"
    with pytest.raises(Refused, match="E-CHANGED"):
        erase(two, id_, "anan")  # the call of before, once more
    assert erase(two, id_, "anan") == "erased"
    assert texts(two.th, id_) == {1: False, 2: False}


def test_it_is_no_fault_to_erase_again_and_backups_are_named(two: Two, cancelled: str) -> None:
    note_backup(two.th.folder, two.th.now + 10)
    two.th.now += 1000
    erased(two, cancelled)
    again = erasing.erase(two.th.core, cancelled, "anan")
    assert again is not None
    assert (again["verdict"], again["revisions"], len(again["backups"])) == ("erased", 0, 1)


def test_a_member_that_left_it_out_gets_no_erased_text(two: Two, cancelled: str) -> None:
    """Nothing of it is queued again, so nothing is judged as altered."""
    erased(two, cancelled)
    with two.th.core.transaction() as connection:
        assert delivery_rows.requeue(connection, [(cancelled, 1)]) == []
        [(name,)] = connection.exec_driver_sql(
            f"select frame_hash from place where id = '{cancelled}' and rev = 1"
        ).all()
        assert delivery_rows.missing_messages(connection, name, "SG") == []
    sealing.seal_queued(two.th.core)
    assert ("store-altered",) not in rows(two.th, "select name from alarm")


def test_another_text_under_the_same_number_is_still_refused(two: Two, cancelled: str) -> None:
    """[F9] By its own digest, and by that of every receiver."""
    erased(two, cancelled)
    other = json.dumps(new("another", id=cancelled, rev=1)).encode()
    [verdict] = accepting.accept(two.th.core, [(other, None)], realm="actual", token="desk")
    assert verdict.verdict == "refused"
    digests = [
        rows(kit, f"select digest from message where id = '{cancelled}' and rev = 1") for kit in (two.th, two.sg)
    ]
    assert digests[0] == digests[1]
