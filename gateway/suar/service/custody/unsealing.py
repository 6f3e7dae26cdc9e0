"""Removes the layers of a sealed file of evidence, offline: each holder of an evidence key one, then it is evidence.

No gateway and no store is needed. The result is verified like any other file of evidence. A text of a legal hold
consists of layers only; of a neighbour of a recalled message only the frame is sealed.
"""

import msgspec

from suar.federation.summary import fingerprint, grouped
from suar.protocol.base.errors import Fault
from suar.protocol.base.primitives import CryptoError, hash_, kid
from suar.protocol.base.sealing import addressee, public_of, remove_layer
from suar.protocol.files import evidence as files
from suar.protocol.files.evidence import Evidence, FrameProof, Unproved
from suar.protocol.files.proof import verify
from suar.protocol.trust.trustlist import parse
from suar.service.reading.evidence import Sealed
from suar.service.receive.sealed_frames import SealedFrame

_file = msgspec.msgpack.Decoder(Sealed).decode
_frame = msgspec.msgpack.Decoder(SealedFrame).decode
_AGAIN = "ask the member for it again: `suar evidence export ID --sealed`"


def is_sealed(data: bytes) -> bool:
    """Return whether the data is a sealed file with a layer to remove, of a held text or a neighbour."""
    if addressee(data) is not None:
        return True
    try:
        return addressee(_file(data).layers) is not None
    except msgspec.DecodeError:
        return False


def read(data: bytes) -> Sealed:
    """Return a sealed file of a neighbour. Raises Fault for anything else."""
    try:
        return _file(data)
    except msgspec.DecodeError:
        raise Fault("this is no sealed file of evidence", _AGAIN) from None


def unseal(data: bytes, seed: bytes) -> tuple[bytes, str | None]:
    """Remove one layer; return the file and the kid (hex) of the next key, None when no layer is left.

    Raises Fault for another key, an altered layer, and a frame that does not prove the message.
    """
    if addressee(data) is not None:
        inside = _inside(data, seed)
        return inside, _next(inside)
    sealed = read(data)
    rest = msgspec.structs.replace(sealed, layers=_inside(sealed.layers, seed))
    if _next(rest.layers) is not None:
        return msgspec.msgpack.encode(rest), _next(rest.layers)
    return _evidence(rest), None


def _inside(layers: bytes, seed: bytes) -> bytes:
    try:
        return remove_layer(seed, layers)
    except CryptoError as error:
        wanted, offered = grouped(_next(layers) or ""), fingerprint(kid(public_of(seed)))
        hint = f"the next key is {wanted}, this one {offered}: `suar evidence key show` says whose a key is"
        raise Fault(f"the layer does not open: {error}", hint) from None


def _next(layers: bytes) -> str | None:
    name = addressee(layers)
    return None if name is None else name.hex()


def _evidence(sealed: Sealed) -> bytes:
    try:
        frame = _frame(sealed.layers)
        proof = FrameProof(frame.salts, frame.leaves)
        carrier = proof.carrier(frame.frame, sealed.realm, sealed.index, sealed.rest.message)
        if carrier is None:
            raise Fault("the sealed frame is not one of this message", _AGAIN)
        data = files.write(Evidence(*sealed.rest)._replace(carriers=(carrier,)))
        verify(data, hash_("trust", parse(sealed.rest.lists[-1]).raw))
    except msgspec.DecodeError:
        raise Fault("inside the layers is no sealed frame", _AGAIN) from None
    except Unproved as found:
        raise Fault(f"it proves nothing: {found.part}: {found.text} [{found.step}]", _AGAIN) from None
    return data
