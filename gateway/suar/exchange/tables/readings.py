"""The content of a table that was read: the cells of each message, other rows, and the changes by the map."""

from msgspec import Struct, field

from suar.exchange.files.personal import NotUsed
from suar.exchange.files.problems import Problem


class Group(Struct, frozen=True, order=True):
    """The key of one message: the member, the measure, and the table in the file (a word of its split column)."""

    member: str
    indicator: str
    unit: str
    date_basis: str
    part: str


class Key(Struct, frozen=True, order=True):
    """The key of a cell of a group: period, location (role, country, admin1 or "") and a code for each breakdown."""

    period: str
    place: tuple[str, str, str]
    dims: tuple[tuple[str, str], ...]

    def named(self) -> str:
        """Return the cell in words without totals."""
        codes = [code for _, code in self.dims if code != "total"]
        return " ".join([self.period, *(self.place[1:] if self.place[0] == "return" else ()), *codes]).strip()


class Cell(Struct):
    """A cell while it is built: its count (None: S or M), its status, and its rows."""

    value: int | None
    status: str
    rows: list[int]


class Merge(Struct, frozen=True):
    """A change that the map made: its kind, a text, and the number of affected rows.

    Kinds: thousands, below, calendar, provisional, to-come (nothing was changed), labels (several words, or a less
    specific one), place, repeated.
    """

    what: str
    text: str
    rows: int


class Reading(Struct):
    """All rows: those in cells (`imported`), those to be corrected (`problems`), and those that the map omits.

    `not_used`: other content of the file that is not used for a message.
    """

    cells: dict[Group, dict[Key, Cell]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    left_out: list[Problem] = field(default_factory=list)
    merges: list[Merge] = field(default_factory=list)
    not_used: list[NotUsed] = field(default_factory=list)
    rows: int = 0
    imported: int = 0

    def listed(self) -> list[Problem]:
        """Return every row that is in no message, in the order of the file."""
        return sorted([*self.problems, *self.left_out], key=lambda each: each.row)
