"""What the privacy gate will do to tables before they are published, one after the other as they would leave.

Each table is judged with what the same country's tables before it would have released, as its gateway's own ledger
will; what was published earlier only the gateway knows, and its verdict at publish is the one that counts. Of a
period that cannot be protected the finest cells are taken out, and again until the rest can; their rows are listed.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from suar.exchange.problems import Problem
from suar.exchange.trends import Draft
from suar.protocol.compose import complete
from suar.protocol.kinds import Observation, Trend
from suar.protocol.privacy.families import families, family_of
from suar.protocol.privacy.limits import k_for
from suar.protocol.privacy.tables import Protected, Released, Unprotectable, protect
from suar.protocol.reasons import Invalid, Reason

_PLACE: Final = re.compile(r"\$\.obs\[([0-9]+)\]")


class Preview(Struct, frozen=True):
    """One draft before and after the gate.

    `verdict`: pass or refuse. `primary` cells are hidden for their own count, `given` were not known in the table,
    `complementary` ones are hidden because the others could be computed from them. `obs` is what would leave, `left`
    the rows of cells that may not.
    """

    draft: Draft
    verdict: str
    k: int
    reasons: tuple[Reason, ...] = ()
    primary: int = 0
    given: int = 0
    complementary: int = 0
    obs: tuple[Observation, ...] = ()
    left: tuple[Problem, ...] = ()

    @property
    def cells(self) -> int:
        """All cells of the table."""
        return len(self.draft.message["obs"])

    def shape(self) -> dict[str, Any]:
        """In plain values, for `--json`."""
        return {
            "name": self.draft.name, "member": self.draft.member, "indicator": self.draft.message["indicator"],
            "dims": self.draft.message.get("dims", []), "periods": self.draft.periods,
            "rows": sum(map(len, self.draft.rows)), "cells": self.cells, "k": self.k, "verdict": self.verdict,
            "primary": self.primary, "given": self.given, "complementary": self.complementary,
            "reasons": msgspec.to_builtins(self.reasons),
        }  # fmt: skip


def previews(drafts: Sequence[Draft], *, realm: str, now: int) -> Iterator[Preview]:
    """Each draft with what the gate makes of it, in order; every country has a ledger of its own."""
    ledgers: dict[str, Released] = {}
    for draft in drafts:
        yield _preview(draft, realm, now, ledgers.setdefault(draft.member, {}))


def _preview(draft: Draft, realm: str, now: int, released: Released) -> Preview:
    k = k_for(str(draft.message.get("tlp")))
    left: list[Problem] = []
    while True:
        try:
            found = _protected(draft, realm, now, released, k)
        except Invalid as invalid:
            left += _rows_of(draft, invalid.reasons[0])
            return Preview(draft, "refuse", k, invalid.reasons, left=tuple(left))
        except Unprotectable as error:
            reasons = tuple(error.reasons)
            rest, rows = _coarser(draft, reasons)
            left += [Problem(row, None, reasons[0].message, reasons[0].hint) for row in rows]
            if rest is None:
                return Preview(draft, "refuse", k, reasons, left=tuple(left))
            draft = rest
            continue
        for sheet, release in found.releases.items():
            n = sum(map(len, released.values())) + 1
            released.setdefault(sheet, []).append(replace(release, n=n))
        return Preview(draft, "pass", k, (), found.primary, found.given, found.complementary, found.obs, tuple(left))


def _rows_of(draft: Draft, reason: Reason) -> list[Problem]:
    """Every row of a draft that is no message, for one reason: the map's fields are not what the standard asks."""
    text = f"{reason.path}: {reason.message}"
    return [Problem(row, None, text, reason.hint) for rows in draft.rows for row in rows]


def _protected(draft: Draft, realm: str, now: int, released: Released, k: int) -> Protected:
    message = complete(draft.data, member=draft.member, realm=realm, now=now, ledger=None).message
    if not isinstance(message, Trend):  # a draft of ours says kind trend
        raise TypeError(message)
    own = set(families(message))
    return protect(message, k, {sheet: before for sheet, before in released.items() if family_of(sheet) in own})


def _coarser(draft: Draft, reasons: tuple[Reason, ...]) -> tuple[Draft | None, list[int]]:
    """The draft, coarser in the period that a reason is about; where none says which, nothing is left."""
    found = next((place for reason in reasons if (place := _PLACE.match(reason.path))), None)
    if found:
        return draft.coarser(draft.message["obs"][int(found[1])]["period"])
    # a cell of an earlier table has no place in this one: the reason names it in words, which begin with its period
    words = " ".join(reason.message for reason in reasons)
    period = next((cell["period"] for cell in draft.message["obs"] if f" {cell['period']}," in words), None)
    if period is None:
        return None, [row for rows in draft.rows for row in rows]
    return draft.coarser(period)
