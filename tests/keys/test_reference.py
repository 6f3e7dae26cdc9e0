"""keys/reference as golden vectors: made again byte for byte, judged as a gateway judges."""

import re
from pathlib import Path

import pytest

from suar.federation import ceremony
from suar.protocol.base.errors import Refused
from suar.protocol.base.limits import DAY, MINUTE
from suar.protocol.trust import trustlist
from suar.published import keys_dir
from support import reference_lists

FOLDER = keys_dir() / "reference"
FILES = [FOLDER / name for name in ("1.list", "2.list", "3.list")]
NOW = reference_lists.FOUNDED + 60 * DAY


def pins() -> list[bytes]:
    """The pins that the folder's README publishes."""
    return [bytes.fromhex(pin) for pin in re.findall(r"\| `([0-9a-f]{64})` \|", (FOLDER / "README.md").read_text())]


def test_made_again_byte_for_byte() -> None:
    assert dict(reference_lists.lists()) == {path.name: path.read_bytes() for path in FILES}


def test_history_is_accepted_by_the_published_pin() -> None:
    store = ceremony.verify([path.read_bytes() for path in FILES], NOW, pin=pins()[0])
    assert [store.history[version].hash for version in (1, 2, 3)] == pins()
    assert len(store.history[1].list.members) == 11
    assert store.is_active("XA")
    assert not store.is_active("MM")
    suspended = store.member("MM")
    assert suspended is not None
    assert store.is_revoked(suspended.keys[0].kid)


@pytest.mark.parametrize(
    ("chosen", "now", "code"),
    [
        pytest.param([0, 2], NOW, "E-TRUST-VERSION", id="one skipped"),
        pytest.param([0, 1, 2], NOW - 10 * MINUTE, "E-TRUST-DATES", id="from the future"),
    ],
)
def test_history_out_of_order_is_refused(chosen: list[int], now: int, code: str) -> None:
    with pytest.raises(Refused) as caught:
        ceremony.verify([FILES[i].read_bytes() for i in chosen], now, pin=pins()[0])
    assert caught.value.code == code


def test_every_bit_of_the_last_list_is_signed() -> None:
    data = FILES[2].read_bytes()
    store = ceremony.verify([FILES[0].read_bytes(), FILES[1].read_bytes()], NOW, pin=pins()[0])
    for offset in range(0, len(data), 7):
        altered = bytearray(data)
        altered[offset] ^= 1
        with pytest.raises(Refused):
            store.admit(bytes(altered), NOW)


def test_no_private_key_is_published() -> None:
    names = ["root A", "root B", "root C", *(f"member {code}" for code in [*reference_lists.ASEAN, "XA"])]
    seeds = [reference_lists.seed(name) for name in names]
    for path in filter(Path.is_file, keys_dir().rglob("*")):
        data = path.read_bytes()
        assert not data.startswith(b"SUARSEAL"), path
        assert b"PRIVATE KEY" not in data, path
        assert not any(seed in data or seed.hex().encode() in data.lower() for seed in seeds), path


def test_the_generators_members_are_those_of_the_list() -> None:
    content = trustlist.read_list(trustlist.parse(FILES[0].read_bytes()).raw)
    assert {member.code: member.name for member in content.members} == reference_lists.ASEAN
