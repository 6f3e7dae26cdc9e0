"""The frame of a recalled message, sealed to the offline keys of two persons for the proof of its neighbours."""

import msgspec
import pytest

from suar.protocol.base.errors import Fault
from suar.protocol.base.primitives import ACTUAL, CryptoError, leaf, random_seed
from suar.protocol.base.sealing import addressee, public_of, remove_layer, seal
from suar.protocol.files.proof import verify
from suar.service.custody import unsealing
from suar.service.reading import proof_keeping
from suar.service.receive import recall
from suar.service.receive.sealed_frames import SealedFrame
from suar.service.settings.config import load
from suar.store import tables
from suar.store.engine.verifying import is_as_written
from suar.store.messages import sealed_frames
from support import read_out, stores
from support.corekit import CoreKit, rows
from support.evidence_keys import FIRST, KEYS, SECOND, configure
from support.pairs import SECRET, Two, new


@pytest.fixture
def sealing(two: Two) -> Two:
    """SG seals to two persons."""
    configure(two.sg.folder, KEYS)
    two.sg.restart()
    return two


def three(two: Two) -> list[str]:
    """Three messages in one frame, at SG; the first is recalled."""
    ids = two.publish(new("first"), new("second"), new("third"))
    two.to_sg()
    assert len(rows(two.sg, "select distinct frame_hash from message")) == 1
    recall_text(two, ids[0])
    return ids


def recall_text(two: Two, id_: str) -> None:
    two.cancel(id_)
    two.to_sg()
    two.prove(two.sg)


def sealed_file(kit: CoreKit, id_: str) -> bytes:
    found = read_out.export(kit.core, id_, None, "desk", is_sealed=True)
    assert found is not None
    return found.data


def unsealed(data: bytes, *seeds: bytes) -> bytes:
    for seed in seeds:
        data, _ = unsealing.unseal(data, seed)
    return data


def kept(kit: CoreKit) -> int:
    return int(rows(kit, "select count(*) from sealed_frame")[0][0])


def test_a_neighbour_is_proved_after_a_recall_by_two_persons(sealing: Two) -> None:
    ids = three(sealing)
    before = sealed_file(sealing.sg, ids[1])
    with pytest.raises(Fault, match="cannot be proved"):
        read_out.export(sealing.sg.core, ids[1], None, "desk")
    half, next_key = unsealing.unseal(before, SECOND)
    assert next_key == (addressee(unsealing.read(half).layers) or b"").hex()
    data, rest = unsealing.unseal(half, FIRST)
    assert rest is None
    found = verify(data, sealing.th.lists.hash())
    assert (found.message.id, found.message.text[0].title) == (ids[1], "second")
    assert found.frames[0].parsed.count == 3
    assert rows(sealing.sg, "select about from audit where what = 'evidence'") == [(f"{ids[1]} 1",)]


def test_one_person_alone_opens_nothing(sealing: Two) -> None:
    data = sealed_file(sealing.sg, three(sealing)[1])
    for wrong in (FIRST, random_seed()):  # the inner key first, and somebody else's
        with pytest.raises(Fault, match="another key"):
            unsealed(data, wrong)
    half = unsealed(data, SECOND)
    with pytest.raises(Fault, match="another key"):
        unsealed(half, SECOND)
    layers = unsealing.read(half).layers
    with pytest.raises(CryptoError, match="altered"):
        remove_layer(FIRST, layers[:-1] + bytes([layers[-1] ^ 1]))


def test_the_live_store_keeps_no_open_frame_and_no_salt_of_it(sealing: Two) -> None:
    ids = sealing.publish(new("first"), new("second"))
    sealing.to_sg()
    [row] = rows(sealing.sg, f"select frame from message where id = '{ids[0]}'")
    frame = bytes(row.frame)
    recall_text(sealing, ids[0])
    assert kept(sealing.sg) == 1
    files = b"".join(path.read_bytes() for path in sorted(sealing.sg.folder.iterdir()) if path.is_file())
    assert frame[120:400] not in files
    assert rows(sealing.sg, "select count(*) from message where frame is not null and rev = 1") == [(0,)]


def test_the_two_persons_cannot_confirm_a_guess_at_the_recalled_text(sealing: Two) -> None:
    """The salts of what was recalled are not under the layers: only those of its neighbours."""
    ids = sealing.publish(new("first"), new("second"))
    sealing.to_sg()
    text = read_out.content(sealing.sg.core, ids[0], 1, "desk")
    assert text is not None
    assert SECRET.encode() in text.data
    recall_text(sealing, ids[0])
    layers = unsealing.read(sealed_file(sealing.sg, ids[1])).layers
    found = msgspec.msgpack.decode(remove_layer(FIRST, remove_layer(SECOND, layers)), type=SealedFrame)
    assert found.salts[:16] == bytes(16)
    assert found.salts[16:] != bytes(16)
    guesses = {leaf(ACTUAL, found.salts[at : at + 16], text.data) for at in (0, 16)}
    assert guesses.isdisjoint({found.leaves[:32], found.leaves[32:]})
    assert SECRET.encode() not in unsealed(sealed_file(sealing.sg, ids[1]), SECOND, FIRST).replace(
        unsealing.read(sealed_file(sealing.sg, ids[1])).rest.message, b""
    )


def test_it_goes_with_the_last_text_of_its_frame(sealing: Two) -> None:
    ids = three(sealing)
    recall_text(sealing, ids[1])
    assert kept(sealing.sg) == 1
    assert verify(unsealed(sealed_file(sealing.sg, ids[2]), SECOND, FIRST), sealing.th.lists.hash())
    recall_text(sealing, ids[2])
    assert kept(sealing.sg) == 0


def test_a_frame_of_one_message_is_not_sealed(sealing: Two) -> None:
    [id_] = sealing.publish(new("alone"))
    sealing.to_sg()
    recall_text(sealing, id_)
    assert kept(sealing.sg) == 0
    assert sealing.sg.core.recalled == {id_: 2}


def test_without_keys_nothing_is_kept(two: Two) -> None:
    ids = three(two)
    assert kept(two.sg) == 0
    with pytest.raises(Fault, match="no frame of"):
        sealed_file(two.sg, ids[1])


def test_the_proof_is_sealed_too_when_the_epoch_s_secret_is_gone(sealing: Two) -> None:
    ids = sealing.publish(new("first"), new("second"))
    sealing.to_sg()
    core = sealing.sg.core
    proof_keeping.keep(core, proof_keeping.collect(core))
    with core.transaction() as connection:
        connection.exec_driver_sql("delete from kem_seed")
    recall_text(sealing, ids[0])
    assert verify(unsealed(sealed_file(sealing.sg, ids[1]), SECOND, FIRST), sealing.th.lists.hash())


def test_a_substituted_frame_proves_nothing(sealing: Two) -> None:
    """Whoever writes the store can seal to public keys too: what comes out is judged as any other file."""
    ids = three(sealing)
    sealed = unsealing.read(sealed_file(sealing.sg, ids[1]))
    other = SealedFrame("suar-sealed-frame/1", b"SUF1" + bytes(700), bytes(48), bytes(96))
    publics = [bytes.fromhex(each) for each in KEYS]
    for inside, expected in ((msgspec.msgpack.encode(other), "not one of this message"), (b"x", "no sealed frame")):
        planted = msgspec.structs.replace(sealed, layers=seal(publics, inside))
        with pytest.raises(Fault, match=expected):
            unsealed(msgspec.msgpack.encode(planted), SECOND, FIRST)


def test_a_sealed_frame_that_was_edited_is_reported(sealing: Two) -> None:
    three(sealing)
    sealing.sg.core.close()
    with stores.outsider(sealing.sg.folder) as store:
        assert store.execute("update sealed_frame set sealed = x'00'").rowcount == 1
    sealing.sg.restart()
    recall.purge_log(sealing.sg.core)
    with sealing.sg.core.transaction() as connection:
        [name] = connection.exec_driver_sql("select frame_hash from sealed_frame").scalars()
        row = sealed_frames.find(connection, name)
        assert not is_as_written(connection, tables.sealed_frame, row)


def test_layers_name_their_key_and_a_file_of_something_else_is_refused() -> None:
    data = seal([public_of(FIRST), public_of(SECOND)], b"content")
    assert addressee(data) != addressee(remove_layer(SECOND, data))
    assert remove_layer(FIRST, remove_layer(SECOND, data)) == b"content"
    assert addressee(b"content") is None
    with pytest.raises(CryptoError):
        seal([bytes(32)], b"content")
    for wrong in (b"", b"SUV1", msgspec.msgpack.encode(["suar-sealed-evidence/2", "actual", 0, b"", []])):
        with pytest.raises(Fault, match="no sealed file"):
            unsealing.read(wrong)


@pytest.mark.parametrize("keys", [KEYS[:1], [KEYS[0], KEYS[0]], [*KEYS, "ab" * 32], [KEYS[0], "00" * 32], ["x", "y"]])
def test_the_setting_takes_the_keys_of_two_persons(two: Two, keys: list[str]) -> None:
    configure(two.sg.folder, keys)
    with pytest.raises(Fault, match="sealed_to"):
        load(two.sg.folder, {})
