"""Containers: ASiC-E with time assertion, read back byte for byte, stamped for openssl, renewed with another hash."""

import base64
import hashlib
import random
import struct
import xml.etree.ElementTree as ET
import zlib
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from suar.protocol.files import container as files
from suar.protocol.files.container import Container, Layer
from suar.protocol.files.evidence import Unproved
from suar.protocol.files.stamps import Authority
from support.authority import Authority as Issuer
from support.damage import damaged

OBJECTS = {files.EVIDENCE: b"SUV1 and so on", files.MESSAGE: b'{"kind": "alert"}', files.TRUST: b"SUVT"}
DS, ASIC = "{http://www.w3.org/2000/09/xmldsig#}", "{http://uri.etsi.org/02918/v1.2.1#}"
METHODS = {"http://www.w3.org/2001/04/xmlenc#sha256": "sha256", "http://www.w3.org/2001/04/xmlenc#sha512": "sha512"}


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Issuer:
    return Issuer(tmp_path_factory.mktemp("tsa") / "own")


def stamped(issuer: Issuer, *algorithms: int) -> Container:
    made = Container(OBJECTS, ())
    for algorithm in algorithms:
        made = files.renewed(made, Layer(algorithm, issuer.token(files.manifest(made, algorithm))))
    return made


def test_it_is_read_as_written(issuer: Issuer) -> None:
    for algorithms in ((1,), (2,), (1, 1), (1, 2, 1)):
        made = stamped(issuer, *algorithms)
        found = files.read(files.write(made))
        assert (dict(found.objects), found.layers) == (dict(made.objects), made.layers)


def test_it_is_a_container_of_the_standard(issuer: Issuer) -> None:
    """EN 319 162-1: the kind comes first and as it is; a manifest names every object with its hash, and the token."""
    data = files.write(stamped(issuer, 1))
    assert data[30:].startswith(b"mimetypeapplication/vnd.etsi.asic-e+zip")
    with ZipFile(BytesIO(data)) as file:
        names = file.namelist()
        assert names == ["mimetype", *OBJECTS, "META-INF/ASiCManifest.xml", "META-INF/timestamp.tst"]
        _check(file, "META-INF/ASiCManifest.xml", set(OBJECTS))


def test_a_renewal_is_an_archive_manifest_over_all_that_was_there(issuer: Issuer) -> None:
    with ZipFile(BytesIO(files.write(stamped(issuer, 1, 2, 1)))) as file:
        before = {*OBJECTS, "META-INF/ASiCManifest.xml", "META-INF/timestamp.tst"}
        _check(file, "META-INF/ASiCArchiveManifest1.xml", before)
        _check(
            file, "META-INF/ASiCArchiveManifest.xml",
            before | {"META-INF/ASiCArchiveManifest1.xml", "META-INF/timestamp1.tst"},
        )  # fmt: skip


def test_names_and_marks_of_renewals_are_those_of_the_standard(issuer: Issuer) -> None:
    """EN 319 162-1, annex A.7: each token is a `META-INF/*timestamp*.tst`, by which the validators that are published
    find it, and the mark of an archive manifest is at the archive manifest before it, so the first one has none.
    """
    with ZipFile(BytesIO(files.write(stamped(issuer, 1, 2, 1)))) as file:
        tokens = [name for name in file.namelist() if name.endswith(".tst")]
        manifests = [name for name in file.namelist() if name.endswith(".xml")]
        marked = {name: _marked(file.read(name)) for name in manifests}
    assert tokens == ["META-INF/timestamp.tst", "META-INF/timestamp1.tst", "META-INF/timestamp2.tst"]
    assert marked == {
        "META-INF/ASiCManifest.xml": [],
        "META-INF/ASiCArchiveManifest1.xml": [],
        "META-INF/ASiCArchiveManifest.xml": ["META-INF/ASiCArchiveManifest1.xml"],
    }


def _marked(manifest: bytes) -> list[str | None]:
    references = ET.fromstring(manifest).findall(f"{ASIC}DataObjectReference")
    return [each.get("URI") for each in references if each.get("Rootfile") == "true"]


def renewed_by_an_earlier_version(issuer: Issuer, made: Container) -> Container:
    """Written from what earlier versions wrote: another name of the token, and a mark at the first manifest."""
    manifest = files.manifest(made, 1).replace(b"META-INF/timestamp1.tst", b"META-INF/archive1.tst")
    first = b'URI="META-INF/ASiCManifest.xml"'
    manifest = manifest.replace(first, first + b' Rootfile="true"')
    return files.renewed(made, Layer(1, issuer.token(manifest), is_earlier=True))


def test_what_earlier_versions_renewed_is_read_verified_and_renewed_again(issuer: Issuer) -> None:
    earlier = renewed_by_an_earlier_version(issuer, stamped(issuer, 1))
    with ZipFile(BytesIO(files.write(earlier))) as file:
        assert file.namelist()[-2:] == ["META-INF/ASiCArchiveManifest.xml", "META-INF/archive1.tst"]
    found = files.read(files.write(earlier))
    assert found.layers == earlier.layers
    files.check_tokens(found)
    again = files.renewed(found, Layer(2, issuer.token(files.manifest(found, 2))))
    data = files.write(again)
    assert files.read(data).layers == again.layers
    files.check_tokens(again)
    assert all(each is not None for each in files.moments(again, Authority(issuer.ca)))
    with ZipFile(BytesIO(data)) as file:
        tokens = [name for name in file.namelist() if name.endswith(".tst")]
        assert _marked(file.read("META-INF/ASiCArchiveManifest.xml")) == ["META-INF/ASiCArchiveManifest1.xml"]
    assert tokens == ["META-INF/timestamp.tst", "META-INF/archive1.tst", "META-INF/timestamp2.tst"]


def _check(file: ZipFile, manifest: str, named: set[str]) -> None:
    root = ET.fromstring(file.read(manifest))
    assert root.tag == f"{ASIC}ASiCManifest"
    token = root.find(f"{ASIC}SigReference")
    assert token is not None
    assert token.get("URI") in file.namelist()
    references = root.findall(f"{ASIC}DataObjectReference")
    assert {each.get("URI") for each in references} == named
    for each in references:
        method, value = each.find(f"{DS}DigestMethod"), each.findtext(f"{DS}DigestValue")
        assert method is not None
        digest = hashlib.new(METHODS[method.get("Algorithm", "")], file.read(each.get("URI", ""))).digest()
        assert base64.b64decode(value or "") == digest


DOCUMENT = Path(__file__).parents[3] / "docs/evidence.md"


def test_its_bytes_are_those_that_the_document_describes(issuer: Issuer) -> None:
    """Written here from docs/evidence.md alone, without `zipfile`; the manifest is the example of the document."""
    text = DOCUMENT.read_text(encoding="utf-8")
    manifest = text[text.index("<?xml version") :].partition("```")[0].encode()
    token = issuer.token(manifest)
    entries = {
        "mimetype": b"application/vnd.etsi.asic-e+zip", **OBJECTS, "META-INF/ASiCManifest.xml": manifest,
        "META-INF/timestamp.tst": token,
    }  # fmt: skip
    local, directory = b"", b""
    for name, content in entries.items():
        common = struct.pack("<5H3I2H", 20, 0, 0, 0, 33, zlib.crc32(content), *2 * [len(content)], len(name), 0)
        directory += b"PK\1\2\x14\3" + common + struct.pack("<3H2I", 0, 0, 0, 0x01800000, len(local)) + name.encode()
        local += b"PK\3\4" + common + name.encode() + content
    count, sizes = len(entries), (len(directory), len(local))
    end = b"PK\5\6" + struct.pack("<4H2IH", 0, 0, count, count, *sizes, 0)
    assert local + directory + end == files.write(Container(OBJECTS, (Layer(1, token),)))


def test_openssl_verifies_every_token(issuer: Issuer, tmp_path: Path) -> None:
    with ZipFile(BytesIO(files.write(stamped(issuer, 1, 2)))) as file:
        file.extractall(tmp_path)
    inside = tmp_path / "META-INF"
    pairs = [("ASiCManifest.xml", "timestamp.tst"), ("ASiCArchiveManifest.xml", "timestamp1.tst")]
    for manifest, token in pairs:
        done = issuer.verify(inside / manifest, inside / token)
        assert "Verification: OK" in done.stdout, done.stderr
    done = issuer.verify(inside / "ASiCManifest.xml", inside / "timestamp1.tst")
    assert "Verification: OK" not in done.stdout


def test_each_token_counts_under_the_verifiers_authority(issuer: Issuer, tmp_path: Path) -> None:
    made, other = stamped(issuer, 1), Issuer(tmp_path / "other")
    made = files.renewed(made, Layer(2, other.token(files.manifest(made, 2))))
    for authority, proved in (
        (issuer.ca, [True, False]),
        (other.ca, [False, True]),
        (issuer.ca + other.ca, [True] * 2),
    ):
        assert [each is not None for each in files.moments(made, Authority(authority))] == proved


def test_the_order_of_a_tokens_certificates_does_not_matter(tmp_path: Path) -> None:
    """RFC 5652 lets a SignedData be BER: OpenSSL writes the signer first, whatever DER's order of a set is."""
    for n in range(4):  # the order is that of the bytes, so some chain is out of order
        chained = Issuer(tmp_path / str(n), name="x" * (1 + 15 * n))
        chained.with_chain()
        made = stamped(chained, 1)
        files.check_tokens(made)
        assert files.moments(made, Authority(chained.ca))[0] is not None
        assert files.moments(stamped(chained, 1), Authority(Issuer(tmp_path / f"other {n}").ca)) == [None]


def test_a_token_of_an_older_layer_does_not_stamp_a_newer_one(issuer: Issuer) -> None:
    made = stamped(issuer, 1)
    moved = files.renewed(made, Layer(1, made.layers[0].token))
    assert files.moments(moved, Authority(issuer.ca))[1] is None


def test_a_thousand_alterations_are_refused(issuer: Issuer) -> None:
    rng, data = random.Random(31), files.write(stamped(issuer, 1, 2))
    for _ in range(1_000):
        with pytest.raises(Unproved):
            files.read(damaged(rng, data))


def test_a_container_of_another_making_is_refused(issuer: Issuer) -> None:
    """Another object, a compressed one, another order, no token: each a sound ZIP file."""
    data = files.write(stamped(issuer, 1))
    with ZipFile(BytesIO(data)) as file:
        content = {name: file.read(name) for name in file.namelist()}
    makings = [
        content | {"more": b"x"}, dict(reversed(content.items())),
        {name: value for name, value in content.items() if not name.endswith(".tst")},
        content | {files.MESSAGE: b"other"}, {"mimetype": content["mimetype"]},
    ]  # fmt: skip
    for making in makings:
        with pytest.raises(Unproved):
            files.read(zipped(making, 0))
    with pytest.raises(Unproved):
        files.read(zipped(content, ZIP_DEFLATED))
    with pytest.raises(Unproved):
        files.read(zipped(content | {files.MESSAGE: bytes(files.BYTES_MAX + 1)}, ZIP_DEFLATED))


def zipped(content: dict[str, bytes], method: int) -> bytes:
    buffer = BytesIO()
    with ZipFile(buffer, "w", method) as file:
        for name, value in content.items():
            file.writestr(name, value)
    return buffer.getvalue()
