"""What is handed in again: the answer says what is true now, and nothing is published twice."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from suar.protocol.base import limits
from suar.protocol.base.instants import instant
from suar.protocol.base.primitives import Secret
from suar.service.publish import accepting, cancelling, checking, held, repeats
from suar.service.reading.verdict import Verdict
from suar.standard import shipped
from suar.store import tables as t
from suar.store.engine.vault import Vault
from suar.store.people import access
from support import stores
from support.corekit import CoreKit, rows
from support.kit import NOW

DAY = 86_400_000


@pytest.fixture
def th(tmp_path: Path) -> Iterator[CoreKit]:
    made = CoreKit(tmp_path / "th", "TH")
    yield made
    made.close()


def body(name: str, **changes: Any) -> dict[str, Any]:
    at = datetime.fromtimestamp(NOW // 1000, UTC)
    return {**shipped.draft(shipped.example(name), "TH", at), "audience": {"members": "all"}, **changes}


def trend(**changes: Any) -> dict[str, Any]:
    return body("trend-detected-by-sex", **changes)


def expires(days: int) -> str:
    return instant(NOW + days * limits.DAY)


def publish(th: CoreKit, tree: dict[str, Any], key: bytes | None = None) -> Verdict:
    (verdict,) = accepting.accept(th.core, [(json.dumps(tree).encode(), key)], realm="actual", token="desk")
    return verdict


def test_a_table_that_is_handed_in_again_is_the_one_that_was_published(th: CoreKit) -> None:
    first = publish(th, trend(expires=expires(90)))
    assert first.verdict == "published", first.reasons
    again = publish(th, trend(expires=expires(91)))  # other bytes: an import dates each run anew
    assert (again.verdict, again.id, again.is_replayed) == ("published", first.id, True)
    th.now += 3 * DAY
    later = publish(th, trend(expires=expires(92)))
    assert (later.verdict, later.id, later.is_replayed) == ("published", first.id, True)
    assert publish(th, trend(expires=expires(92), direction="falling")).id != first.id


def test_a_table_of_which_nothing_is_in_force_is_a_new_one(th: CoreKit) -> None:
    first = publish(th, trend(expires=expires(1)))
    th.now += 2 * DAY
    second = publish(th, trend(expires=expires(30)))
    assert second.verdict == "published"
    assert second.id != first.id


def test_a_file_that_was_cancelled_is_stated_to_be(th: CoreKit) -> None:
    alert = body("alert-new-route")
    first = publish(th, alert)
    assert first.verdict == "published", first.reasons
    assert first.id is not None
    cancelling.cancel(th.core, first.id, "desk", "a mistake")
    again = publish(th, alert)
    assert (again.verdict, again.id) == ("refused", first.id)
    (reason,) = again.reasons
    assert reason.code == "E-MESSAGE-CANCELLED"
    assert f"published as {first.id} and cancelled" in reason.message


def test_of_a_file_that_was_cancelled_by_mistake_a_way_is_named(th: CoreKit) -> None:
    first = publish(th, body("alert-new-route", expires=expires(30)))
    cancelling.cancel(th.core, str(first.id), "desk", "a mistake")
    [reason] = publish(th, body("alert-new-route", expires=expires(30))).reasons
    assert reason.hint.endswith("; if nothing was wrong, change the title")


def test_a_file_that_was_rejected_is_stated_to_be(th: CoreKit) -> None:
    extreme = body("alert-new-route", severity="extreme")
    first = publish(th, extreme)
    assert first.verdict == "held", first.reasons
    assert first.id is not None
    assert publish(th, extreme).verdict == "held"
    held.reject(th.core, first.id, "another", "not yet")
    again = publish(th, extreme)
    assert (again.verdict, again.id) == ("refused", first.id)
    assert "rejected" in again.reasons[0].message


def test_a_file_that_was_released_is_published(th: CoreKit) -> None:
    extreme = body("alert-new-route", severity="extreme")
    first = publish(th, extreme)
    assert first.id is not None
    assert held.release(th.core, first.id, "another").verdict == "published"
    again = publish(th, extreme)
    assert (again.verdict, again.id, again.is_replayed) == ("published", first.id, True)


def test_the_store_has_no_hash_that_a_guess_could_be_compared_with(th: CoreKit) -> None:
    publish(th, trend(expires=expires(90)))
    with th.core.transaction() as connection:
        (name,) = [row.name for row in connection.exec_driver_sql("select name from content")]
    assert len(name) == 32
    other = Vault(Secret(b"\x01" * 32))
    assert other.fingerprint(b"x") != th.core.vault.fingerprint(b"x")


# -- an update that says what an earlier one said


def test_an_update_that_equals_an_earlier_revision_is_published(th: CoreKit) -> None:
    made = body("contact-hotline")
    first = publish(th, made)
    full, open_ = ({**made, "action": "update", "id": first.id, "capacity": word} for word in ("full", "open"))
    assert [publish(th, each).rev for each in (full, open_, full)] == [2, 3, 4]
    again = publish(th, full)
    assert (again.rev, again.verdict, again.is_replayed) == (4, "published", True), "it equals the newest"
    assert publish(th, made).rev == 1, "a new message is published once"


def test_in_one_batch_too_and_a_key_names_one_request_for_good(th: CoreKit) -> None:
    made = body("contact-hotline")
    first = publish(th, made)
    full, open_ = (
        json.dumps({**made, "action": "update", "id": first.id, "capacity": word}).encode() for word in ("full", "open")
    )
    items = [(full, None), (open_, None), (full, None), (full, None)]
    assert [each.rev for each in accepting.accept(th.core, items, realm="actual", token="desk")] == [2, 3, 4, 4]
    keyed = [(full, b"a key"), (open_, None), (full, b"a key")]
    assert [each.rev for each in accepting.accept(th.core, keyed, realm="actual", token="desk")] == [5, 6, 5]


@pytest.mark.parametrize("key", [None, b"one"])
def test_nothing_in_the_store_reveals_what_was_handed_in(th: CoreKit, key: bytes | None) -> None:
    """Who has the file tries every count that a table may hide: no hash of the bytes may answer."""
    guesses = [json.dumps(trend(source={**trend()["source"], "credibility": at})).encode() for at in (2, 3)]
    accepting.accept(th.core, [(guesses[0], key)], realm="actual", token="desk")
    with th.core.database.reading() as connection:
        kept = [bytes(part) for row in connection.execute(select(t.request)) for part in row[:2]]
    assert len(kept) == 2
    known = [b"desk\0actual\0bytes" + guesses[0], guesses[0]]
    for hashed in (hashlib.blake2b(each, digest_size=32).digest() for each in known):
        assert not any(hashed in part for part in kept)
    own = publish_bytes(th, guesses[0], key)
    assert own.is_replayed
    assert publish_bytes(th, guesses[1], key).verdict == ("published" if key is None else "key-reused")


def publish_bytes(th: CoreKit, data: bytes, key: bytes | None) -> Verdict:
    (verdict,) = accepting.accept(th.core, [(data, key)], realm="actual", token="desk")
    return verdict


def test_an_answer_of_a_version_before_is_no_match(th: CoreKit) -> None:
    """Its hash had no key: the request is refused as another one, and nothing leaves twice."""
    data = json.dumps(trend()).encode()
    old = Verdict("TH-TREND-2026-000001", 1, "published").kept(hashlib.blake2b(data, digest_size=32).digest())
    with th.core.transaction() as connection:
        name = hashlib.blake2b(b"desk\0actual\0keyone", digest_size=32).digest()
        access.keep_answers(connection, th.core.vault, [(name, old, th.now)])
    assert publish_bytes(th, data, b"one").verdict == "key-reused"


def test_an_answer_that_somebody_wrote_to_a_key_to_come_is_no_match(th: CoreKit) -> None:
    """Whoever writes the database guesses a program's next key: the author is not told that it was published."""
    name = hashlib.blake2b(b"desk\0actual\0keyone", digest_size=32).digest()
    made_up = Verdict("TH-ALERT-2026-000001", 1, "published").kept(None)
    planted = (name[: access.KEY], made_up, th.now)
    assert stores.write(th.folder, "insert into request (key, answer, at) values (?, ?, ?)", planted)
    data = json.dumps(body("alert-new-route")).encode()
    assert publish_bytes(th, data, b"one").verdict == "key-reused"
    assert publish_bytes(th, data, b"two").verdict == "published"
    assert publish_bytes(th, data, b"two").is_replayed


def answers(kit: CoreKit) -> list[tuple[bytes, bytes]]:
    """(key, answer) as the store has them, oldest first."""
    return [(bytes(row.key), bytes(row.answer)) for row in rows(kit, "select key, answer from request order by at")]


@pytest.mark.parametrize(("first", "second"), [(None, None), (b"one", b"two")])
def test_an_answer_that_was_exchanged_for_another_is_no_match(
    th: CoreKit, first: bytes | None, second: bytes | None
) -> None:
    """Whoever writes the database has a program take another message for its own; with a key even of equal bytes."""
    one = json.dumps(body("alert-new-route")).encode()
    other = one if first else json.dumps(body("contact-hotline")).encode()
    published = [publish_bytes(th, one, first)]
    th.now += 1
    published.append(publish_bytes(th, other, second))
    assert len({each.id for each in published}) == 2
    names, kept = zip(*answers(th), strict=True)
    for name, answer in zip(names, kept[::-1], strict=True):
        assert stores.write(th.folder, "update request set answer = ? where key = ?", (answer, name)) == 1
    for data, key in ((one, first), (other, second)):
        assert publish_bytes(th, data, key).verdict == "key-reused"
    assert publish_bytes(th, one, b"three").verdict == "published", "another request is not affected"


def test_an_answer_that_was_edited_is_no_match(th: CoreKit) -> None:
    """With the hash of the bytes that its row had: the id alone is another one."""
    data = json.dumps(body("alert-new-route")).encode()
    made = publish_bytes(th, data, b"one")
    ((_, answer),) = answers(th)
    edited = answer.replace(str(made.id).encode(), str(made.id).replace("TH-", "SG-").encode())
    assert edited != answer
    assert stores.write(th.folder, "update request set answer = ?", (edited,)) == 1
    assert publish_bytes(th, data, b"one").verdict == "key-reused"
    assert checking.check(th.core, data, "actual", "desk")["verdict"] == "pass"


@pytest.mark.sqlite  # another database refuses a text in a column of bytes
def test_an_answer_of_another_type_is_no_match(th: CoreKit) -> None:
    data = json.dumps(body("alert-new-route")).encode()
    publish_bytes(th, data, None)
    assert stores.write(th.folder, "update request set answer = 'x'") == 1
    assert publish_bytes(th, data, None).verdict == "key-reused"


@pytest.mark.parametrize("key", [None, b"one"])
@pytest.mark.parametrize("change", ["delete from request", "update request set at = 1"])
def test_a_trend_is_not_published_twice_when_its_answer_was_deleted(
    th: CoreKit, change: str, key: bytes | None
) -> None:
    """The limit: what is no trend is published again, under another id. The audit has a line of each publication."""
    table, news = json.dumps(trend()).encode(), json.dumps(body("alert-new-route")).encode()
    keys = [key and key + name for name in (b"table", b"news")]
    made = [publish_bytes(th, *each) for each in zip((table, news), keys, strict=True)]
    assert stores.write(th.folder, change) == 2
    with th.core.transaction() as connection:
        access.forget_answers(connection, th.now - DAY)
    again = [publish_bytes(th, *each) for each in zip((table, news), keys, strict=True)]
    assert (again[0].id, again[0].is_replayed) == (made[0].id, True)
    assert (again[1].verdict, again[1].is_replayed) == ("published", False)
    assert again[1].id != made[1].id
    lines = [row.about.split()[0] for row in rows(th, "select about from audit where what = 'publish' order by n")]
    assert lines == [made[0].id, made[1].id, again[1].id]


def test_a_trend_is_published_twice_when_its_content_was_deleted_too(th: CoreKit) -> None:
    data = json.dumps(trend()).encode()
    made = publish_bytes(th, data, None)
    for table in ("request", "content"):
        assert stores.write(th.folder, f"delete from {table}") == 1
    again = publish_bytes(th, data, None)
    assert (again.verdict, again.is_replayed) == ("published", False)
    assert again.id != made.id


def test_a_content_that_names_another_message_is_no_match(th: CoreKit) -> None:
    """Whoever writes the database has a program take another message for its own, and cancel that."""
    first, second = (json.dumps(trend(source={**trend()["source"], "credibility": at})).encode() for at in (2, 3))
    made = [publish_bytes(th, data, None) for data in (first, second)]
    kept = {row.id.split(" ")[0]: row for row in rows(th, "select name, id from content")}
    one, other = (kept[str(each.id)] for each in made)
    assert stores.write(th.folder, "delete from request") == 2
    for written in (other.id, str(made[1].id), f"{made[1].id} {one.id.split(' ')[1]}"):
        assert stores.write(th.folder, "update content set id = ? where name = ?", (written, bytes(one.name))) == 1
        again = publish_bytes(th, first, None)
        assert (again.verdict, again.id) == ("key-reused", None)
    assert rows(th, "select key from request") == []
    assert [row.message_id[:8] for row in rows(th, "select message_id from alarm")] == ["content "]
    assert publish_bytes(th, second, None).id == made[1].id


def test_an_update_whose_answer_was_deleted_gets_one_revision_more(th: CoreKit) -> None:
    made = body("contact-hotline")
    first = publish(th, made)
    full = json.dumps({**made, "action": "update", "id": first.id, "capacity": "full"}).encode()
    assert [publish_bytes(th, full, b"two").rev for _ in range(2)] == [2, 2]
    assert stores.write(th.folder, "delete from request") == 2
    again = publish_bytes(th, full, b"two")
    assert (again.id, again.rev, again.is_replayed) == (first.id, 3, False)


def test_a_deleted_answer_publishes_no_message_that_was_held_without_its_second_person(th: CoreKit) -> None:
    extreme = json.dumps(body("alert-new-route", severity="extreme")).encode()
    first = publish_bytes(th, extreme, b"one")
    assert stores.write(th.folder, "delete from request") == 1
    again = publish_bytes(th, extreme, b"one")
    assert (first.verdict, again.verdict) == ("held", "held")
    assert again.id != first.id


def test_a_cancelled_message_is_published_again_when_its_answer_was_deleted(th: CoreKit) -> None:
    """As another message: the one that was recalled stays recalled."""
    alert = json.dumps(body("alert-new-route")).encode()
    first = publish_bytes(th, alert, b"one")
    cancelling.cancel(th.core, str(first.id), "desk", "a mistake")
    assert publish_bytes(th, alert, b"one").verdict == "refused"
    assert stores.write(th.folder, "delete from request") >= 1
    again = publish_bytes(th, alert, b"one")
    assert (again.verdict, again.is_replayed) == ("published", False)
    assert again.id != first.id


def test_answers_of_a_version_before_are_bound_to_their_keys_once(th: CoreKit) -> None:
    """A program that repeats its request across an upgrade gets its answer."""
    data = json.dumps(body("alert-new-route")).encode()
    made = [publish_bytes(th, data, key) for key in (None, b"one")]
    kept = dict(answers(th))
    with th.core.transaction() as connection:
        for key in (None, b"one"):
            (name,) = repeats.request_of(th.core, "desk", "actual", data, key).names
            before = {"key": name, "answer": kept[name[: access.KEY]][access.BOUND :]}
            connection.execute(update(t.request).where(t.request.c.key == name[: access.KEY]).values(before))
        access.bind_answers(connection, th.core.vault)
        access.bind_answers(connection, th.core.vault)
    assert dict(answers(th)) == kept
    assert [publish_bytes(th, data, key).id for key in (None, b"one")] == [each.id for each in made]


# -- the check says what publishing says


def test_the_check_of_a_file_that_was_cancelled_says_so(th: CoreKit) -> None:
    data = json.dumps(body("alert-new-route")).encode()
    first = publish_bytes(th, data, None)
    assert first.id is not None
    assert checking.check(th.core, data, "actual", "desk")["verdict"] == "pass", "it has the answer of before"
    cancelling.cancel(th.core, first.id, "desk", "a mistake")
    verdict = checking.check(th.core, data, "actual", "desk")
    (reason,) = publish_bytes(th, data, None).reasons
    assert (verdict["verdict"], verdict["reasons"]) == ("refuse", [reason.shape()])
    assert checking.check(th.core, data, "actual", "another")["verdict"] == "pass", "its request was not this one"
    assert checking.check(th.core, data, "exercise", "desk")["verdict"] == "pass", "nor is that of the other realm"


def test_the_check_of_a_file_that_was_rejected_says_so(th: CoreKit) -> None:
    data = json.dumps(body("alert-new-route", severity="extreme")).encode()
    first = publish_bytes(th, data, None)
    assert first.id is not None
    held.reject(th.core, first.id, "another", "not yet")
    verdict = checking.check(th.core, data, "actual", "desk")
    assert (verdict["verdict"], verdict["reasons"][0]["code"]) == ("refuse", "E-MESSAGE-CANCELLED")


def test_a_table_that_replaced_another_is_known_by_its_content(th: CoreKit) -> None:
    first = publish(th, trend(expires=expires(30)))
    text = [{"lang": "en", "title": "Corrected", "summary": "Counted again."}]
    data = json.dumps(trend(expires=expires(30), text=text)).encode()
    done = cancelling.cancel(th.core, str(first.id), "desk", "a mistake", data)
    assert done is not None
    assert done.replacement is not None
    again = publish(th, trend(expires=expires(60), text=text))
    assert (again.id, again.is_replayed) == (done.replacement.id, True)
