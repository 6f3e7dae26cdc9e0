"""Renders values of fields in a language, driven by the types of the message: codes, names, times, amounts, words."""

from __future__ import annotations

import csv
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Final

from suar.languages.cldr.subdivisions import with_name
from suar.languages.rendering.unseen import inside_quotes, short_code
from suar.protocol.base.codelists import TOTAL, TYPES, codes, labels
from suar.protocol.message import fields as f
from suar.protocol.message.inspection import FAIL_CLOSED
from suar.protocol.message.kind.legislation import LIFE
from suar.protocol.message.kinds import PUBLISHED
from suar.protocol.message.spec import Spec, fields_of
from suar.published import schemas_dir

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from msgspec import Meta

    from suar.languages.catalogue import Catalogue
    from suar.languages.names import Names

GRADES: Final = frozenset({"reliability", "credibility", "tlp"})
"""Lists whose code is itself a term of the field, and is shown before its label."""
UNLABELLED: Final = frozenset({"member", "body", "sector", "type", "rel", "id", "code", "scope", "action"})
"""Keys in an object whose value names the object's type."""
NORMAL: Final = "A"
"""The observation status that needs no note."""
_OF_ONE: Final = {"hours": "one-hour", "years": "one-year"}
"""The phrase for an amount of one."""


Columns = tuple[str, ...]


def code_text(catalogue: Catalogue, listing: str, code: str) -> str:
    """Return the label of a code; a code that no list here has, in quotation marks: its text is the publisher's."""
    return catalogue.label(listing, code) or catalogue.phrase("quoted", text=short_code(code))


class Values:
    """Renders values in one language; `has_quoted` states whether any of them were words of the publisher."""

    def __init__(self, names: Names) -> None:
        self.names, self.words = names, names.words
        self.has_quoted = False
        self._by_type = self._sayings()

    def join(self, parts: Iterable[str], phrase: str = "list") -> str:
        """Return several values on one line, joined by the language's separator."""
        first, *rest = parts
        for part in rest:
            first = self.words.phrase(phrase, first=first, rest=part)
        return first

    def lines(self, shape: str, key: str, spec: Spec, value: Any) -> tuple[str, ...]:
        """Return the lines of a field's value: one, or one for each object of a list."""
        if spec.item and spec.item.struct and isinstance(value, list):
            return tuple(self._one(spec.item, key, each) for each in value)
        return (self.one(spec, key, value),)

    def one(self, spec: Spec, key: str, value: Any) -> str:
        """Return a field's value on one line."""
        if value is None:
            return self.words.phrase("no-value")
        if isinstance(value, list):
            return self.join(self._one(spec.item or spec, key, each) for each in value)
        return self._one(spec, key, value)

    def _one(self, spec: Spec, key: str, value: Any) -> str:
        if spec.struct:
            return self._object(spec.struct.__name__, fields_of(spec.struct), value)
        if spec.codes:
            return self._code(spec.codes, key, value)
        if spec.iso == "citizenship" and value in labels("citizenship-special"):
            return self.words.label("citizenship-special", value) or value
        return self._scalar(spec, key, value)

    def _scalar(self, spec: Spec, key: str, value: Any) -> str:
        if isinstance(value, bool):
            return self.words.phrase("yes" if value else "no")
        render = self._by_type.get(spec.metas)
        if render is not None:
            return render(value)
        return self.names.number(value) if isinstance(value, int) else self.quoted(value)

    def _sayings(self) -> dict[tuple[Meta, ...], Callable[[Any], str]]:
        """Return a renderer for each type of field; other types: numbers unchanged, words in quotation marks."""
        names = self.names
        renderers: dict[Any, Callable[[Any], str]] = {
            f.Instant: names.instant, f.Date: names.day, f.Month: names.month, f.Period: names.period,
            f.MonthOrInstant: names.month_or_instant, f.Country: names.country, f.Citizenship: names.country,
            f.Language: names.language, f.Currency: names.currency, f.Credibility: self._credibility,
            f.Industry: self._industry, f.IndustryOrTotal: self._industry, f.Years: self._years,
        }  # fmt: skip
        renderers |= dict.fromkeys((f.AckHours, f.DueHours), partial(self._amount, "hours"))
        renderers |= {f.Percent: partial(self._amount, "percent"), f.Admin1: partial(with_name, tag=names.tag)}
        renderers |= dict.fromkeys((f.Revision, f.LegNumber, f.FrameNumber, f.MessagePlace, f.TrustVersion), str)
        renderers |= dict.fromkeys((f.Locode, f.CaseToken, f.Provision, f.Url, f.Phone, f.Email, f.Hex64), str)
        ids = [f.id_of(*kinds) for kinds in (PUBLISHED, *((kind,) for kind in PUBLISHED))]
        return {kind.__metadata__: render for kind, render in renderers.items()} | dict.fromkeys(
            ((id_,) for id_ in ids), str
        )

    def quoted(self, text: str) -> str:
        """Return words of the publisher unchanged, except quotation marks inside them."""
        self.has_quoted = True
        return self.words.phrase("quoted", text=inside_quotes(text))

    def _amount(self, phrase: str, value: int) -> str:
        phrase = _OF_ONE.get(phrase, phrase) if value == 1 else phrase
        return self.words.phrase(phrase, number=self.names.number(value))

    def _years(self, value: int) -> str:
        return self.words.phrase("life") if value == LIFE else self._amount("years", value)

    def _credibility(self, value: int) -> str:
        return self._graded("credibility", str(value)) or str(value)

    def _industry(self, value: str) -> str:
        """Return an ISIC code as text: a section by its name, a division as a number in its section."""
        if value == TOTAL:
            return self.words.phrase("total")
        section = value if value in codes("isic-section") else sections().get(value)
        name = section and self.words.label("isic-section", section)
        if not name:
            return self._unknown(("isic-section",), "industry", value)
        if section == value:
            return name
        return self.words.phrase("section", section=name, division=value)

    def _code(self, listed: tuple[str, ...], key: str, value: str) -> str:
        if value == "all":
            return self.words.phrase("everybody")
        if value == TOTAL:
            return self.words.phrase("total")
        for listing in lists_of(listed):
            found = self._graded(listing, value)
            if found:
                return found
        return self._unknown(listed, key, value)

    def _graded(self, listing: str, code: str) -> str | None:
        label = self.words.label(listing, code)
        if label is None or listing not in GRADES:
            return label
        return self.words.phrase("grade", code=f"TLP:{code}" if listing == "tlp" else code, meaning=label)

    def _unknown(self, listed: tuple[str, ...], key: str, value: str) -> str:
        """Return a code of a newer version with a mark; if it decides about disclosure, also with how it is read."""
        raw = self.words.phrase("unknown-code", code=self.quoted(short_code(value)))
        counts_as = FAIL_CLOSED.get(f"$.{key}")
        if counts_as is None:
            return raw
        return self.words.phrase("counts-as", code=raw, meaning=self._code(listed, key, counts_as))

    def _object(self, shape: str, known: dict[str, tuple[str, Spec, bool]], value: dict[str, Any]) -> str:
        if "currency" in known:
            return self._money(known, value)
        parts = [self._area(value)] if "country" in known else []
        if "role" in known and parts:
            parts = [self._pair(self._code(known["role"][1].codes, "role", value["role"]), parts[0])]
        for key, (_, spec, _) in known.items():
            if key not in value or (parts and key in ("country", "admin1", "locode", "role")):
                continue
            text = self.one(spec, key, value[key])
            parts.append(text if key in UNLABELLED else self._pair(self.words.field(shape, key), text))
        if shape == "Audience" and "sectors" not in value:
            parts.append(self.words.phrase("every-sector"))
        return self.join(parts, "parts") if parts else self.words.phrase("no-value")

    def _pair(self, label: str, value: str) -> str:
        return self.words.phrase("pair", label=label, value=value)

    def _area(self, value: dict[str, Any]) -> str:
        finer = [with_name(value["admin1"], self.names.tag)] if "admin1" in value else []
        finer += [value["locode"]] if "locode" in value else []
        return " ".join([self.names.country(value["country"]), *finer])

    def _money(self, known: dict[str, tuple[str, Spec, bool]], value: dict[str, Any]) -> str:
        low, high = (self.names.number(value[key]) for key in ("low", "high"))
        amount = low if low == high else self.words.phrase("range", first=low, last=high)
        kind = self.one(known["kind"][1], "kind", value["kind"])
        return self._pair(kind, f"{amount} {self.names.currency(value['currency'])}")

    def figures(self, cells: list[dict[str, Any]]) -> tuple[tuple[tuple[str, str], ...], Columns, tuple[Columns, ...]]:
        """Return a table of observations: what all have in common as (label, value), the columns, the rows.

        There is a column of notes only if a value has one.
        """
        from suar.protocol.message.kinds import Dims, Observation

        known, dims = fields_of(Observation), fields_of(Dims)
        named = [name for name in dims if any(name in cell["dims"] for cell in cells)]
        columns: dict[str, list[str]] = {
            key: [self.one(known[key][1], key, cell[key]) for cell in cells] for key in ("period", "place")
        }
        for name in named:
            columns[name] = [self._dimension(dims[name][1], name, cell["dims"].get(name)) for cell in cells]
        columns["value"] = ["-" if cell["value"] is None else self.names.number(cell["value"]) for cell in cells]
        if any(cell["status"] != NORMAL for cell in cells):
            columns["status"] = [self._note(known["status"][1], cell["status"]) for cell in cells]
        common = [key for key in ("period", "place") if len(set(columns[key])) == 1]
        heads = [key for key in columns if key not in common]

        def label(key: str) -> str:
            return self.words.label("dimension", key) or self.words.field("Observation", key)

        return (
            tuple((label(key), columns[key][0]) for key in common),
            tuple(label(key) for key in heads),
            tuple(zip(*(columns[key] for key in heads), strict=True)),
        )

    def _dimension(self, spec: Spec, name: str, value: str | None) -> str:
        return "" if value is None else self.one(spec, name, value)

    def _note(self, spec: Spec, status: str) -> str:
        return "" if status == NORMAL else self.one(spec, "status", status)

    def revision(self, link: dict[str, Any]) -> str:
        """Return one revision of a message's chain."""
        action = code_text(self.words, "action", link["action"])
        parts = [str(link["rev"]), action]
        if link.get("received"):
            parts.append(self.words.phrase("received", when=self.names.instant(link["received"])))
        return self.join(parts)


@cache
def lists_of(listed: tuple[str, ...]) -> tuple[str, ...]:
    """Return the code lists that a closed type takes its codes from."""
    for names in TYPES.values():
        taken = [code for name in names for code in ((TOTAL,) if name == TOTAL else codes(name))]
        if tuple(dict.fromkeys(taken)) == listed:
            return tuple(name for name in names if name != TOTAL)
    return ()


@cache
def sections() -> dict[str, str]:
    """Return, by division of ISIC Rev.4 (two digits), the letter of its section (schemas/rollups)."""
    with (schemas_dir() / "rollups" / "isic-division.csv").open(encoding="utf-8", newline="") as file:
        _, *lines = csv.reader(file)
        return {line[0]: line[1] for line in lines}
