"""Converts cells to drafts of trend messages: one for each member, measure and table, with true counts.

The privacy gate hides small counts when a message is published; until then these drafts must not leave the country. A
breakdown with the code `total` in every cell of a table is omitted.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec
from msgspec import Struct

from suar.exchange.tables.readings import Cell, Group, Key, Reading
from suar.exchange.tables.table_map import TableMap
from suar.protocol.base.codelists import TOTAL
from suar.protocol.base.instants import instant

OBSERVATIONS_MAX: Final = 1_500  # in one message; the standard allows 2,000, and 512 KiB with long codes


class Draft(Struct, frozen=True):
    """The draft of a message of one member.

    `name`: for a file name. `rows`: the rows of the table for each observation, in the order of `obs`.
    """

    name: str
    member: str
    message: dict[str, Any]
    rows: tuple[tuple[int, ...], ...]

    @property
    def data(self) -> bytes:
        """The bytes to publish."""
        return msgspec.json.encode(self.message)

    @property
    def periods(self) -> str:
        """The first and the last period."""
        periods = sorted({cell["period"] for cell in self.message["obs"]})
        return periods[0] if len(periods) == 1 else f"{periods[0]} to {periods[-1]}"

    def coarser(self, period: str) -> tuple["Draft | None", list[int]]:
        """Return the draft without the finest cells of a period (None if it is empty), and the rows of these cells.

        The finest cells are those with the most breakdowns that are not a total.
        """
        cells = self.message["obs"]
        depths = [sum(code != TOTAL for code in cell["dims"].values()) for cell in cells]
        finest = max(depth for depth, cell in zip(depths, cells, strict=True) if cell["period"] == period)
        left = [at for at, cell in enumerate(cells) if cell["period"] != period or depths[at] < finest]
        gone = sorted(row for at in set(range(len(cells))) - set(left) for row in self.rows[at])
        if not left:
            return None, gone
        message = {**self.message, "obs": [cells[at] for at in left]}
        return Draft(self.name, self.member, message, tuple(self.rows[at] for at in left)), gone


def drafts(reading: Reading, table: TableMap, now: int) -> list[Draft]:
    """Return the messages of a reading, in order. `now`: in ms; they are valid for the days of the map from its date.

    On one day (UTC) the same table results in the same messages, so that the gateway recognises published ones.
    """
    end = datetime.fromtimestamp(now // 1000, UTC).replace(hour=0, minute=0, second=0) + timedelta(
        days=table.valid_days
    )
    expires = instant(int(end.timestamp()) * 1000)
    return [
        _draft(group, part, cells, table, expires)
        for group, cells in sorted(reading.cells.items())
        for part, cells in _parts(cells, table.per_period)
    ]


def _parts(cells: dict[Key, Cell], per_period: bool) -> Iterator[tuple[str, dict[Key, Cell]]]:
    """Yield the cells of each message, whole periods together, named by the period if there are several."""
    by_period: dict[str, dict[Key, Cell]] = {}
    for key in sorted(cells):
        by_period.setdefault(key.period, {})[key] = cells[key]
    if not per_period and len(cells) <= OBSERVATIONS_MAX:
        yield "", cells
        return
    part: dict[Key, Cell] = {}
    for of_period in by_period.values():
        if part and (per_period or len(part) + len(of_period) > OBSERVATIONS_MAX):
            yield next(iter(part)).period, part
            part = {}
        part |= of_period
    yield next(iter(part)).period, part


def _draft(group: Group, period: str, cells: dict[Key, Cell], table: TableMap, expires: str) -> Draft:
    order = sorted(cells)
    used = [name for name in _names(cells) if any(dict(key.dims)[name] != TOTAL for key in cells)]
    message: dict[str, Any] = {
        "kind": "trend",
        "action": "new",
        "expires": expires,
        "indicator": group.indicator,
        "unit": group.unit,
        "date_basis": group.date_basis,
        **table.message,
        "issuer": {**table.message.get("issuer", {}), "member": group.member},
        **({"dims": used} if used else {}),
        "margins": any(dict(key.dims)[name] == TOTAL for key in cells for name in used),
        "obs": [_observation(key, cells[key], used) for key in order],
    }
    roles = {key.place[0] for key in cells} - {"detection"}
    parts = [group.member, group.indicator, *used, *sorted(roles), *([period] if period else [])]
    return Draft("-".join(parts), group.member, message, tuple(tuple(cells[key].rows) for key in order))


def _names(cells: dict[Key, Cell]) -> list[str]:
    return [name for name, _ in next(iter(cells)).dims]


def _observation(key: Key, cell: Cell, used: list[str]) -> dict[str, Any]:
    role, country, admin1 = key.place
    dims = {name: code for name, code in key.dims if name in used}
    place = {"role": role, "country": country, **({"admin1": admin1} if admin1 else {})}
    return {"period": key.period, "place": place, "dims": dims, "value": cell.value, "status": cell.status}
