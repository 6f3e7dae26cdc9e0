"""Trend: statistics over period, place and at most three breakdowns."""

from typing import Annotated, Any, Final, Literal

from msgspec import UNSET, UnsetType

from suar.protocol.base import codelists as lists
from suar.protocol.base.sentences import sentence
from suar.protocol.message import fields as f
from suar.protocol.message.head import Head
from suar.protocol.message.kind import phrases
from suar.protocol.message.kind.declaration import Dated, English, Found, Kind, Words, is_newer, rule


class Coverage(f.Shape, frozen=True, kw_only=True):
    """What part of reality the numbers cover; completeness in percent, absent and null alike."""

    scope: lists.CoverageScope
    completeness: f.Percent | UnsetType | None = UNSET


class Dims(f.Shape, frozen=True, kw_only=True):
    """The breakdowns of one observation: for each dimension a code of the dimension's own list, or total."""

    sex: lists.Sex | UnsetType = UNSET
    age: lists.Age | UnsetType = UNSET
    citizenship: f.Citizenship | UnsetType = UNSET
    exploitation: lists.ExploitationOrTotal | UnsetType = UNSET
    industry: f.IndustryOrTotal | UnsetType = UNSET
    means: lists.CoarseMeansOrTotal | UnsetType = UNSET
    recruiter: lists.RelationOrTotal | UnsetType = UNSET
    transport: lists.TransportOrTotal | UnsetType = UNSET


class Observation(f.Shape, frozen=True, kw_only=True):
    """One cell: value is null exactly when its status is S (suppressed) or M (missing)."""

    period: f.Period
    place: f.Place
    dims: Dims
    value: f.Count | None
    status: lists.ObsStatus


class Trend(Head, frozen=True, kw_only=True, tag="trend"):
    """Statistics: observations over period, place and at most three breakdowns."""

    schema: Literal["trend/1.0"]
    id: Annotated[str, f.id_of("trend")]
    indicator: lists.TrendIndicator
    unit: lists.Unit
    date_basis: lists.DateBasis
    coverage: Coverage
    method: lists.Method
    direction: lists.Direction
    dims: Annotated[tuple[lists.Dimension, ...], f.most(3)] | UnsetType = UNSET
    margins: bool
    obs: Annotated[tuple[Observation, ...], f.most(2000)]
    denominator: f.Count | UnsetType = UNSET
    caveats: Annotated[tuple[lists.Caveat, ...], f.Some] | UnsetType = UNSET


DIMENSIONS: tuple[str, ...] = Dims.__struct_fields__
"""The dimensions of a table, in the order of the standard."""


WORDS: Final[Words] = {
    "Trend": {
        "indicator": ("What is counted", "what is counted"),
        "unit": ("Unit", "the unit of the values"),
        "date_basis": ("Date counted by", "by which date the cases are counted"),
        "coverage": ("Coverage", "what part of reality the numbers cover"),
        "method": ("Method", "how the numbers were made"),
        "direction": ("Direction", "how a person reads them"),
        "dims": ("Broken down by", "by what the numbers are broken down, at most three"),
        "margins": ("With totals", "whether totals stand among the observations"),
        "obs": ("Figures", "the observations, each period, place and breakdown once"),
        "denominator": ("Out of", "out of how many, such as persons screened"),
        "caveats": ("To bear in mind", "what to keep in mind when reading"),
    },
    "Coverage": {
        "scope": ("Scope", "the whole country, a part of it, or one agency"),
        "completeness": ("Completeness", "how much of it was counted, in percent; absent or null when unknown"),
    },
    "Observation": {
        "period": ("Period", "a year, half-year, quarter or month"),
        "place": ("Place", "the place and its role"),
        "dims": ("Broken down by", "a code for each dimension of the table"),
        "value": ("Value", "the count; null exactly when the status is S or M"),
        "status": ("Note on the value", "how the value is to be taken"),
    },
    "Dims": {
        "sex": ("Sex", "sex"),
        "age": ("Age", "age; the nine narrow bands only in national figures"),
        "citizenship": ("Citizenship", "citizenship: a country, XX (stateless), other, unknown or total"),
        "exploitation": ("Form of exploitation", "form of exploitation"),
        "industry": ("Industry", "industry by ISIC Rev.4, or total"),
        "means": ("Means", "coarse means of control"),
        "recruiter": ("Relation to the recruiter", "relation of the recruiter to the victim"),
        "transport": ("Means of transport", "means of transport"),
    },
}


def _trend(trend: Trend) -> English:
    indicator = phrases.name("trend-indicator", trend.indicator)
    periods = sorted({cell.period for cell in trend.obs})
    span = periods[0] if len(periods) == 1 else f"{periods[0]} to {periods[-1]}"
    dims = () if trend.dims is UNSET else trend.dims
    broken_down = f" by {phrases.names('dimension', dims)}" if dims else ""
    return f"Trend: {indicator}{broken_down}, {span}", [
        f"Figures on {indicator}{broken_down} for {span}, in {phrases.name('unit', trend.unit)}.",
        f"Direction: {phrases.name('direction', trend.direction)}.",
        f"Counted by date of {phrases.name('date-basis', trend.date_basis)}, {phrases.name('method', trend.method)}.",
        f"{len(trend.obs)} values.",
    ]


CHILD_AGES = frozenset({"0-8", "9-17"})


ADULT_AGES = frozenset({"18-20", "21-23", "24-26", "27-29", "30-38", "39-47", "48+"})


NATIONAL_AGES = CHILD_AGES | ADULT_AGES
"""The nine age bands that are allowed only for whole countries; in a smaller area they could identify people."""


NO_VALUE = frozenset({"S", "M"})


def _cell_dims(message: Trend) -> Found:
    if is_newer(Trend, message.schema):
        return  # a dimension that this version does not know would count as missing
    named = frozenset() if message.dims is UNSET else frozenset(message.dims)
    for at, cell in enumerate(message.obs):
        used = {name for name in DIMENSIONS if getattr(cell.dims, name) is not UNSET}
        if used != named:
            wrong = ", ".join(sorted(used ^ named))
            text = sentence("its dimensions are not those of $.dims: {wrong}", wrong=wrong)
            yield f"$.obs[{at}].dims", text, sentence("give each exactly once")


def _totals(message: Trend) -> Found:
    if message.margins:
        return
    for at, cell in enumerate(message.obs):
        for name in DIMENSIONS:
            if getattr(cell.dims, name) == "total":
                text, hint = sentence("a total where margins is false"), sentence("set margins, or leave totals out")
                yield f"$.obs[{at}].dims.{name}", text, hint


def _cell_value(message: Trend) -> Found:
    for at, cell in enumerate(message.obs):
        if (cell.value is None) != (cell.status in NO_VALUE):
            hint = sentence("value is null exactly when status is S (suppressed) or M (missing)")
            text = sentence("value and status {status} contradict each other", status=cell.status)
            yield f"$.obs[{at}].value", text, hint


def _national_ages(message: Trend) -> Found:
    for at, cell in enumerate(message.obs):
        national = message.coverage.scope == "national" and cell.place.admin1 is UNSET and cell.place.locode is UNSET
        if cell.dims.age in NATIONAL_AGES and not national:
            hint = sentence("use 0-17 and 18+, or whole countries with coverage.scope national")
            yield f"$.obs[{at}].dims.age", sentence("narrow age bands are for national figures only"), hint


def _one_cell(message: Trend) -> Found:
    if is_newer(Trend, message.schema):
        return
    seen: set[Any] = set()
    for at, cell in enumerate(message.obs):
        key = (cell.period, cell.place, cell.dims)
        if key in seen:
            hint = sentence("one observation a period, place and breakdown")
            yield f"$.obs[{at}]", sentence("the cell is given twice"), hint
        seen.add(key)


def _kept(trend: Trend, whole: dict[str, Any]) -> dict[str, Any]:
    """Return one cell without a value and without breakdowns."""
    cell = whole["obs"][0]
    empty = {"period": cell["period"], "place": cell["place"], "dims": {}, "value": None, "status": "M"}
    return {"margins": False, "obs": [empty], "coverage": {"scope": trend.coverage.scope}}


KIND: Final = Kind(
    shape=Trend,
    about="Statistics: observations over period, place and at most three breakdowns.",
    use="give numbers: how many, where, when, of whom in groups",
    readers="analysts, policy",
    words=WORDS,
    english=_trend,
    rules=(
        rule("M-TREND-DIMS", "schema dims obs", _cell_dims, "every observation has exactly the dimensions of `dims`"),
        rule("M-TREND-TOTAL", "margins obs", _totals, "`total` stands only where `margins` is true"),
        rule("M-TREND-VALUE", "obs", _cell_value, "`value` is null exactly when `status` is S or M"),
        rule(
            "M-TREND-AGES",
            "coverage obs",
            _national_ages,
            "the nine narrow age bands stand only with coverage.scope national and a place without admin1 and locode",
        ),
        rule("M-TREND-CELL", "schema obs", _one_cell, "no period, place and breakdown stands twice"),
    ),
    dates=(Dated("period", 1, listing="obs"),),
    kept=_kept,
)
