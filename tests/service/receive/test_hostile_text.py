"""NUL, control characters and halves of surrogate pairs, in each field that a peer names: nothing is poison, the rest
of the batch is taken, and what is kept of it is one printable line. In each database that a store is kept in.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from suar.published import schemas_dir
from support import stores
from support.corekit import CoreKit, bundle_of, epoch_of, frame_of, rows
from support.kit import actor, alert, craft_epoch, id_of, make_bundle, open_sending
from support.poison import HOSTILE, poisoned, receive

LAST = 999


def altered(tree: Any, text: str) -> Iterator[Any]:
    """The tree with the text in one of its strings, or in one of its names, in each place once."""
    if isinstance(tree, str):
        yield tree + text
    elif isinstance(tree, list):
        for n, each in enumerate(tree):
            yield from ([*tree[:n], other, *tree[n + 1 :]] for other in altered(each, text))
    elif isinstance(tree, dict):
        yield tree | {text: 1}
        for name, each in tree.items():
            rest = {key: value for key, value in tree.items() if key != name}
            yield rest | {name + text: each}
            yield from (tree | {name: other} for other in altered(each, text))


def contents(text: str) -> list[bytes]:
    """An alert and a receipt with the text in each of their fields, as JSON escapes it and as it is."""
    receipt = json.loads((schemas_dir() / "examples" / "valid" / "receipt-refused.json").read_bytes())
    trees = [*altered(json.loads(alert(id_of(1))), text), *altered(receipt | {"member": "TH"}, text)]
    plain = (json.dumps(each, ensure_ascii=False).encode("utf-8", "surrogatepass") for each in trees)
    return [*(json.dumps(each).encode() for each in trees), *plain]


def require_sound(kit: CoreKit, refused: int) -> None:
    assert poisoned(kit) == []
    before = rows(kit, "select id, rev from message order by id")
    assert {row.id for row in before} - {id_of(1)} == {id_of(LAST)}, "a text may have some of them, sealed in its row"
    kept = [row.path for row in rows(kit, "select path from quarantine where path is not null")]
    assert len(kept) >= refused
    assert all(path.isprintable() for path in kept)
    kit.restart()
    assert rows(kit, "select id, rev from message order by id") == before


@pytest.mark.parametrize("text", HOSTILE, ids=[ascii(each) for each in HOSTILE])
def test_in_each_field_and_name_of_a_message_and_a_receipt(text: str, sg: CoreKit) -> None:
    sending = open_sending(actor("TH"), sg.lists)
    wrong = contents(text)
    assert len(wrong) > 100
    frames = [frame_of(sending, each) for each in wrong]
    receive(sg, epoch_of(sending), *frames, frame_of(sending, alert(id_of(LAST))))
    require_sound(sg, refused=1)


@pytest.mark.parametrize("text", HOSTILE, ids=[ascii(each) for each in HOSTILE])
def test_in_subjects_bundles_and_epochs(text: str, sg: CoreKit) -> None:
    """A subject may have any character here; the bus lets fewer through."""
    th, good = actor("TH"), open_sending(actor("TH"), sg.lists)
    subject, data = epoch_of(good)
    objects = [(subject[:at] + text + subject[at:], data) for at in range(len(subject) + 1)]
    if text.isascii() or text.isprintable() or not 0xD800 <= ord(text[-1]) <= 0xDFFF:  # no encoding has half a pair
        own, _ = bundle_of(th)
        objects += [(own, make_bundle(th, member="TH" + text)), (own, make_bundle(th, federation=text))]
        objects += [
            epoch_of(craft_epoch(th, sg.lists, fields_replaced={name: "TH" + text}))
            for name in ("magic", "federation", "realm", "sender", "channel")
        ]
        objects.append(epoch_of(craft_epoch(th, sg.lists, fields_replaced={"recipients": [["SG" + text, b"n" * 16]]})))
    receive(sg, *objects, (subject, data), frame_of(good, alert(id_of(LAST))))
    require_sound(sg, refused=0)


def test_what_the_database_refuses_all_the_same_ends_alone(sg: CoreKit, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a text with a NUL came as far as the store: PostgreSQL takes none, SQLite does."""
    monkeypatch.setattr("suar.store.inbound.incidents.storable", lambda text: f"{text}\0" if text == "$.x" else text)
    sending = open_sending(actor("TH"), sg.lists)
    wrong = frame_of(sending, alert(id_of(1))[:-1] + b',"x":1}')
    receive(sg, epoch_of(sending), wrong, frame_of(sending, alert(id_of(LAST))))
    assert [row.id for row in rows(sg, "select id from message")] == [id_of(LAST)]
    assert poisoned(sg) == ([] if stores.is_sqlite() else [("TH", 0)])
