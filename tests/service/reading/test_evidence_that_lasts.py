"""Evidence beyond a month: time stamps of a real authority, what is kept of frames, later revisions, the author."""

import asyncio
import json
import random
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import Connection

from suar.protocol.base import limits
from suar.protocol.base.errors import Fault
from suar.protocol.base.primitives import ACTUAL
from suar.protocol.files import container, trust_file
from suar.protocol.files import evidence as files
from suar.protocol.files.evidence import Unproved, read
from suar.protocol.files.proof import verify
from suar.protocol.files.stamps import Authority, decode
from suar.protocol.files.standing import Supplied
from suar.protocol.transport.content import digest
from suar.service.pacing.wake import Wake
from suar.service.process.background.loop_evidence import EvidenceKeeping
from suar.service.process.gateway import Gateway
from suar.service.publish import accepting, cancelling
from suar.service.reading import containing, evidence, proof_keeping, stamping
from suar.service.reading.authority import NotStamped, request_token
from suar.service.settings.config import load
from suar.service.status import audit_paths
from suar.store.inbound import world_rows
from suar.store.messages import stamps
from support import read_out, stores
from support.authority import Answer, Making, served
from support.authority import Authority as Issuer
from support.corekit import CoreKit, rows
from support.damage import damaged
from support.gateways import draft
from support.kit import actor, make_revoke
from support.proving import carry, proved, publish


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Issuer:
    return Issuer(tmp_path_factory.mktemp("tsa") / "own")


def configure(kit: CoreKit, issuer: Issuer, url: str, *more: str) -> None:
    """Name the authority in suar.toml."""
    (kit.folder / "tsa.pem").write_bytes(issuer.ca)
    lines = ["", "[evidence]", f'authority = "{url}"', 'authority_ca_file = "tsa.pem"', *more, ""]
    file = kit.folder / "suar.toml"
    file.write_text(file.read_text() + "\n".join(lines))
    kit.restart()


def stamp(kit: CoreKit) -> int:
    """What the loop does once a day; how many leaves the tree has."""
    tree = stamping.collect(kit.core)
    if tree is None:
        return 0
    token = asyncio.run(request_token(kit.core.config, tree.statement))
    stamping.keep(kit.core, tree, token)
    return len(tree.leaves)


def keep(kit: CoreKit) -> int:
    found = proof_keeping.collect(kit.core)
    proof_keeping.keep(kit.core, found)
    return len(found)


def export(kit: CoreKit, id_: str, rev: int | None = None) -> bytes:
    found = read_out.export(kit.core, id_, rev, "desk")
    assert found is not None
    return found.data


# -- time


def test_the_time_of_a_message_is_proved_under_the_verifiers_authority(
    pair: tuple[CoreKit, CoreKit], issuer: Issuer, tmp_path: Path
) -> None:
    th, sg = pair
    ids = publish(th, "one", "two")
    carry(th, sg)
    carry(sg, th)
    with served(lambda query: (200, issuer.reply(query))) as url:
        for kit in pair:
            configure(kit, issuer, url)
            assert stamp(kit) > 3
    for kit in pair:
        file = export(kit, ids[0])
        found = verify(file, kit.lists.hash(), Supplied(authority=Authority(issuer.ca)))
        assert found.moment is not None
        assert verify(file, kit.lists.hash()).moment is None
        other = Issuer(tmp_path / f"other-{kit.code}")
        assert verify(file, kit.lists.hash(), Supplied(authority=Authority(other.ca))).moment is None
    assert [found.standing.moment(1, one.frame.hash) is not None for one in found.receipts] == []
    ours = verify(export(th, ids[0]), th.lists.hash(), Supplied(authority=Authority(issuer.ca)))
    assert [ours.standing.moment(1, one.frame.hash) is not None for one in ours.receipts] == [True]


def stamped_message(pair: tuple[CoreKit, CoreKit], issuer: Issuer) -> str:
    """The id of a message of TH that SG has, stamped by this authority."""
    th, sg = pair
    (id_,) = publish(th, "one")
    carry(th, sg)
    with served(lambda query: (200, issuer.reply(query))) as url:
        configure(th, issuer, url)
        stamp(th)
    return id_


@pytest.mark.parametrize("change", ["position = 999", "position = -1", "position = position + 1"])
def test_who_moves_a_stamped_value_in_the_store_prevents_no_export(
    pair: tuple[CoreKit, CoreKit], issuer: Issuer, change: str
) -> None:
    """Where it stands in its tree is an index; the leaves are sealed."""
    th, _ = pair
    id_ = stamped_message(pair, issuer)
    assert read(export(th, id_)).stamps
    assert stores.write(th.folder, f"update stamped set {change}") > 1
    file = export(th, id_)
    assert read(file).stamps == ()
    assert verify(file, th.lists.hash(), Supplied(authority=Authority(issuer.ca))).moment is None


@pytest.mark.sqlite  # another database refuses a text in a column of numbers
def test_a_text_for_the_number_of_a_stamp_prevents_no_export(pair: tuple[CoreKit, CoreKit], issuer: Issuer) -> None:
    test_who_moves_a_stamped_value_in_the_store_prevents_no_export(pair, issuer, "stamp = 'x'")


@pytest.mark.parametrize("column", ["token", "leaves", "leaves_key", "root", "signature"])
def test_who_alters_a_tree_of_time_stamps_in_the_store_prevents_no_export(
    pair: tuple[CoreKit, CoreKit], issuer: Issuer, column: str
) -> None:
    """The token is left out, and the export says that the time is claimed."""
    th, _ = pair
    id_ = stamped_message(pair, issuer)
    assert read(export(th, id_)).stamps
    assert stores.write(th.folder, f"update stamp set {column} = ?", (bytes(32),)) == 1
    file = export(th, id_)
    assert read(file).stamps == ()
    assert verify(file, th.lists.hash(), Supplied(authority=Authority(issuer.ca))).moment is None


def findings(kit: CoreKit) -> str | None:
    """What the store's verification finds, once it was through all tables."""
    kit.now += 1
    while kit.core.integrity.verified_at != kit.now:
        kit.aside(kit.core.integrity.verify_next, kit.now, kit.core.pause_between_reads)
    return kit.core.integrity.finding


def test_who_keeps_a_frame_from_being_stamped_is_noticed(pair: tuple[CoreKit, CoreKit], issuer: Issuer) -> None:
    """A value of `stamped` is in no later tree."""
    th, _ = pair
    publish(th, "one")
    carry(*pair)
    (frame,) = {row.frame_hash for row in rows(th, "select frame_hash from place")}
    assert findings(th) is None
    assert stores.write(th.folder, "insert into stamped (value, stamp, position) values (?, 1, 0)", (frame,)) == 1
    assert findings(th) == f"table stamped: row {frame.hex()} is not as this gateway wrote it"


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("delete from stamp", "table stamp: 0 rows where this gateway wrote 1"),
        ("update stamp set line = line + 1", "table stamp: row 1 is not as this gateway wrote it"),
        ("delete from stamped where position = 0", "rows where this gateway wrote"),
    ],
)
def test_time_stamps_that_were_deleted_or_altered_are_noticed(
    pair: tuple[CoreKit, CoreKit], issuer: Issuer, change: str, found: str
) -> None:
    th, _ = pair
    stamped_message(pair, issuer)
    assert findings(th) is None
    assert stores.write(th.folder, change) == 1
    assert found in str(findings(th))


def test_a_token_of_the_export_is_sound_for_openssl(
    pair: tuple[CoreKit, CoreKit], issuer: Issuer, tmp_path: Path
) -> None:
    (id_,) = publish(pair[0], "one")
    carry(*pair)
    with served(lambda query: (200, issuer.reply(query))) as url:
        configure(pair[0], issuer, url)
        stamp(pair[0])
    for content in read(export(pair[0], id_)).stamps:
        each = decode(content)
        assert each is not None
        (tmp_path / "said").write_bytes(each.statement or b"")
        (tmp_path / "token").write_bytes(each.token)
        done = issuer.verify(tmp_path / "said", tmp_path / "token")
        assert "Verification: OK" in done.stdout, done.stderr


def test_a_tree_has_so_many_leaves_and_the_next_one_the_others(
    pair: tuple[CoreKit, CoreKit], issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    th, sg = pair
    monkeypatch.setattr(stamping, "TREE_MAX", 4)
    publish(th, "one", "two", "three")
    carry(th, sg)
    with served(lambda query: (200, issuer.reply(query))) as url:
        configure(th, issuer, url)
        assert [stamp(th) for _ in range(2)] == [4, 2]


def test_a_day_is_stamped_once(pair: tuple[CoreKit, CoreKit], issuer: Issuer) -> None:
    th = pair[0]
    publish(th, "one")
    carry(*pair)
    assert stamping.is_due(th.core)
    with served(lambda query: (200, issuer.reply(query))) as url:
        configure(th, issuer, url)
        first = stamp(th)
        assert first
        assert not stamping.is_due(th.core)
        assert stamp(th) == 0  # nothing is new
        th.now += limits.DAY
        assert stamping.is_due(th.core)
        publish(th, "two")
        assert 0 < stamp(th) < first


def test_the_leaves_and_salts_are_sealed(pair: tuple[CoreKit, CoreKit], issuer: Issuer) -> None:
    th = pair[0]
    publish(th, "one")
    carry(*pair)
    tree = stamping.collect(th.core)
    assert tree is not None
    with served(lambda query: (200, issuer.reply(query))) as url:
        configure(th, issuer, url)
        stamping.keep(th.core, tree, asyncio.run(request_token(th.core.config, tree.statement)))
    keep(th)
    th.close()
    data = b"".join(path.read_bytes() for path in th.folder.glob("suar.db*"))
    assert not [leaf for leaf in tree.leaves if leaf.salt in data]
    th.restart()


def _refused(issuer: Issuer) -> dict[str, Answer]:
    wrong = b"\x30\x03\x02\x01\x00"
    return {
        "status 500": lambda query: (500, issuer.reply(query)),
        "status 302": lambda query: (302, b""),
        "no token": lambda query: (200, wrong),
        "too long": lambda query: (200, issuer.reply(query) + bytes(70_000)),
    }


@pytest.mark.parametrize("why", ["status 500", "status 302", "no token", "too long"])
def test_an_answer_that_is_no_token_is_not_kept(pair: tuple[CoreKit, CoreKit], issuer: Issuer, why: str) -> None:
    th = pair[0]
    publish(th, "one")
    carry(*pair)
    with served(_refused(issuer)[why]) as url:
        configure(th, issuer, url)
        with pytest.raises(NotStamped) as outcome:
            stamp(th)
        assert outcome.value.why == why
    assert stamping.is_due(th.core)


def test_a_token_of_another_authority_or_of_another_question_is_not_kept(
    pair: tuple[CoreKit, CoreKit], issuer: Issuer, tmp_path: Path
) -> None:
    th, other = pair[0], Issuer(tmp_path / "other")
    publish(th, "one")
    carry(*pair)
    kept: list[bytes] = []

    def first_answer(query: bytes) -> tuple[int, bytes]:
        kept.append(issuer.reply(query))
        return 200, kept[0]

    with served(lambda query: (200, other.reply(query))) as url:
        configure(th, issuer, url)
        with pytest.raises(NotStamped, match="not of the authority"):
            stamp(th)
    with served(first_answer) as url:
        file = th.folder / "suar.toml"
        file.write_text(file.read_text().replace('authority = "', f'authority = "{url}" # '))
        th.restart()
        asyncio.run(request_token(th.core.config, b"first"))
        with pytest.raises(NotStamped, match="not of the authority"):
            stamp(th)


def test_a_token_that_rests_on_something_weak_is_not_kept(pair: tuple[CoreKit, CoreKit], tmp_path: Path) -> None:
    """No verifier would take a time from it; the log says what is too weak."""
    weak = Issuer(tmp_path / "weak", making=Making(signer=("rsa:1024",)))
    publish(pair[0], "one")
    with served(lambda query: (200, weak.reply(query))) as url:
        configure(pair[0], weak, url)
        with pytest.raises(NotStamped, match="weak: RSA 1024"):
            stamp(pair[0])


def test_a_member_that_does_not_answer_is_skipped(pair: tuple[CoreKit, CoreKit], issuer: Issuer) -> None:
    import socket

    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        configure(pair[0], issuer, f"http://127.0.0.1:{silent.getsockname()[1]}/", "timeout_seconds = 1")
        publish(pair[0], "one")
        with pytest.raises(NotStamped, match="timeout"):
            stamp(pair[0])


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (['authority = "http://tsa.example/"', 'authority_ca_file = "x"'], "https:// beyond this machine"),
        (['authority = "https://tsa.example/"'], "authority_ca_file"),
        (['authority = "ftp://tsa.example/"'], "authority"),
        (['authority = "https://me:pw@tsa.example/"', 'authority_ca_file = "x"'], "authority"),
    ],
)
def test_an_authority_is_reached_by_tls_and_judged_by_certificates(
    pair: tuple[CoreKit, CoreKit], lines: list[str], text: str
) -> None:
    file = pair[0].folder / "suar.toml"
    file.write_text(file.read_text() + "\n".join(["", "[evidence]", *lines, ""]))
    with pytest.raises(Fault, match=text):
        load(pair[0].folder, {})


def test_off_by_default(pair: tuple[CoreKit, CoreKit]) -> None:
    chosen = pair[0].core.config.evidence
    assert (chosen.authority, chosen.show_author, chosen.keep) == ("", False, True)


# -- revocation


def test_an_undated_revoke_of_the_verifier_undoes_a_stamped_proof(
    pair: tuple[CoreKit, CoreKit], issuer: Issuer
) -> None:
    """And what the verifier brings is what a gateway that it trusts exports: lists, Revokes, their time stamps."""
    th, sg = pair
    (id_,) = publish(th, "one")
    carry(th, sg)
    authority = Authority(issuer.ca)
    with served(lambda query: (200, issuer.reply(query))) as url:
        configure(sg, issuer, url)
        stamp(sg)
        before = export(sg, id_)
        revoke = make_revoke(actor("TH"))
        supplied = Supplied(revokes=(revoke,), authority=authority)
        with pytest.raises(Unproved, match="was revoked"):
            verify(before, sg.lists.hash(), supplied)
    content = trust_file.read(containing.export_trust(sg.core))
    assert content.lists == (sg.lists.signed(),)
    assert [decode(each).what for each in content.stamps if decode(each)] == [4]  # type: ignore[union-attr]  # not None
    assert verify(before, sg.lists.hash(), Supplied(content.lists, content.revokes)).standing.checked.is_whole


# -- what is kept


def test_a_message_is_proved_after_its_keys_are_erased(pair: tuple[CoreKit, CoreKit]) -> None:
    th, sg = pair
    ids = publish(th, "a", "b", "c")
    carry(th, sg)
    carry(sg, th)
    before = {kit.code: export(kit, ids[1]) for kit in pair}
    for kit in pair:
        assert keep(kit) > 0
        assert keep(kit) == 0
        with kit.core.transaction() as connection:
            world_rows.erase_seeds(connection, kit.now + 60 * limits.DAY)
            connection.exec_driver_sql("delete from outbox")
        kit.restart()
        assert export(kit, ids[1]) == before[kit.code]
        assert proved(kit, ids[1])[0].frames[0].content_index == 1


def test_what_was_kept_is_destroyed_by_a_recall(pair: tuple[CoreKit, CoreKit]) -> None:
    th, sg = pair
    ids = publish(th, "a", "b")
    carry(th, sg)
    assert keep(sg) > 0
    late = proof_keeping.collect(th.core)
    assert late
    cancel(th, ids[0])
    again = proof_keeping.collect(sg.core)
    carry(th, sg)
    with sg.core.transaction() as connection:
        rows = connection.exec_driver_sql("select sealed from kept_proof").all()
    assert rows == []
    proof_keeping.keep(sg.core, again)  # collected before the recall
    keep(sg)
    with sg.core.transaction() as connection:
        left = "select sealed from kept_proof where frame_hash in (select frame_hash from message where frame is null)"
        assert all(len(row[0]) < 48 for row in connection.exec_driver_sql(left))  # less than one salt and leaf
    with pytest.raises(Fault):
        export(sg, ids[0], 1)


def cancel(kit: CoreKit, id_: str) -> None:
    cancelling.cancel(kit.core, id_, "wrong border post", "desk")


# -- what became of it


def test_a_cancelled_revision_says_by_which_and_proves_it(pair: tuple[CoreKit, CoreKit]) -> None:
    th, sg = pair
    (id_,) = publish(th, "wrong")
    carry(th, sg)
    cancel(th, id_)
    carry(th, sg)
    found, file = verify(export(th, id_, 1), th.lists.hash()), export(th, id_, 1)
    assert [(one.message.rev, one.message.action, one.is_proved) for one in found.later] == [(2, "cancel", True)]
    assert found.message.rev == 1
    assert verify(export(th, id_), th.lists.hash()).later == []
    rng = random.Random(3)
    for _ in range(200):
        with pytest.raises(Unproved):
            verify(damaged(rng, file), th.lists.hash())


def test_a_file_has_so_many_later_revisions(pair: tuple[CoreKit, CoreKit], monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest ones: a cancel, which is the last, is always there."""
    th, sg = pair
    (id_,) = publish(th, "wrong")
    carry(th, sg)
    update = json.dumps(draft("less wrong", "all", expires="2027-01-30T00:00:00Z") | {"id": id_, "action": "update"})
    (verdict,) = accepting.accept(th.core, [(update.encode(), None)], realm="actual", token="desk")
    assert verdict.verdict == "published", verdict
    carry(th, sg)
    cancel(th, id_)
    carry(th, sg)
    assert [one.message.rev for one in verify(export(th, id_, 1), th.lists.hash()).later] == [2, 3]
    monkeypatch.setattr(evidence, "LATER_MAX", 1)
    (later,) = verify(export(th, id_, 1), th.lists.hash()).later
    assert (later.message.rev, later.message.action) == (3, "cancel")
    monkeypatch.setattr(evidence, "LATER_MAX", 0)
    assert verify(export(th, id_, 1), th.lists.hash()).later == []


# -- the author


def test_the_author_is_shown_with_the_members_consent_alone(pair: tuple[CoreKit, CoreKit], issuer: Issuer) -> None:
    th, sg = pair
    (id_,) = publish(th, "one")
    carry(th, sg)
    with served(lambda query: (200, issuer.reply(query))) as url:
        configure(th, issuer, url)
        stamp(th)
        plain = export(th, id_)
        assert verify(plain, th.lists.hash()).lines == []
        assert digest(verify(plain, th.lists.hash()).data).hex().encode() not in plain
        file = th.folder / "suar.toml"
        file.write_text(file.read_text() + "show_author = true\n")
        th.restart()
        found = verify(export(th, id_), th.lists.hash())
    (line,) = found.lines
    assert (line.who, line.what, line.about) == ("desk", "publish", f"{id_} 1 {digest(found.data).hex()}")


# -- export judges what it writes


def test_an_export_that_proves_nothing_is_refused(
    pair: tuple[CoreKit, CoreKit], monkeypatch: pytest.MonkeyPatch
) -> None:
    th, sg = pair
    (id_,) = publish(th, "one")
    carry(th, sg)
    real = files.write
    monkeypatch.setattr(files, "write", lambda content: real(content._replace(message=b"{}")))
    with pytest.raises(Fault, match="cannot be proved"):
        export(th, id_)


def test_a_message_of_a_revoked_key_is_not_exported_as_proved(pair: tuple[CoreKit, CoreKit]) -> None:
    th, sg = pair
    (id_,) = publish(th, "one")
    carry(th, sg)
    with th.core.transaction():
        th.core.world.trust.apply_revoke(actor("TH").kid, make_revoke(actor("TH")))
        th.core.publish_status()
    with pytest.raises(Fault, match="was revoked"):
        export(th, id_)


# -- the loop


class Run:
    """What the loop uses of a running gateway; it stops once `until` values are placed, if that is given."""

    def __init__(self, kit: CoreKit, until: int = 1_000_000) -> None:
        self.kit, self.core, self.wake, self.reports, self._until = kit, kit.core, Wake(), list[str](), until

    @property
    def is_running(self) -> bool:
        return placed(self.kit) < self._until

    def log_fault(self, event: str, level: str, **facts: object) -> None:
        self.reports.append(event)


def run_loop(run: Run) -> list[str]:
    """What it does once a minute; what it reported."""
    asyncio.run(EvidenceKeeping(run).run_once())  # type: ignore[arg-type]  # see Run
    return run.reports


def test_the_loop_keeps_and_stamps(pair: tuple[CoreKit, CoreKit], issuer: Issuer) -> None:
    th, sg = pair
    (id_,) = publish(th, "one")
    carry(th, sg)

    with served(lambda query: (200, issuer.reply(query))) as url:
        configure(th, issuer, url)
        assert run_loop(Run(th)) == []
    found = verify(export(th, id_), th.lists.hash(), Supplied(authority=Authority(issuer.ca)))
    assert found.moment is not None
    assert keep(th) == 0


def placed(kit: CoreKit) -> int:
    """How many values have a position in a tree."""
    (row,) = rows(kit, "select count(*) as n from stamped")
    return int(row.n)


def test_the_positions_of_a_tree_are_stored_in_bounded_transactions(
    pair: tuple[CoreKit, CoreKit], issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each row is hashed: a tree of 8,192 at once held the core's thread for 70 ms on a file, 300 ms on PostgreSQL."""
    th, sg = pair
    ids = publish(th, *"abcdefgh")
    carry(th, sg)
    monkeypatch.setattr(stamping, "POSITIONS_BATCH", 3)
    sizes, before = list[int](), stamps.add_positions

    def add_positions(connection: Connection, added: Sequence[stamps.Stamped]) -> None:
        sizes.append(len(added))
        before(connection, added)

    monkeypatch.setattr(stamps, "add_positions", add_positions)
    with served(lambda query: (200, issuer.reply(query))) as url:
        configure(th, issuer, url)
        assert run_loop(Run(th)) == []
        assert placed(th) == sum(sizes) > 6
        assert max(sizes) == 3
        assert run_loop(Run(th)) == []
    assert [row.n for row in rows(th, "select count(*) as n from stamp")] == [1]
    for id_ in ids:
        found = verify(export(th, id_), th.lists.hash(), Supplied(authority=Authority(issuer.ca)))
        assert found.moment is not None


def test_a_stop_between_two_of_them_loses_no_position(
    pair: tuple[CoreKit, CoreKit], issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    th, sg = pair
    ids = publish(th, *"abcdefgh")
    carry(th, sg)
    monkeypatch.setattr(stamping, "POSITIONS_BATCH", 2)
    with served(lambda query: (200, issuer.reply(query))) as url:
        configure(th, issuer, url)
        wanted = stamping.collect(th.core)
        assert wanted is not None
        assert run_loop(Run(th, until=4)) == []
        assert placed(th) == 4 < len(wanted.leaves)
        th.restart()
        assert run_loop(Run(th)) == []
    assert placed(th) == len(wanted.leaves)
    assert findings(th) is None
    assert [row.n for row in rows(th, "select count(*) as n from stamp")] == [1]
    for id_ in ids:
        found = verify(export(th, id_), th.lists.hash(), Supplied(authority=Authority(issuer.ca)))
        assert found.moment is not None


def test_a_draft_accepted_at_once_has_its_digest_in_the_audit(pair: tuple[CoreKit, CoreKit]) -> None:
    body = json.dumps(draft("x", expires="2027-01-30T00:00:00Z")).encode()
    (verdict,) = accepting.accept(pair[0].core, [(body, None)], realm=ACTUAL, token="desk")
    with pair[0].core.transaction() as connection:
        (about,) = connection.exec_driver_sql("select about from audit where what = 'publish'").scalars()
        (name,) = connection.exec_driver_sql("select digest from message").scalars()
    assert about == f"{verdict.id} 1 {name.hex()}"


# -- containers


def test_a_container_is_made_and_renewed_and_proves_the_time(
    pair: tuple[CoreKit, CoreKit], issuer: Issuer, tmp_path: Path
) -> None:
    th, sg = pair
    (id_,) = publish(th, "one")
    carry(th, sg)
    exported = evidence.export(th.core, id_, None)
    assert exported is not None
    with served(lambda query: (200, issuer.reply(query))) as url:
        configure(th, issuer, url)
        data = asyncio.run(containing.stamped(th.core.config, containing.objects_of(th.core, exported)))
        again = asyncio.run(containing.stamped(th.core.config, container.read(data), 2))
    found = container.read(again)
    assert [layer.algorithm for layer in found.layers] == [1, 2]
    assert found.objects[container.EVIDENCE] == exported.data
    assert trust_file.read(found.objects[container.TRUST]).lists == (th.lists.signed(),)
    times = container.moments(found, Authority(issuer.ca))
    assert None not in times
    proved_ = verify(found.objects[container.EVIDENCE], th.lists.hash(), Supplied(file=times[0]))
    assert proved_.moment == times[0]
    assert found.objects[container.MESSAGE] == proved_.data


async def contained(kit: CoreKit, id_: str) -> container.Container:
    """What the gateway gives as the container of a message."""
    gateway = Gateway(kit.unlent, Wake())
    found = await gateway.container(id_, rev=None, exported_by="desk")
    assert found is not None
    return container.read(found.data)


def test_a_container_proves_who_published_by_a_path_and_without_consent_says_nothing(
    pair: tuple[CoreKit, CoreKit], issuer: Issuer
) -> None:
    """No day was stamped: the line is proved by the signed head and the path to it."""
    th, sg = pair
    (id_,) = publish(th, "one")
    carry(th, sg)
    with served(lambda query: (200, issuer.reply(query))) as url:
        configure(th, issuer, url)
        plain = asyncio.run(contained(th, id_))
        file = th.folder / "suar.toml"
        file.write_text(file.read_text() + "show_author = true\n")
        th.restart()
        shown = asyncio.run(contained(th, id_))
        configure(sg, issuer, url, "show_author = true")
        theirs = asyncio.run(contained(sg, id_))
    for each in (plain, theirs):
        assert list(each.objects) == list(container.OBJECTS)
        assert container.judge(each, th.lists.hash(), Supplied())[0].lines == []
    proved_, (moment,) = container.judge(shown, th.lists.hash(), Supplied(authority=Authority(issuer.ca)))
    (line,) = proved_.lines
    assert (line.who, line.what, line.about) == ("desk", "publish", f"{id_} 1 {digest(proved_.data).hex()}")
    assert moment is not None
    assert read(shown.objects[container.EVIDENCE]).lines == (), "it is proved by its path alone"


def test_lines_that_do_not_verify_are_not_exported(
    pair: tuple[CoreKit, CoreKit], issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    th, sg = pair
    one, other = publish(th, "one", "two")
    carry(th, sg)
    real = audit_paths.report_author
    monkeypatch.setattr(audit_paths, "report_author", lambda core, id_, rev: real(core, other, rev))
    with served(lambda query: (200, issuer.reply(query))) as url:
        configure(th, issuer, url, "show_author = true")
        with pytest.raises(Fault, match="not those of TH about"):
            asyncio.run(contained(th, one))


def test_without_an_authority_there_is_no_container(pair: tuple[CoreKit, CoreKit], issuer: Issuer) -> None:
    th = pair[0]
    empty = container.Container(dict.fromkeys(container.OBJECTS, b"x"), ())
    with pytest.raises(Fault, match="no time-stamping authority"):
        asyncio.run(containing.stamped(th.core.config, empty))
    with served(lambda query: (500, b"")) as url:
        configure(th, issuer, url)
        with pytest.raises(Fault, match="gave no token: status 500"):
            asyncio.run(containing.stamped(th.core.config, empty))
