"""Makes keys/reference: run as `python tests/support/reference_lists.py`, from keys that anyone can derive.

seed of NAME = SHA-256("suar reference key, published, protects nothing: " + NAME), NAME being `root A` to `root C` or
`member CC`. Ed25519 signs without chance, so the files come out the same, byte for byte, on every machine.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from suar.federation import ceremony
from suar.protocol.base.limits import DAY
from suar.protocol.base.primitives import kid, public_of
from suar.protocol.trust import trustlist
from suar.protocol.trust.trustlist import Key, Member, TrustList

FOLDER: Final = Path(__file__).parents[2] / "keys" / "reference"
FEDERATION: Final = "reference"
FOUNDED: Final = 1_798_761_600_000  # 2027-01-01T00:00:00Z
ASEAN: Final = {
    "BN": "Brunei Darussalam",
    "KH": "Cambodia",
    "ID": "Indonesia",
    "LA": "Lao People's Democratic Republic",
    "MY": "Malaysia",
    "MM": "Myanmar",
    "PH": "Philippines",
    "SG": "Singapore",
    "TH": "Thailand",
    "TL": "Timor-Leste",
    "VN": "Viet Nam",
}


def seed(name: str) -> bytes:
    """The published seed of `root A`, `member TH` and so on."""
    return hashlib.sha256(b"suar reference key, published, protects nothing: " + name.encode()).digest()


def member(code: str, name: str, day: int = 0) -> Member:
    """A member with all rights and one key of 400 days."""
    public = public_of(seed(f"member {code}"))
    start = FOUNDED + day * DAY
    return Member(code, name, "active", [Key(kid(public), public, start, start + 400 * DAY, None)], ["*"], ["*"])


def signed(content: TrustList, *roots: str) -> bytes:
    """The list, signed through the ceremony as key holders do it."""
    draft = ceremony.parse(ceremony.draft(content), "the draft")
    files = [(name, ceremony.parse(ceremony.sign(draft, content, seed(name), None), name)) for name in roots]
    merged = ceremony.merge(draft, files, None)
    return trustlist.assemble(merged.raw, merged.signatures)


def lists() -> Iterator[tuple[str, bytes]]:
    """(file name, content): the founding; the Secretariat joins; a member is suspended and its key revoked."""
    roots = [ceremony.root_of(f"Reference key holder {x}", public_of(seed(f"root {x}"))) for x in "ABC"]
    members = [member(code, name) for code, name in ASEAN.items()]
    first = ceremony.found_federation(FEDERATION, roots, 2, members, FOUNDED, 180)
    data = signed(first, "root A", "root B")
    yield "1.list", data

    joining = ceremony.next_list(trustlist.parse(data), first, FOUNDED + 30 * DAY, 180)
    joined = sorted([*joining.members, member("XA", "Secretariat", 30)], key=lambda m: m.code)
    second = msgspec.structs.replace(joining, members=joined)
    data = signed(second, "root A", "root C")
    yield "2.list", data

    third = ceremony.next_list(trustlist.parse(data), second, FOUNDED + 60 * DAY, 180)
    third = ceremony.set_status(third, "MM", "suspended")
    third = ceremony.revoke(third, kid(public_of(seed("member MM"))).hex(), FOUNDED + 60 * DAY)
    yield "3.list", signed(third, "root A", "root B", "root C")


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for file, content in lists():
        (FOLDER / file).write_bytes(content)
        print(file, trustlist.parse(content).hash.hex())
