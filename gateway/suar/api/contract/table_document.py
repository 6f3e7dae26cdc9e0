"""The table of a verdict: with the labels of a language, as it is answered, and as types for the OpenAPI document."""

from asyncio import to_thread
from typing import Any, Literal

from msgspec import Struct

from suar.languages.names import names
from suar.languages.rendering.cells import label
from suar.languages.tags import Language
from suar.protocol.privacy.tables.shown import Table


async def labelled(table: Table, language: Language) -> dict[str, Any]:
    """Return `Table.shape` with the labels of a language, made on a thread: a large table takes a moment."""
    known = names(language.tag)
    return await to_thread(table.shape, lambda cell: label(cell, known))


class CellDocument(Struct):
    """A figure of a table: its cell, by codes, and its label for people in the requested language."""

    period: str
    place: dict[str, str]
    dims: dict[str, str]
    label: str


class FigureDocument(CellDocument):
    """A figure with its value: null with status S (hidden) or M (missing)."""

    value: int | None
    status: str


class SumDocument(Struct):
    """A sum of the table: its total, by name and place among the figures, and the places of its parts."""

    cell: CellDocument
    at: int
    parts: list[int]


class PublishedDocument(Struct):
    """A published number: `at`, its place among the figures, or of an earlier table the id of its message.

    `cell`: null for the denominator of that table.
    """

    cell: CellDocument | None
    at: int | None
    message: str | None


class TogetherDocument(Struct):
    """Published numbers that with a hidden figure would disclose a small count; `more`: how many are not named.

    `earlier`: it is with earlier tables too, of which nothing is named here.
    """

    numbers: list[PublishedDocument]
    more: int
    earlier: bool


class HiddenDocument(Struct):
    """A figure that is sent as S.

    `protects`: it would disclose another, in `sum` first of all, and in each of `sums`; or, where there is no such sum,
    with `together`. `small`: its own count; `given`: its publisher wrote it as S; `moved`: less than k from what was
    shown before.
    """

    cell: CellDocument
    at: int
    why: Literal["small", "protects", "given", "moved"]
    sum: SumDocument | None
    sums: list[SumDocument]
    together: TogetherDocument | None


class DifferenceDocument(Struct):
    """A total that is not what its parts (their places) are together, before anything is hidden."""

    cell: CellDocument
    total: int
    together: int
    by: int
    parts: list[int]


class CoarserDocument(Struct):
    """A coarser table that may leave: how many figures it has, and how many of them it hides. The first hides least."""

    by: Literal["quarter", "half", "year", "age-groups", "sections", "country", "rare-as-other", "without"]
    dimension: str
    cells: int
    hidden: int


class TableDocument(Struct):
    """A trend's table for its author: as handed in, and as it is sent (null when it cannot be).

    `coarser`: of a check, and of a message that is refused or held; in a batch as far as its time suffices.
    """

    before: list[FigureDocument]
    after: list[FigureDocument] | None
    hidden: list[HiddenDocument]
    differences: list[DifferenceDocument]
    coarser: list[CoarserDocument]
