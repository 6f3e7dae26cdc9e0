"""An archive: what it keeps of each message, and that nothing of it can be changed, left out or added unseen."""

import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from suar.protocol.base import limits
from suar.protocol.base.errors import Fault
from suar.service.custody import holds, retention
from suar.service.publish import cancelling
from suar.service.recovery import archive, archive_file, backup_file
from suar.service.recovery.archive_file import Head
from suar.service.settings import sealed
from suar.service.settings.sealed import Seal
from suar.service.settings.sections.evidence_config import RetentionSettings
from suar.service.status import auditing
from support.corekit import PASSPHRASE, CoreKit, rows
from support.evidence_keys import KEYS, configure
from support.proving import carry, publish

Parts = list[tuple[int, bytes]]


def new_seal() -> Seal:
    return Seal.new(archive_file.PURPOSE, PASSPHRASE, sealed.FLOOR)


def archived(kit: CoreKit, folder: Path, before: int | None = None) -> list[Path]:
    auditing.sign(kit.core)
    until = kit.now + 1 if before is None else before
    return archive.make(kit.core, folder, new_seal(), until, "operator", retention.is_due)


def verified(folder: Path, kit: CoreKit) -> archive_file.Verified:
    return archive_file.verify(folder, PASSPHRASE, kit.lists.hash())


def parts_of(path: Path) -> Parts:
    """What stands in a segment; with the passphrase anybody can say so."""
    with path.open("rb") as file:
        reader = backup_file.Reader(file, PASSPHRASE, path, magic=archive_file.MAGIC, purpose=archive_file.PURPOSE)
        found: Parts = []
        while not found or found[-1][0] != archive_file.END:
            start = reader.read(5)
            found.append((start[0], reader.read(int.from_bytes(start[1:], "big"))))
        reader.end()
    return found


def write(path: Path, parts: Parts) -> None:
    """A segment of other parts, by whoever has the passphrase."""
    with path.open("wb") as file:
        backup_file.write(file, new_seal(), (archive_file.part(*each) for each in parts), archive_file.MAGIC)


def heads(parts: Parts) -> dict[str, str]:
    """What is kept of each message."""
    found = [msgspec.json.decode(data, type=Head) for kind, data in parts if kind == archive_file.HEAD]
    return {each.id: each.fate for each in found}


def exchanged(pair: tuple[CoreKit, CoreKit], *titles: str) -> list[str]:
    th, sg = pair
    ids = publish(th, *titles)
    carry(th, sg)
    carry(sg, th)
    return ids


def test_both_sides_archive_what_they_can_prove(pair: tuple[CoreKit, CoreKit], tmp_path: Path) -> None:
    ids = exchanged(pair, "a first one", "the second")
    for kit in pair:
        folder = tmp_path / f"{kit.code}.archive"
        [path] = archived(kit, folder)
        assert heads(parts_of(path)) == dict.fromkeys(ids, "proved")
        found = verified(folder, kit)
        assert (found.member, found.segments, found.messages) == (kit.code, 1, {"proved": 2})
        assert found.audit_lines > 0
        assert b"the second" not in path.read_bytes()
        assert path.stat().st_mode & 0o777 == 0o600


def test_only_what_came_before_the_date_is_archived(pair: tuple[CoreKit, CoreKit], tmp_path: Path) -> None:
    th, _ = pair
    (early,) = exchanged(pair, "early")
    boundary = th.now + 1
    for each in pair:
        each.now += 60_000
    exchanged(pair, "late")
    [path] = archived(th, tmp_path / "archive", boundary)
    assert heads(parts_of(path)) == {early: "proved"}


def test_a_text_that_is_gone_or_cannot_be_proved_keeps_its_head(pair: tuple[CoreKit, CoreKit], tmp_path: Path) -> None:
    th, sg = pair
    (recalled,) = exchanged(pair, "to be recalled")
    assert cancelling.cancel(th.core, recalled, "desk", "wrong", None) is not None
    carry(th, sg)
    (waits,) = publish(th, "has not left yet")
    [path] = archived(sg, tmp_path / "sg")
    assert heads(parts_of(path))[recalled] in ("destroyed", "proved")
    assert b"to be recalled" not in b"".join(data for _, data in parts_of(path))
    [own] = archived(th, tmp_path / "th")
    assert heads(parts_of(own))[waits] == "unproved"
    assert verified(tmp_path / "th", th).messages["unproved"] == 1
    assert sum(verified(tmp_path / "sg", sg).messages.values()) == len(parts_of(path)) - 4 - sum(
        kind in (archive_file.EVIDENCE, archive_file.TEXT) for kind, _ in parts_of(path)
    )


@pytest.mark.parametrize("keys", [[], KEYS], ids=["hidden", "sealed"])
def test_a_text_that_a_legal_hold_keeps_is_in_no_archive(
    pair: tuple[CoreKit, CoreKit], tmp_path: Path, keys: list[str]
) -> None:
    """And is not called destroyed: a court orders that it be kept."""
    th, sg = pair
    if keys:
        sg.core.keyring.save()
        configure(sg.folder, keys)
        sg.restart()
    held, gone = exchanged(pair, "ordered to be kept", "to be recalled")
    for who in ("anan", "boon"):
        holds.add(sg.core, held, who, "Criminal Court, case 17", sg.now + 60_000)
    for id_ in (held, gone):
        assert cancelling.cancel(th.core, id_, "desk", "wrong", None) is not None
    carry(th, sg)
    [path] = archived(sg, tmp_path / "sg")
    found = [msgspec.json.decode(data, type=Head) for kind, data in parts_of(path) if kind == archive_file.HEAD]
    first = {each.id: (each.fate, each.reason) for each in found if each.rev == 1}
    assert first == {held: ("withheld", archive.HELD), gone: ("destroyed", "")}
    assert b"ordered to be kept" not in b"".join(data for _, data in parts_of(path))
    assert verified(tmp_path / "sg", sg).messages["withheld"] == 1


def test_what_is_due_by_the_schedule_is_in_no_archive(pair: tuple[CoreKit, CoreKit], tmp_path: Path) -> None:
    """Also before the daily run purged it: an archive would keep it for good."""
    (over,) = exchanged(pair, "over long ago")
    for each in pair:
        each.now += 120 * limits.DAY
    for days, fate in (("alert 1000", "proved"), ("alert 90", "withheld")):
        chosen = RetentionSettings("", [days])
        for each in pair:
            each.core.config = msgspec.structs.replace(each.core.config, retention=chosen)
            folder = tmp_path / f"{each.code} {days}"
            [path] = archived(each, folder)
            assert heads(parts_of(path)) == {over: fate}
            assert (b"over long ago" in b"".join(data for _, data in parts_of(path))) == (fate == "proved")
            assert verified(folder, each).messages == {fate: 1}


def test_what_was_archived_and_then_purged_is_verified_and_has_its_text(
    pair: tuple[CoreKit, CoreKit], tmp_path: Path
) -> None:
    """The whole of it in one run: the store has the head alone afterwards, and a later archive too."""
    _, sg = pair
    (id_,) = exchanged(pair, "kept in the archive alone")
    [path] = archived(sg, tmp_path / "before")
    sg.now += 120 * limits.DAY
    chosen = RetentionSettings("", ["alert 90"])
    sg.core.config = msgspec.structs.replace(sg.core.config, retention=chosen)
    assert [each["id"] for each in retention.purge(sg.core, "gateway", retention.plan(sg.core).due)] == [id_]
    assert rows(sg, "select count(*) from message where body is not null") == [(0,)]
    assert verified(tmp_path / "before", sg).messages == {"proved": 1}
    assert b"kept in the archive alone" in b"".join(data for _, data in parts_of(path))
    [later] = archived(sg, tmp_path / "later")
    assert heads(parts_of(later))[id_] != "proved"
    assert b"kept in the archive alone" not in b"".join(data for _, data in parts_of(later))
    assert sum(verified(tmp_path / "later", sg).messages.values()) == 1


def test_many_messages_are_segments_in_a_chain(
    pair: tuple[CoreKit, CoreKit], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive_file, "SEGMENT", 2)
    th, _ = pair
    exchanged(pair, *(f"number {n}" for n in range(5)))
    folder = tmp_path / "archive"
    files = archived(th, folder)
    assert [each.name for each in files] == ["th-000001.archive", "th-000002.archive", "th-000003.archive"]
    assert verified(folder, th).messages == {"proved": 5}
    for missing, words in ((0, "does not follow"), (1, "does not follow"), (2, "not the last segment")):
        copy = Path(shutil.copytree(folder, tmp_path / f"without-{missing}"))
        (copy / files[missing].name).unlink()
        with pytest.raises(Fault, match=words):
            verified(copy, th)


def replaced(parts: Parts, where: int, old: bytes, new: bytes) -> Parts:
    return [(kind, data.replace(old, new) if kind == where else data) for kind, data in parts]


def one_text_changed(parts: Parts) -> Parts:
    """Whoever has the passphrase writes the segment anew with another text."""
    return replaced(parts, archive_file.EVIDENCE, b"second", b"sECOND")


def one_head_changed(parts: Parts) -> Parts:
    return replaced(parts, archive_file.HEAD, b'"rev":1', b'"rev":2')


def one_message_left_out(parts: Parts) -> Parts:
    at = next(n for n, (kind, _) in enumerate(parts) if kind == archive_file.HEAD)
    return parts[:at] + parts[at + 2 :]


def evidence_left_out(parts: Parts) -> Parts:
    at = next(n for n, (kind, _) in enumerate(parts) if kind == archive_file.EVIDENCE)
    return parts[:at] + parts[at + 1 :]


def evidence_exchanged(parts: Parts) -> Parts:
    first, second = (n for n, (kind, _) in enumerate(parts) if kind == archive_file.EVIDENCE)
    changed = list(parts)
    changed[first], changed[second] = parts[second], parts[first]
    return changed


def audit_line_changed(parts: Parts) -> Parts:
    return replaced(parts, archive_file.AUDIT, b'"who":"test"', b'"who":"nobody"')


def of_another_member(parts: Parts) -> Parts:
    return replaced(parts, archive_file.TITLE, b'"member":"TH"', b'"member":"SG"')


def part_added(parts: Parts) -> Parts:
    return [*parts[:-1], (archive_file.TEXT, b"more"), parts[-1]]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (one_text_changed, "is not proved"), (one_head_changed, "the evidence is of"),
        (one_message_left_out, "it has 1 messages, and says 2"), (evidence_left_out, "what is kept of it is missing"),
        (evidence_exchanged, "the evidence is of"), (audit_line_changed, "the audit is not as it was written"),
        (of_another_member, "the audit is not as it was written"), (part_added, "a part stands where it may not"),
    ],
)  # fmt: skip
def test_who_has_the_passphrase_changes_nothing_unseen(
    pair: tuple[CoreKit, CoreKit], tmp_path: Path, change: Callable[[Parts], Parts], words: str
) -> None:
    th, _ = pair
    exchanged(pair, "a first one", "the second")
    [path] = archived(th, tmp_path / "archive")
    parts = parts_of(path)
    changed = change(parts)
    assert changed != parts
    write(path, changed)
    with pytest.raises(Fault, match=words):
        verified(tmp_path / "archive", th)


def test_a_pin_of_another_federation_and_another_passphrase_open_nothing(
    pair: tuple[CoreKit, CoreKit], tmp_path: Path
) -> None:
    th, _ = pair
    exchanged(pair, "one")
    [path] = archived(th, tmp_path / "archive")
    with pytest.raises(Fault, match="none of them is the one that is pinned"):
        archive_file.verify(tmp_path / "archive", PASSPHRASE, bytes(32))
    with pytest.raises(Fault, match="the passphrase does not open"):
        archive_file.verify(tmp_path / "archive", b"another", th.lists.hash())
    for cut in (20, 4_000, path.stat().st_size - 1):
        damaged = tmp_path / f"cut-{cut}"
        damaged.mkdir()
        (damaged / path.name).write_bytes(path.read_bytes()[:cut])
        with pytest.raises(Fault):
            verified(damaged, th)


def test_a_folder_in_use_and_an_empty_one_are_refused(pair: tuple[CoreKit, CoreKit], tmp_path: Path) -> None:
    th, _ = pair
    (tmp_path / "used").mkdir()
    (tmp_path / "used/file").touch()
    with pytest.raises(Fault, match="is not empty"):
        archived(th, tmp_path / "used")
    (tmp_path / "empty").mkdir()
    with pytest.raises(Fault, match="has no segment"):
        verified(tmp_path / "empty", th)
