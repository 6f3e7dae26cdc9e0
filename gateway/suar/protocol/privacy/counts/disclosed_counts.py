"""Finds counts in the texts of a trend that disclose what its table hides (docs/privacy.md, Texts)."""

import re
from collections.abc import Iterator
from typing import Final

from suar.protocol.base.reasons import Reason
from suar.protocol.base.sentences import advice, sentence
from suar.protocol.message.kinds import Observation, Trend
from suar.protocol.privacy.counts.comparing import find_disclosures
from suar.protocol.privacy.counts.hidden_numbers import HiddenNumbers, hidden_numbers
from suar.protocol.privacy.counts.prose import Counted, counted, counted_bands
from suar.protocol.privacy.counts.remembered import known_numbers, sheets_before
from suar.protocol.privacy.memo import CELLS, TEXTS, Memo, WorkAllowance, digest
from suar.protocol.privacy.proof.ledger import Released
from suar.protocol.privacy.tables.protecting import sheets
from suar.protocol.privacy.text.numerals import is_known
from suar.protocol.privacy.text.plain import plain, view

_counts: Final[Memo[tuple[Counted, ...]]] = Memo(TEXTS)
_tables: Final[Memo[HiddenNumbers]] = Memo(CELLS)
_HEAVIEST: Final = CELLS // 4
"""Maximum weight of one table in the cache, regardless of how many earlier releases it was compared with."""
_TEXT: Final = re.compile(r"\$\.text\[(\d+)\]")
_ADVICE: Final = advice("E-PRIVACY-COUNT")


def find_disclosed(
    trend: Trend, prose: list[tuple[str, str]], leaving: tuple[Observation, ...], released: Released, k: int,
    allowance: WorkAllowance,
) -> tuple[list[Reason], list[Reason]]:  # fmt: skip
    """Return (reasons to refuse, reasons to hold).

    `prose`: (JSON path, text) of each text. `leaving`: the observations as sent. `released`: the ledger of the same
    people, that of the year before included. Raises Unprepared if the allowance is too small.
    """
    refused: list[Reason] = []
    held: list[Reason] = []
    known = None
    for path, written in prose:
        found = _known(_language(trend, path), written, allowance)
        if not found:
            continue
        known = known or _hidden_numbers(trend, leaving, released, allowance)
        disclosed, own = find_disclosures(found, known, k), view(written).own
        if disclosed.surely:
            text = sentence("the text states a count or a share that the table hides")
            refused.append(Reason.of("E-PRIVACY-COUNT", None, path, text, _ADVICE, tuple(map(own, disclosed.surely))))
        if disclosed.maybe:
            text = sentence("the text may tell a count or a share that the table hides")
            held.append(Reason.of("E-PRIVACY-COUNT", None, path, text, _ADVICE, tuple(map(own, disclosed.maybe))))
        if disclosed.moved:
            text = sentence("the text may tell a total that has moved by less than {k} since it was shown", k=k)
            held.append(Reason.of("E-PRIVACY-COUNT", None, path, text, _ADVICE, tuple(map(own, disclosed.moved))))
        if disclosed.small:
            text = sentence("the text states a count of fewer than {k}", k=k)
            held.append(Reason.of("E-PRIVACY-COUNT", None, path, text, _ADVICE, tuple(map(own, disclosed.small))))
    return refused, [*held, *_unread_languages(trend, prose, {_entry(reason.path) for reason in refused})]


def _unread_languages(trend: Trend, prose: list[tuple[str, str]], refused: set[int | None]) -> Iterator[Reason]:
    """Yield a reason to hold for each text in a language whose number words are not read, unless it is refused."""
    for at in sorted({at for at in (_entry(path) for path, _ in prose) if at is not None and at not in refused}):
        lang = trend.text[at].lang
        if not is_known(lang):
            text = sentence("numbers in words are not recognised in the language {lang}", lang=lang)
            hint = sentence(
                "a person who reads {lang} has to check that the text tells no count that the table hides", lang=lang
            )  # fmt: skip
            yield Reason.of("E-PRIVACY-COUNT", None, f"$.text[{at}].lang", text, hint)


def _hidden_numbers(
    trend: Trend, leaving: tuple[Observation, ...], released: Released, allowance: WorkAllowance
) -> HiddenNumbers:
    denominator = trend.denominator or None
    series = (trend.action, trend.status, trend.tlp, trend.indicator, trend.unit, trend.date_basis)
    before = [(sheet, released[sheet]) for sheet in (*sheets(trend), *sheets_before(trend)) if sheet in released]
    name = digest((series, denominator, trend.obs, leaving, before))
    if not _tables.is_known(name):
        allowance.spend_table()
    weight = min(len(trend.obs) + sum(len(each.facts) for _, found in before for each in found), _HEAVIEST)
    return _tables.get(name, lambda: hidden_numbers(known_numbers(trend, leaving, released)), weight)


def _language(trend: Trend, path: str) -> str:
    at = _entry(path)
    return "en" if at is None else trend.text[at].lang


def _entry(path: str) -> int | None:
    """Return which of the texts of a trend a path is in."""
    at = _TEXT.match(path)
    return int(at[1]) if at else None


def _known(lang: str, written: str, allowance: WorkAllowance) -> tuple[Counted, ...]:
    name = digest((lang, written))
    if not _counts.is_known(name):
        allowance.spend(len(written))
    return _counts.get(name, lambda: (*counted(plain(written), lang), *counted_bands(plain(written))))
