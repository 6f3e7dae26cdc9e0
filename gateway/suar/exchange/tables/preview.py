"""Preview of the result of the privacy gate for tables, in the order in which they would be published.

Each table is checked together with the releases of the same country's earlier tables in this import. Earlier
publications are known only to the gateway, whose verdict on publication is decisive. In a period that cannot be
protected, the finest cells are removed repeatedly until the rest can be protected; their rows are listed.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from msgspec import UNSET, Struct
from msgspec.structs import replace

from suar.exchange.files.problems import Problem
from suar.exchange.tables.trends import Draft
from suar.protocol.base.reasons import Invalid, Reason, Sentences
from suar.protocol.base.sentences import CELL, Sentence
from suar.protocol.compose import complete
from suar.protocol.message.kinds import Observation, Trend
from suar.protocol.privacy.limits import k_for
from suar.protocol.privacy.proof.families import families, family_of
from suar.protocol.privacy.tables.coarser import with_coarser
from suar.protocol.privacy.tables.differences import differences, differences_and_rests, rest_warnings, warnings
from suar.protocol.privacy.tables.protecting import Released, Unprotectable, protect
from suar.protocol.privacy.tables.shown import Table

REFUSED_MAX: Final = 5
"""Refused tables of one import of which coarser ones are tried; --show tries those of the table that it names."""
_PLACE: Final = re.compile(r"\$\.obs\[([0-9]+)\]")


class Preview(Struct, frozen=True):
    """One draft before and after the gate.

    `verdict`: pass or refuse. `primary`: cells hidden for their own count. `unknown`: cells without a count in the
    table. `complementary`: cells hidden because others could be computed from them. `obs`: the observations as they
    would be sent. `left`: the rows of removed cells. `table`: before and after, with the reason for each hidden figure;
    plain values with labels if it is the answer of a gateway.
    """

    draft: Draft
    verdict: str
    k: int
    reasons: tuple[Reason, ...] = ()
    primary: int = 0
    unknown: int = 0
    complementary: int = 0
    obs: tuple[Observation, ...] = ()
    left: tuple[Problem, ...] = ()
    table: Table | dict[str, Any] | None = None

    @property
    def cells(self) -> int:
        """The number of all cells of the table."""
        return len(self.draft.message["obs"])

    def shape(self) -> dict[str, Any]:
        """Return plain values for `--json`."""
        return {
            "name": self.draft.name, "member": self.draft.member, "indicator": self.draft.message["indicator"],
            "dims": self.draft.message.get("dims", []), "periods": self.draft.periods,
            "rows": sum(map(len, self.draft.rows)), "cells": self.cells, "k": self.k, "verdict": self.verdict,
            "primary": self.primary, "given": self.unknown, "complementary": self.complementary,
            "reasons": [reason.shape() for reason in self.reasons],
        }  # fmt: skip


def previews(
    drafts: Sequence[Draft], *, realm: str, now: int, compared: Callable[[Draft], bool] = lambda _: False
) -> Iterator[Preview]:
    """Yield each draft with the result of the gate, in order; every country has its own ledger.

    `compared`: whether to compute coarser tables for a draft. They are also computed for the first refused drafts, as
    these were before their finest cells were removed.
    """
    ledgers: dict[str, tuple[Released, list[str]]] = {}
    refused = 0
    for draft in drafts:
        (released, names), is_named = ledgers.setdefault(draft.member, ({}, [])), compared(draft)
        found = _preview(draft, realm, now, released, names, compared=is_named)
        if found.verdict == "refuse" and isinstance(found.table, Table) and (is_named or refused < REFUSED_MAX):
            refused += 1
            trend = _complete(draft, realm, now)
            table = with_coarser(found.table, trend, found.k, _of_families(trend, released))
            found = replace(found, table=table)
        yield found


def _of_families(trend: Trend, released: Released) -> Released:
    own = set(families(trend))
    return {sheet: releases for sheet, releases in released.items() if family_of(sheet) in own}


def _preview(
    draft: Draft, realm: str, now: int, released: Released, names: list[str], *, compared: bool
) -> Preview:  # fmt: skip
    """Return the result for one draft, and add what it releases. `names`: of the draft of each release, in order."""
    k = k_for(str(draft.message.get("tlp")))
    left: list[Problem] = []
    while True:
        try:
            trend = _complete(draft, realm, now)
        except Invalid as invalid:
            left += _rows_of(draft, invalid.reasons[0])
            return Preview(draft, "refuse", k, invalid.reasons, left=tuple(left))
        before = _of_families(trend, released)
        try:
            found = protect(trend, k, before)
        except Unprotectable as error:
            reasons = tuple(error.reasons)
            rest, rows = _coarser(draft, reasons)
            left += [_of_gate(row, reasons[0]) for row in rows]
            if rest is None:
                table = Table(trend.obs, None, (), differences(trend))
                return Preview(draft, "refuse", k, reasons, left=tuple(left), table=table)
            draft = rest
            continue
        unequal, rests = differences_and_rests(trend, k)
        table = Table(trend.obs, found.obs, found.hidden, unequal, messages=tuple(names))
        table = with_coarser(table, trend, k, before) if compared else table
        for sheet, release in found.releases.items():
            n = sum(map(len, released.values())) + 1
            released.setdefault(sheet, []).append(replace(release, n=n))
            names.append(draft.name)
        counts = found.primary, found.by_publisher, found.complementary
        warned = (*warnings(trend.obs, unequal), *rest_warnings(trend.obs, rests, k))
        return Preview(draft, "pass", k, warned, *counts, found.obs, tuple(left), table)


def _rows_of(draft: Draft, reason: Reason) -> list[Problem]:
    """Return every row of a draft that is not a valid message because fields of the map violate the standard."""
    text = f"{_where(draft, reason.path)}: {reason.message}"
    return [Problem(row, None, text, reason.hint) for rows in draft.rows for row in rows]


def _of_gate(row: int, reason: Reason) -> Problem:
    """Return a row that the gate keeps at home."""
    sentence = reason.sentences.message if isinstance(reason.sentences, Sentences) else UNSET
    return Problem(row, None, reason.message, reason.hint, sentence)


def _where(draft: Draft, path: str) -> str:
    """Return the path of a reason in words: for an observation, its period, location and codes."""
    found = _PLACE.match(path)
    if not found:
        return path
    cell = draft.message["obs"][int(found[1])]
    parts = [cell["period"], " ".join(map(str, cell["place"].values())), *(f"{k} {v}" for k, v in cell["dims"].items())]
    return ", ".join(parts)


def _complete(draft: Draft, realm: str, now: int) -> Trend:
    message = complete(draft.data, member=draft.member, realm=realm, now=now, ledger=None).message
    if not isinstance(message, Trend):  # cannot happen: a draft has kind trend
        raise TypeError(message)
    return message


def _coarser(draft: Draft, reasons: tuple[Reason, ...]) -> tuple[Draft | None, list[int]]:
    """Return the draft without the finest cells of the period that a reason names, and the rows of these cells.

    The draft is None if nothing is left.
    """
    found = next((match for reason in reasons if (match := _PLACE.match(reason.path))), None)
    if found:
        return draft.coarser(draft.message["obs"][int(found[1])]["period"])
    # a cell of an earlier table has no index in this one: the reason names it
    named = {period for reason in reasons for period in _periods(reason)}
    period = next((cell["period"] for cell in draft.message["obs"] if cell["period"] in named), None)
    if period is None:
        return None, [row for rows in draft.rows for row in rows]
    return draft.coarser(period)


def _periods(reason: Reason) -> Iterator[str]:
    """Yield the periods of the cells that the message of a reason names."""
    values = reason.sentences.message.values.values() if isinstance(reason.sentences, Sentences) else ()
    for each in values:
        if isinstance(each, Sentence) and each.type == CELL:
            yield str(each.values["period"])
