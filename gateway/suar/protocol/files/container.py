"""Long-term containers: ASiC-E with time assertion (ETSI EN 319 162-1), written and read.

Pure: bytes in memory. A manifest names each object with its hash, and a token stamps the manifest. A renewal adds an
archive manifest over everything before it, with a newer token and, if needed, another hash function. There is no XAdES,
because a member has no certificate. A content has exactly one encoding: the reader writes the content again and
compares, so any other byte, order or name is refused, and no foreign XML is parsed.
"""

import base64
from collections.abc import Mapping, Sequence
from io import BytesIO
from types import MappingProxyType
from typing import Final, NamedTuple
from zipfile import ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from suar.protocol.base.errors import Refused
from suar.protocol.base.primitives import tree_hash
from suar.protocol.files.evidence import Unproved
from suar.protocol.files.proof import Proved, verify
from suar.protocol.files.stamps import TOKEN_MAX, Authority, Judgement, Moment, first, is_over, judge_unnamed
from suar.protocol.files.standing import Supplied, names_of
from suar.protocol.files.trust_file import MAGIC as TRUST_MAGIC
from suar.protocol.files.trust_file import TrustFile
from suar.protocol.files.trust_file import read as read_trust
from suar.protocol.trust.trustlist import parse, read_list

MAGIC: Final = b"PK\x03\x04"
EVIDENCE, MESSAGE, TRUST, AUDIT = "message.evidence", "message.json", "history.trust", "audit.report"
OBJECTS: Final = (EVIDENCE, MESSAGE, TRUST)
"""The objects of each container, in this order, followed by AUDIT if there are audit lines."""
BYTES_MAX: Final = 64 * 1024 * 1024
LAYERS_MAX: Final = 32
_KIND: Final = b"application/vnd.etsi.asic-e+zip"
_MIMETYPE: Final = "mimetype"
_FIRST, _FIRST_TOKEN = "META-INF/ASiCManifest.xml", "META-INF/timestamp.tst"
_LAST: Final = "META-INF/ASiCArchiveManifest.xml"
_METHOD: Final = {
    1: "http://www.w3.org/2001/04/xmlenc#sha256",
    2: "http://www.w3.org/2001/04/xmlenc#sha512",
}
_HEAD: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<asic:ASiCManifest xmlns:asic="http://uri.etsi.org/02918/v1.2.1#" xmlns:ds="http://www.w3.org/2000/09/xmldsig#">\n'
    '  <asic:SigReference URI="{token}" MimeType="application/vnd.etsi.timestamp-token"/>\n'
)
_REFERENCE: Final = (
    '  <asic:DataObjectReference URI="{name}"{root}>\n'
    '    <ds:DigestMethod Algorithm="{method}"/>\n'
    "    <ds:DigestValue>{digest}</ds:DigestValue>\n"
    "  </asic:DataObjectReference>\n"
)
_TAIL: Final = "</asic:ASiCManifest>\n"


class Layer(NamedTuple):
    """A manifest, by its hash function (numbered as in a time stamp), and the token over it.

    `is_earlier`: a renewal in the form that earlier versions wrote, in which the token's name and the mark of a first
    archive manifest are not those of the standard (annex A.7). It is read, and never made.
    """

    algorithm: int
    token: bytes
    is_earlier: bool = False


class Container(NamedTuple):
    """The objects by name, and the layers: the first covers the objects, each later one is a renewal."""

    objects: Mapping[str, bytes]
    layers: tuple[Layer, ...]


def manifest(container: Container, algorithm: int) -> bytes:
    """Return what the next layer's token covers: the first manifest, or an archive manifest."""
    return _Manifests(container.objects, container.layers).after(algorithm)


def renewed(container: Container, layer: Layer) -> Container:
    """Return the container with one more layer."""
    return Container(container.objects, (*container.layers, layer))


def write(container: Container) -> bytes:
    """Return the bytes of the container: a ZIP without compression, in a fixed order, without times."""
    buffer = BytesIO()
    with ZipFile(buffer, "w", ZIP_STORED) as file:
        for name, content in {_MIMETYPE: _KIND, **_files(container.objects, container.layers)}.items():
            entry = ZipInfo(name)
            entry.create_system = 3
            file.writestr(entry, content)
    return buffer.getvalue()


def read(data: bytes) -> Container:
    """Return a container whose bytes are exactly as `write` makes them. Raises Unproved otherwise.

    Tokens are not verified here.
    """
    if len(data) > BYTES_MAX:
        raise Unproved("A1", "the container", f"it has more than {BYTES_MAX} bytes")
    try:
        found = _read(data)
    # What zipfile raises for hostile bytes, all refused alike. NotImplementedError: an unknown method or version of an
    # entry; RuntimeError: an encrypted entry.
    except (BadZipFile, NotImplementedError, RuntimeError, ValueError, OSError, EOFError, KeyError):
        raise Unproved("A1", "the container", "it is cut off, or was altered") from None
    if write(found) != data:
        raise Unproved("A1", "the container", "an object, a manifest or their order was altered")
    return found


def moments(container: Container, authority: Authority) -> list[Moment | None]:
    """Return the time of each layer's token; None if it gives none under the authority."""
    return [each.moment for each in judgements(container, authority)]


def judgements(container: Container, authority: Authority | None) -> list[Judgement]:
    """Return what each layer's token gives: its time, or why it gives none."""
    made = _Manifests(container.objects, container.layers).made
    judge_one = judge_unnamed if authority is None else authority.judge
    return [judge_one(layer.token, manifest) for layer, manifest in zip(container.layers, made, strict=True)]


def check_tokens(container: Container) -> None:
    """[A3] Check that each token stamps its manifest, whichever authority signed it. Raises Unproved.

    After an alteration the manifests differ from those that the tokens cover.
    """
    made = _Manifests(container.objects, container.layers).made
    for n, (layer, manifest) in enumerate(zip(container.layers, made, strict=True), 1):
        if not is_over(layer.token, manifest):
            text = "it does not stamp its manifest: the container was altered after it was stamped"
            raise Unproved("A3", f"token {n} of the container", text)


def judge(container: Container, pin: bytes, supplied: Supplied) -> tuple[Proved, list[Judgement]]:
    """Return what the evidence in a container proves, and the time of each layer's token under the verifier's
    authority, or why it gives none.

    The earliest of these times counts for the whole evidence. Raises Unproved.
    """
    check_tokens(container)  # [A3]
    objects = container.objects
    judged = judgements(container, supplied.authority)
    file = first([each.moment for each in judged if each.moment is not None])
    history = _own_history(objects[TRUST])
    supplied = supplied._replace(
        file=file, own=names_of(history.lists, history.revokes), further=supplied.further + history.revokes,
        stamps=supplied.stamps + history.stamps,
    )  # fmt: skip
    proved = verify(objects[EVIDENCE], pin, supplied, objects.get(AUDIT))
    if objects[MESSAGE] != proved.data:
        raise Unproved("A2", MESSAGE, "it is not the message that the evidence proves")
    _check_trust(objects[TRUST], proved)  # [A4]
    return proved, judged


def _own_history(data: bytes) -> TrustFile:
    """Return the lists and Revokes of the container's own history; [A4] refuses another form later."""
    try:
        return read_trust(data)
    except Unproved:
        return TrustFile((), (), ())


def _check_trust(data: bytes, proved: Proved) -> None:
    """[A4] Check that the exporter's trust file has the form of one, and lists of the federation of the evidence."""
    try:
        lists = read_trust(data).lists if data.startswith(TRUST_MAGIC) else ()
        federations = {read_list(parse(each).raw).federation for each in lists}
    except (Unproved, Refused):
        raise Unproved("A4", TRUST, "it is not in the form of a trust file") from None
    if federations != {proved.lists[0].federation}:
        raise Unproved("A4", TRUST, "it is not that of the federation of the evidence")


def _read(data: bytes) -> Container:
    with ZipFile(BytesIO(data)) as file:
        entries = file.infolist()
        if len(entries) > len(OBJECTS) + 2 + 2 * LAYERS_MAX or any(e.compress_type != ZIP_STORED for e in entries):
            raise ValueError("another container")
        if sum(entry.file_size for entry in entries) > BYTES_MAX:
            raise ValueError("too much")
        content = {entry.filename: file.read(entry) for entry in entries}
    objects = {name: content[name] for name in (*OBJECTS, *([AUDIT] if AUDIT in content else []))}
    count = sum(name.endswith(".tst") for name in content)
    if not 1 <= count <= LAYERS_MAX:
        raise ValueError("no token")
    layers: list[Layer] = []
    before = _Manifests(objects, ())
    for n in range(count):
        is_earlier = n > 0 and _token_name(n, is_earlier=True) in content
        token = content[_token_name(n, is_earlier=is_earlier)]
        if not 0 < len(token) <= TOKEN_MAX:
            raise ValueError("no token")
        found = content[_manifest_name(n, count)]
        layers.append(Layer(_algorithm(before, found, is_earlier=is_earlier), token, is_earlier))
        before.add(layers[-1])
    return Container(MappingProxyType(objects), tuple(layers))


def _algorithm(before: "_Manifests", found: bytes, *, is_earlier: bool) -> int:
    """Return the hash function for which the next manifest equals `found`. Raises ValueError if there is none."""
    for algorithm in _METHOD:
        if before.after(algorithm, is_earlier=is_earlier) == found:
            return algorithm
    raise ValueError("another manifest")


def _manifest_name(n: int, count: int) -> str:
    """Return the name of the manifest of layer `n` of `count`; the newest archive manifest has no number."""
    return _LAST if 0 < n == count - 1 else _older_name(n)


def _token_name(n: int, *, is_earlier: bool = False) -> str:
    """Return the name of the token of layer `n`: the standard demands `META-INF/*timestamp*.tst`."""
    if n == 0:
        return _FIRST_TOKEN
    return f"META-INF/{'archive' if is_earlier else 'timestamp'}{n}.tst"


def _files(objects: Mapping[str, bytes], layers: tuple[Layer, ...]) -> dict[str, bytes]:
    """Return every object, manifest and token of these layers, in order."""
    found = dict(objects)
    for n, (layer, made) in enumerate(zip(layers, _Manifests(objects, layers).made, strict=True)):
        found[_manifest_name(n, len(layers))] = made
        found[_token_name(n, is_earlier=layer.is_earlier)] = layer.token
    return found


class _Manifests:
    """The manifests of the layers, each built once from those before it; each object is hashed once for each hash
    function.

    `made`: their bytes, in order. The objects of a manifest keep their order in all later ones.
    """

    def __init__(self, objects: Mapping[str, bytes], layers: Sequence[Layer]) -> None:
        self.made: list[bytes] = []
        self._covered = dict(objects)
        self._digests: dict[tuple[str, int], str] = {}
        for layer in layers:
            self.add(layer)

    def add(self, layer: Layer) -> None:
        """Add a layer, whose manifest covers everything before it."""
        n, made = len(self.made), self.after(layer.algorithm, is_earlier=layer.is_earlier)
        self.made.append(made)
        self._covered |= {_older_name(n): made, _token_name(n, is_earlier=layer.is_earlier): layer.token}

    def after(self, algorithm: int, *, is_earlier: bool = False) -> bytes:
        """Return the next manifest, with this hash function. The newest archive manifest before it is marked."""
        n = len(self.made)
        root = _older_name(n - 1) if n > 1 or (n and is_earlier) else ""
        text = _HEAD.format(token=_token_name(n, is_earlier=is_earlier))
        for name in self._covered:
            mark = ' Rootfile="true"' if name == root else ""
            text += _REFERENCE.format(
                name=name, root=mark, method=_METHOD[algorithm], digest=self._digest(name, algorithm)
            )
        return (text + _TAIL).encode()

    def _digest(self, name: str, algorithm: int) -> str:
        found = self._digests.get((name, algorithm))
        if found is None:
            found = base64.b64encode(tree_hash(algorithm, self._covered[name])).decode()
            self._digests[name, algorithm] = found
        return found


def _older_name(n: int) -> str:
    return _FIRST if n == 0 else f"META-INF/ASiCArchiveManifest{n}.xml"
