"""Another pair of evidence keys in suar.toml does not come unnoticed."""

import pytest

from suar.protocol.base.errors import Fault
from suar.protocol.base.primitives import kid
from suar.service.custody.key_changes import note_change
from suar.service.settings import config
from support.corekit import CoreKit, rows
from support.evidence_keys import KEYS, configure
from support.pairs import Two


def noted(kit: CoreKit) -> list[str]:
    return [row.about for row in rows(kit, "select about from audit where what = 'evidence-keys' order by n")]


def kids(*keys: str) -> str:
    return " ".join(kid(bytes.fromhex(key)).hex() for key in keys)


def test_each_change_is_a_line_of_the_audit(two: Two) -> None:
    kit = two.sg
    assert not note_change(kit.core), "no keys, and none before"
    configure(kit.folder, KEYS)
    kit.restart()
    assert note_change(kit.core)
    kit.restart()
    assert not note_change(kit.core)
    settings = kit.folder / "suar.toml"
    text = settings.read_text()
    settings.write_text(text.replace(KEYS[0], "09" + "00" * 31))
    kit.restart()
    assert note_change(kit.core)
    settings.write_text(text.replace(text[text.index("[evidence]") :], ""))
    kit.restart()
    assert note_change(kit.core)
    assert noted(kit) == [kids(*KEYS), kids("09" + "00" * 31, KEYS[1]), "none"]


@pytest.mark.parametrize("again", ["top bit", "above the field"])
def test_one_key_in_two_spellings_is_one_key(two: Two, again: str) -> None:
    key = bytes([9, *bytes(31)])
    number = int.from_bytes(key, "little")
    other = number | 1 << 255 if again == "top bit" else number + (1 << 255) - 19
    configure(two.sg.folder, [key.hex(), other.to_bytes(32, "little").hex()])
    with pytest.raises(Fault, match="sealed_to"):
        config.load(two.sg.folder, {})
