"""`suar backup`, `suar restore` and `suar compromised` as commands."""

import json
from pathlib import Path

from support.commands import Suar


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_the_commands(suar: Suar, tmp_path: Path) -> None:
    made = suar("init", "--member", "TH", "--name", "Thailand", "--federation", "asean", "--state", "th")
    assert made.code == 0, made.err
    done = suar("backup", "-o", "b", "--state", "th", "--json")
    assert done.code == 0, done.err
    assert '"member": "TH"' in done.out
    assert '"texts": 0' in done.out
    assert "cancel" not in done.err
    again = suar("backup", "-o", "b", "--state", "th")
    assert (again.code, again.line_labels) == (1, ["error:", "hint:"])
    back = suar("restore", "b", "--state", "back", "--json")
    assert back.code == 0, back.err
    assert names(tmp_path / "back") == {"suar.toml", "keyring.suar", "nats.env", "TH.request.json"}


def test_a_restore_says_when_recalled_texts_are_destroyed(suar: Suar) -> None:
    suar("init", "--member", "TH", "--name", "Thailand", "--federation", "asean", "--state", "th")
    suar("backup", "-o", "b", "--state", "th")
    back = suar("restore", "b", "--state", "back")
    assert back.code == 0, back.err
    assert "hold confirm" not in back.err
    assert "what was cancelled since is destroyed at its next start" in back.err
    assert "--holds`" in back.err


def test_compromised_asks_or_has_the_option(suar: Suar) -> None:
    suar("init", "--member", "TH", "--name", "Thailand", "--federation", "asean", "--state", "th")
    kid = "5f0c2a91d3e84b7796aa01c2d3e4f506"
    ended = suar("compromised", kid, "--state", "th")
    assert ended.code == 1
    assert "give --yes" in ended.err
    unknown = suar("compromised", kid, "--yes", "--state", "th")
    assert unknown.code == 1
    assert "no key of this gateway has the kid" in unknown.err
    assert suar("compromised", "5f0c", "--yes", "--state", "th").code == 64


def test_a_folder_of_backups_keeps_the_newest_of_the_member_and_nothing_else_is_removed(
    suar: Suar, tmp_path: Path
) -> None:
    suar("init", "--member", "TH", "--name", "Thailand", "--federation", "asean", "--state", "th")
    folder = tmp_path / "backups"
    folder.mkdir()
    old = [f"th-2026-01-0{day}T000000Z.backup" for day in (1, 2, 3)]
    others = ["sg-2026-01-01T000000Z.backup", "th-notes.txt", "th-2026-01-01.backup", "xth-2026-01-01T000000Z.backup"]
    for name in (*old, *others):
        (folder / name).touch()
    done = suar("backup", "--into", "backups", "--keep", "2", "--state", "th", "--json")
    assert done.code == 0, done.err
    assert json.loads(done.out)["removed"] == old[:2]
    made = names(folder) - {*old, *others}
    assert len(made) == 1
    assert made.pop() > max(old)
    assert names(folder) >= {old[2], *others}


def test_a_backup_goes_to_a_file_or_into_a_folder(suar: Suar) -> None:
    suar("init", "--member", "TH", "--name", "Thailand", "--federation", "asean", "--state", "th")
    for wrong in ((), ("-o", "b", "--into", "."), ("-o", "b", "--keep", "2")):
        assert suar("backup", *wrong, "--state", "th").code == 64
