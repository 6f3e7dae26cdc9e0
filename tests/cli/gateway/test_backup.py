"""`suar backup`, `suar restore` and `suar compromised` as commands."""

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
    assert (again.code, again.told) == (1, ["error:", "hint:"])
    back = suar("restore", "b", "--state", "back", "--json")
    assert back.code == 0, back.err
    assert names(tmp_path / "back") == {"suar.toml", "keyring.suar", "nats.env", "TH.request.json"}


def test_compromised_asks_or_is_told(suar: Suar) -> None:
    suar("init", "--member", "TH", "--name", "Thailand", "--federation", "asean", "--state", "th")
    kid = "5f0c2a91d3e84b7796aa01c2d3e4f506"
    asked = suar("compromised", kid, "--state", "th")
    assert asked.code == 1
    assert "give --yes" in asked.err
    unknown = suar("compromised", kid, "--yes", "--state", "th")
    assert unknown.code == 1
    assert "no key of this gateway has the kid" in unknown.err
    assert suar("compromised", "5f0c", "--yes", "--state", "th").code == 64
