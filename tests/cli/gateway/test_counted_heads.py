"""How many heads of a file that somebody wrote into are examined."""

from collections.abc import Collection, Sequence

import msgspec
import pytest

from protocol.files.test_auditline import TITLE, dated, signed
from suar.cli.gateway.audits import counted
from suar.protocol.files.auditlog import SignedHead, Title
from support.kit import NOW


def all_count(_: Title, heads: Sequence[SignedHead]) -> Collection[str]:
    return [each.kid for each in heads]


@pytest.mark.parametrize(("forged", "part"), [(2, 1), (3, None)])
def test_heads_from_the_end_are_verified_up_to_a_bound(
    monkeypatch: pytest.MonkeyPatch, forged: int, part: int | None
) -> None:
    """Each costs the verification of a signature, which anybody can write into a file by the million."""
    monkeypatch.setattr(counted, "HEADS_MAX", 3)
    lines = dated([NOW])
    head = signed(lines)
    others = [msgspec.structs.replace(head, at=head.at + n) for n in range(1, forged + 1)]
    rows = [msgspec.json.encode(each) for each in (TITLE, *lines, head, *others)]
    found = counted.signed_part(rows, all_count)
    assert (None if found is None else found.signed) == part
