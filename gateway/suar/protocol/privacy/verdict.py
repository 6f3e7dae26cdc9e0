"""The verdict of the gate on a message before it is sent: pass, hold for a second person, or refuse, with all reasons.

[1] identifiers in free text are refused, [2] names are held, [3] the table of a trend is protected, [4] other small
counts are refused, [5] severity extreme and a request to warn the public are held. A pass may have warnings as reasons.
"""

from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Final

from msgspec import UNSET, Struct
from msgspec.structs import replace

from suar.protocol.authoring.english import generated, is_marked
from suar.protocol.authoring.plausibility import NO_ID
from suar.protocol.base.reasons import Reason
from suar.protocol.base.sentences import Sentence, advice, name_dimension, sentence
from suar.protocol.message.fields import Privacy, Text
from suar.protocol.message.kinds import OF_SHAPE, Alert, Message, Publication, Receipt, Trend
from suar.protocol.message.spec import BODY, CITATION, LINK, MAIL, PROSE, fields_of
from suar.protocol.privacy.counts.denominators import denominator_reasons, without_false_total
from suar.protocol.privacy.counts.disclosed_counts import find_disclosed
from suar.protocol.privacy.identifiers.addresses import in_url, is_personal
from suar.protocol.privacy.identifiers.doubtful import doubtful
from suar.protocol.privacy.identifiers.forms import Found, identifiers
from suar.protocol.privacy.identifiers.references import dates_of_persons, without_dates_of_laws
from suar.protocol.privacy.labelled.found import labelled_identifiers, labelled_names
from suar.protocol.privacy.limits import DOMINANT_PERCENT, DOMINATED_BELOW, Floors, Gate, k_for
from suar.protocol.privacy.memo import CELLS, NEW_TEXT_MAX, TEXTS, Memo, WorkAllowance, digest
from suar.protocol.privacy.names.persons import in_title, names
from suar.protocol.privacy.ordinary import is_ordinary
from suar.protocol.privacy.proof.cells import Sheet, body_of, cell_of
from suar.protocol.privacy.proof.draws import PUBLIC, Draw
from suar.protocol.privacy.proof.families import families, family_of
from suar.protocol.privacy.proof.ledger import MOVED, Release, Released
from suar.protocol.privacy.structured import Doubt, doubts
from suar.protocol.privacy.tables.differences import Difference, differences_and_rests, rest_warnings, warnings
from suar.protocol.privacy.tables.protecting import Protected, Unprotectable, protect
from suar.protocol.privacy.tables.remainders import all_but
from suar.protocol.privacy.tables.shown import Table
from suar.protocol.privacy.text.plain import plain, view

FREE_TEXTS: Final = frozenset({PROSE, BODY, CITATION})
LAW_PROSE: Final = "law prose"
"""The text of a law's title and summary, which may contain the date when it was passed, published or applied."""
ADDRESSES: Final = frozenset({LINK, MAIL})
"""Fields with a form that can still identify a person."""

LOOKED_UP_FROM: Final = 120
"""Characters of a text up to which it costs less to see that it is ordinary than to look its findings up."""

PASS, HOLD, REFUSE = "pass", "hold", "refuse"
MOVED_CODE: Final = "E-PRIVACY-MOVED"
WARNINGS: Final = frozenset({"E-PRIVACY-SUM", MOVED_CODE, "E-PRIVACY-DOMINANT"})
"""Codes of reasons that are warnings and hold no message."""


class Opinion(Struct, frozen=True):
    """The verdict. `message`: exactly as sent (None if refused). `releases`: written to the ledger with the message.

    `table`: the table of a trend before and after the gate, for its author only, regardless of the verdict.
    """

    verdict: str
    reasons: tuple[Reason, ...]
    message: Publication | None = None
    releases: dict[Sheet, Release] = {}
    table: Table | None = None


def judge(
    message: Publication, gate: Gate = Floors, released: Released | None = None, *, draw: Draw = PUBLIC,
    only_known: bool = False,
) -> Opinion:  # fmt: skip
    """Return the verdict of the gate on a complete message with its true counts.

    `gate`: the settings of the country. `released`: the earlier releases. `draw`: the draws of this member, by default
    the public ones. `only_known`: raise Unprepared if more than a short text is not yet in the cache.
    """
    k = k_for(message.tlp, gate)
    allowance = WorkAllowance(NEW_TEXT_MAX if only_known else None)
    refused, held, warned = list[Reason](), list[Reason](), list[Reason]()
    table: Table | None = None
    is_law = OF_SHAPE[type(message)].has_law_prose
    for path, _, sort, written in _checked_texts(message):
        leads, persons = _marks_of(text_sort(sort, is_law=is_law), written, allowance)
        for found in leads:
            (refused if found.is_sure else held).append(identifier_reason(path, found))
        if persons:
            held.append(_name(path, persons))
    held += map(_doubt_reason, doubts(message))
    held += _second_person(message)
    releases: dict[Sheet, Release] = {}
    leaving: Publication = message
    if isinstance(message, Trend):
        protected, unequal, rests = _known_table(message, k, released or {}, draw, allowance)
        warned += [*warnings(message.obs, unequal), *rest_warnings(message.obs, rests, k), *_dominant(message, k)]
        out = tuple(replace(item, value=None) if (item.value or 0) < k else item for item in message.obs)
        table = Table(message.obs, None, (), unequal)
        if isinstance(protected, Unprotectable):
            refused += without_false_total(protected.reasons, message, released or {})
        else:
            out = protected.obs
            table = Table(message.obs, out, protected.hidden, unequal)
            warned += list(_moved(protected, k))
            releases = protected.releases
            leaving = replace(message, obs=protected.obs, privacy=Privacy(k=k, cells_suppressed=protected.suppressed))
        for surely, maybe in (
            find_disclosed(message, words_of(message), out, released or {}, k, allowance),
            denominator_reasons(message, k, out, released or {}),
        ):
            refused += surely
            held += maybe
    if refused:
        return Opinion(REFUSE, (*refused, *held, *warned), table=table)
    return Opinion(HOLD if held else PASS, (*held, *warned), leaving, releases, table)


def _moved(protected: Protected, k: int) -> Iterator[Reason]:
    """Yield a warning for each count that is hidden because it changed by less than k."""
    text = sentence(
        "the count was shown before and has moved by less than {k} since: it leaves hidden until it has moved by {k2}",
        k=k, k2=k,
    )  # fmt: skip
    for each in protected.hidden:
        if each.why == MOVED:
            own = text if each.rest is None else sentence(
                "the number of all but {codes} was shown before and has moved by less than {k} since: this count, "
                "which is a part of it, leaves hidden until it has moved by {k2}",
                codes=all_but(each.rest), k=k, k2=k,
            )  # fmt: skip
            yield _reason(MOVED_CODE, f"$.obs[{each.at}].value", own)


def _marks_of(sort: str, written: str, allowance: WorkAllowance) -> "_Marks":
    if sort == LINK:
        return in_url(written), ()
    if sort == MAIL:
        return (), (written,) if is_personal(written) else ()
    return _of_body(written) if sort == BODY else _known_marks(sort, written, allowance)


def text_sort(sort: str, *, is_law: bool) -> str:
    """Return the sort under which a text is examined: the prose of a law may contain dates of the law."""
    return LAW_PROSE if is_law and sort == PROSE else sort


def texts(message: Message) -> list[tuple[str, str, str]]:
    """Return (JSON path, field, text) of every examined text and address of a message, without generated texts.

    The mark `generated` is not trusted: only a text that equals the one generated from the codes is omitted.
    """
    return [(path, field, written) for path, field, _, written in _checked_texts(message)]


def words_of(message: Message) -> list[tuple[str, str]]:
    """Return (JSON path, text) of all prose of a message, without web and mail addresses."""
    return [(path, written) for path, _, sort, written in _checked_texts(message) if sort not in ADDRESSES]


_Looked = tuple[str, str, str, str]  # the JSON path, the field, the sort of text, the text


def _checked_texts(message: Message) -> list[_Looked]:
    found: list[_Looked] = []
    own = None if isinstance(message, Receipt) or not is_marked(message) else generated(message)
    _collect(message, "$", found, own)
    return found


def _collect(value: Struct, path: str, found: list[_Looked], own: Text | None) -> None:
    if own is not None and value == own:
        return
    for name, sort in _with_text(value.__class__):
        below = getattr(value, name)
        if below is UNSET:
            continue
        if isinstance(below, str):
            found.append((f"{path}.{name}", name, sort, below))
        elif isinstance(below, tuple):
            for at, item in enumerate(below):
                here = f"{path}.{name}[{at}]"
                if isinstance(item, str):
                    found.append((here, name, sort, item))
                else:
                    _collect(item, here, found, own)
        elif isinstance(below, Struct):
            _collect(below, f"{path}.{name}", found, own)


@cache
def _with_text(shape: type[Struct]) -> tuple[tuple[str, str], ...]:
    """Return (field, sort of text) of the fields that are examined or contain such fields (sort "" for objects)."""
    found = []
    for name, kind, _ in fields_of(shape).values():
        inside = kind.item or kind
        if inside.text or (inside.struct is not None and _with_text(inside.struct)):
            found.append((name, inside.text or ""))
    return tuple(found)


def fields_looked_at(shape: type[Struct]) -> frozenset[str]:
    """Return the names of all examined fields of a type, at any depth."""
    known = {name: found.item or found for name, found, _ in fields_of(shape).values()}
    below = [fields_looked_at(found.struct) for found in known.values() if found.struct]
    return frozenset(name for name, found in known.items() if found.text).union(*below)


_Marks = tuple[tuple[Found, ...], tuple[str, ...]]


TEXT_MARKS: Final[Memo[_Marks]] = Memo(TEXTS)
_Judged = tuple[Protected | Unprotectable, tuple[Difference, ...], tuple[Difference, ...]]
PROTECTED_TABLES: Final[Memo[_Judged]] = Memo(CELLS)


def _known_marks(sort: str, written: str, allowance: WorkAllowance) -> _Marks:
    if len(written) <= LOOKED_UP_FROM and (not written or (sort != CITATION and is_ordinary(plain(written)))):
        return (), ()
    name = digest((sort, written))
    found = TEXT_MARKS.find(name)
    if found is None:
        allowance.spend(len(written))
        found = TEXT_MARKS.keep(name, marks(sort, written))
    return found


def _known_table(trend: Trend, k: int, released: Released, draw: Draw, allowance: WorkAllowance) -> _Judged:
    """Return the result of `protect` or its refusal, the totals that differ from their parts, and the rests."""
    series = (trend.status, trend.tlp, trend.indicator, trend.unit, trend.date_basis, trend.dims or (), body_of(trend))
    whole = trend.denominator or None  # the denominator is part of the table
    own = set(families(trend))
    proved = {sheet: releases for sheet, releases in released.items() if family_of(sheet) in own}
    month = trend.sent[:7]  # on which the dates in a hint depend
    name = digest((series, whole, trend.obs, k, list(proved.items()), draw.name, month))
    if not PROTECTED_TABLES.is_known(name):
        allowance.spend_table()
    return PROTECTED_TABLES.get(name, lambda: _judged(trend, k, proved, draw), len(trend.obs))


def _judged(trend: Trend, k: int, released: Released, draw: Draw) -> _Judged:
    unequal, rests = differences_and_rests(trend, k)
    try:
        return protect(trend, k, released, draw), unequal, rests
    except Unprotectable as error:
        return Unprotectable(error.reasons), unequal, rests


def marks(sort: str, written: str) -> _Marks:
    """Return the identifiers in a text and the words that may name a person, both in the characters of the author.

    `sort`: one of FREE_TEXTS, or LAW_PROSE. The title of a law contains its date and capitals, and capitals in the name
    of an institution do not indicate a person.
    """
    text, is_law = plain(written), sort == CITATION
    if not is_law and is_ordinary(text):
        return (), ()
    persons = in_title(text) if is_law else names(text, pairs=sort != BODY)
    persons += labelled_names(text, persons, runs=sort in (PROSE, LAW_PROSE))
    leads = identifiers(text, dates=not is_law)
    leads += labelled_identifiers(text, leads, dates=not is_law)
    if is_law:
        leads += dates_of_persons(text)
    elif sort == LAW_PROSE:
        leads = without_dates_of_laws(text, leads)
    leads += doubtful(text, leads)
    if not leads and not persons:
        return (), ()
    own = view(written).own
    return tuple(dict.fromkeys(found._replace(words=own(found.words)) for found in leads)), tuple(map(own, persons))


@lru_cache(maxsize=1024)
def _of_body(written: str) -> _Marks:
    """Return the marks of an institution's name, cached because it occurs in every message of that institution."""
    return marks(BODY, written)


def note_refusals(note: str, path: str = "$.note") -> tuple[Reason, ...]:
    """Return the reasons against a note at a JSON path, which no second person reviews, each with the marked words."""
    leads, persons = marks(PROSE, note)
    named = [_name(path, persons)] if persons else []
    found = [*(identifier_reason(path, lead) for lead in leads), *named]
    return tuple(reason.with_hint(sentence("take the marked words out")) for reason in found)


def identifier_reason(path: str, found: Found) -> Reason:
    """Return the reason against an identifier in the text at this JSON path."""
    kind = sentence("telephone number") if found.kind == "telephone" else Sentence(found.kind)
    text = sentence("the text contains a {kind}", kind=kind)
    text = text if found.is_sure else sentence("the text may contain a {kind}", kind=kind)
    return _reason("E-PRIVACY-IDENTIFIER", path, text, (found.words,))


def _name(path: str, words: tuple[str, ...]) -> Reason:
    return _reason("E-PRIVACY-NAME", path, sentence("the text seems to name a person"), words)


def _doubt_reason(doubt: Doubt) -> Reason:
    if doubt.is_of_another_country:
        text = sentence("the code is of another country than its place")
        hint = sentence("give a code of that country, or leave it out")
        return Reason.of("E-PRIVACY-IDENTIFIER", None, doubt.path, text, hint, (doubt.words,))
    if doubt.is_no_id:
        hint = sentence("suar inbox lists ids")
        return Reason.of("E-PRIVACY-IDENTIFIER", None, doubt.path, NO_ID, hint, (doubt.words,))
    if doubt.is_long_past:
        text = sentence("the date is more than a year before the message, as a date of a person may be")
        hint = sentence("leave it out: the message then applies at once")
        if doubt.path != "$.valid_from":
            hint = sentence("give the month alone")
        return Reason.of("E-PRIVACY-IDENTIFIER", None, doubt.path, text, hint, (doubt.words,))
    return identifier_reason(doubt.path, doubt.found) if doubt.found else _name(doubt.path, (doubt.words,))


def _is_bare_cancel(message: Alert) -> bool:
    if message.action != "cancel":
        return False
    from suar.protocol.authoring.withdrawal import (
        is_bare,  # not loaded by a check from the command line
    )

    return is_bare(message)


def _second_person(message: Publication) -> Iterator[Reason]:
    if not isinstance(message, Alert) or _is_bare_cancel(message):  # a cancel without new content is not delayed
        return
    if message.severity == "extreme":
        yield _reason("E-SECOND-PERSON", "$.severity", sentence("severity extreme needs a second person"))
    for at, request in enumerate(message.request):
        if request.action == "warn-public":
            text = sentence("to warn the public needs a second person")
            yield _reason("E-SECOND-PERSON", f"$.request[{at}].action", text)


def _dominant(trend: Trend, k: int) -> Iterator[Reason]:
    """Yield a warning for each cell above DOMINANT_PERCENT of a small margin, because it describes nearly all of it."""
    cells = {(item.place, cell_of(item)): at for at, item in enumerate(trend.obs)}
    for (place, cell), at in cells.items():
        value = trend.obs[at].value
        for part, (name, _) in enumerate(cell.dims):
            margin = cells.get((place, cell._replace(dims=cell.dims[:part] + cell.dims[part + 1 :])))
            whole = None if margin is None else trend.obs[margin].value
            is_small = value is not None and whole is not None and k <= value < whole < DOMINATED_BELOW * k
            if is_small and 100 * (value or 0) > DOMINANT_PERCENT * (whole or 0):
                text = sentence(
                    "one cell holds more than {dominant_percent} % of a margin below {dominated_below}",
                    dominant_percent=DOMINANT_PERCENT, dominated_below=DOMINATED_BELOW * k,
                )  # fmt: skip
                message = sentence("{text}, by {name}", text=text, name=name_dimension(name))
                yield _reason("E-PRIVACY-DOMINANT", f"$.obs[{at}].value", message)


def _reason(code: str, path: str, message: Sentence, marked: tuple[str, ...] = ()) -> Reason:
    return Reason.of(code, None, path, message, advice(code), marked)
