"""The demo's result: one document for programs, and the same as tables for a person."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from suar.demo.embedded.founding import NAMES
from suar.demo.story.publications import Publication
from suar.demo.story.readings import Reading
from suar.demo.story.small_counts import COLUMNS, HIDDEN, ROWS, Gate
from suar.demo.story.witnesses import Seen
from suar.languages.tags import ENGLISH
from suar.protocol.base.errors import CODES
from suar.protocol.base.stages import ARRIVED

if TYPE_CHECKING:
    from rich.console import Console

_PLAIN_WIDTH: Final = 250  # columns if the output is a pipe, so that no row is wrapped
_TITLE_MAX: Final = 60  # most characters of a title in a table


@dataclass
class Report:
    """The run: who published what to whom, how it reads, which acts were refused where."""

    members: Sequence[str]
    publications: Sequence[Publication]
    acts: Sequence[Seen] = ()
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)
    readings: Sequence[Reading] = ()
    gate: Gate | None = None
    consoles: dict[str, Any] = field(default_factory=dict, repr=False)
    picture: Path | None = None

    @property
    def expected(self) -> int:
        """The number of deliveries: pairs of a message and a member that must store it."""
        return sum(len(each.draft.to) for each in self.publications)

    @property
    def proved(self) -> int:
        """The number of deliveries that a signed receipt proves."""
        return self.expected - sum(len(each.missing) for each in self.publications)

    @property
    def kinds(self) -> dict[str, int]:
        """Return the messages published of each kind; for receipts, the deliveries with one."""
        return {**Counter(each.draft.kind for each in self.publications if each.id), "receipt": self.proved}

    @property
    def missing(self) -> list[str]:
        """Return everything that should have happened and did not, one line each."""
        return [
            *(f"{each.draft.example}: {each.fault}" for each in self.publications if each.fault),
            *(
                f"{each.id or each.draft.example}: not stored by {_missing_text(each)}"
                for each in self.publications
                if each.missing
            ),
            *(
                f"{seen.act.name}: {seen.act.code} not seen at {' '.join(seen.missing)}"
                for seen in self.acts
                if seen.missing
            ),
            *self.faults,
        ]

    def document(self) -> dict[str, Any]:
        """Return the `--json` shape of `suar demo`."""
        return {
            "members": sorted(self.members),
            "published": [_published(each) for each in self.publications],
            "deliveries": {
                each.id: {code: each.stages.get(code, "none") for code in sorted(each.draft.to)}
                for each in self.publications
                if each.id
            },
            "kinds": self.kinds,
            "readings": [
                {"id": r.id, "at": r.at, "lang": r.lang, "lines": r.lines, "english": r.english} for r in self.readings
            ],
            "gate": _gate(self.gate),
            "refused": [row for seen in self.acts for row in _refused(seen)],
            "expected": self.expected,
            "met": self.proved,
            "acts": len(self.acts),
            "missing": self.missing,
            "seconds": round(self.seconds, 1),
            "consoles": self.consoles,
            "picture": None if self.picture is None else str(self.picture),
        }

    # -- for a person

    def show(self) -> None:
        """Print the tables, in colour on a terminal."""
        from rich.console import Console

        console = Console(highlight=False)
        if not console.is_terminal:
            console = Console(highlight=False, no_color=True, width=_PLAIN_WIDTH)
        _show_published(console, self.publications, self.members)
        _show_readings(console, self.readings)
        if self.gate:
            _show_gate(console, self.gate)
        if self.acts:
            _show_refused(console, self.acts)
        for line in self.missing:
            console.print(f"missing: {line}", style="bold red", markup=False)
        refused = sum(not seen.missing for seen in self.acts)
        kinds = ", ".join(f"{count} {kind}" for kind, count in self.kinds.items() if kind != "receipt")
        console.print(f"published: {kinds}; the seventh kind, receipts, answered {self.proved} deliveries")
        acts = f"{refused} of {len(self.acts)} hostile acts refused; " if self.acts else ""
        console.print(
            f"{self.proved} of {self.expected} deliveries proved by signed receipts; {acts}{self.seconds:.1f} s",
            style="bold red" if self.missing else "bold green",
        )
        if self.picture is not None:
            console.print(f"who has one of the alerts, as its publisher sees it: {self.picture}", markup=False)


def _missing_text(each: Publication) -> str:
    return ", ".join(f"{code} ({each.stages.get(code, 'none')})" for code in each.missing)


def _published(each: Publication) -> dict[str, Any]:
    draft = each.draft
    return {
        "id": each.id, "kind": draft.kind, "from": draft.sender, "to": sorted(draft.to), "realm": draft.realm,
        "audience": "all" if draft.is_for_all else "named", "example": draft.example, "title": each.title,
    }  # fmt: skip


def _refused(seen: Seen) -> list[dict[str, Any]]:
    act = seen.act
    return [
        {
            "act": act.name, "code": act.code, "rule": seen.rules[code], "at": code, "by": act.by,
            "origin": act.origin, "alarm": act.alarm,
            "detail": seen.detail,
        }
        for code in act.at
        if code in seen.rules
    ]  # fmt: skip


def _show_published(console: "Console", publications: Sequence[Publication], members: Sequence[str]) -> None:
    table = _table("What was published, and which members have stored it: each has said so in a signed receipt")
    for name in ("title", "kind", "from", "to", "stored by", "realm", "message"):
        table.add_column(name, overflow="fold")
    for each in publications:
        stored = [code for code in sorted(each.draft.to) if each.stages.get(code) in ARRIVED]
        to = "all" if each.draft.is_for_all else " ".join(sorted(each.draft.to))
        style = "red" if each.missing else "yellow" if each.draft.realm == "exercise" else ""
        table.add_row(
            _shortened(each.title), each.draft.kind, each.draft.sender, to, _many(stored), each.draft.realm,
            each.id or f"({each.draft.example})", style=style,
        )  # fmt: skip
    console.print(table)
    names = ", ".join(f"{code} {NAMES[code]}" for code in sorted(members))
    console.print(f"members: {names}", markup=False)
    console.print("realm: an exercise is marked as one everywhere and never listed among actual messages")
    console.print()


def _shortened(title: str) -> str:
    return title if len(title) <= _TITLE_MAX else f"{title[: _TITLE_MAX - 1]}…"


def _show_readings(console: "Console", readings: Sequence[Reading]) -> None:
    """Print the readings without wrapping or interpretation; their own layout handles width and script."""
    if readings and not any(each.lang == ENGLISH.tag for each in readings):
        first = readings[0]
        _show_lines(console, f"{first.id} in English: suar show {first.id}", first.english)
    for each in readings:
        title = f"{each.id} as {each.at} reads it: suar show {each.id} --lang {each.lang} ({each.language})"
        _show_lines(console, title, each.lines)


def _show_lines(console: "Console", title: str, lines: Sequence[str]) -> None:
    console.print(title, style="bold", markup=False)
    for line in lines:
        console.print(f"  {line}", markup=False, soft_wrap=True)
    console.print()


def _gate(gate: Gate | None) -> dict[str, Any] | None:
    if gate is None:
        return None
    return {"id": gate.id, "at": gate.at, "before": gate.before, "after": gate.after, "suppressed": gate.suppressed}


def _show_gate(console: "Console", gate: Gate) -> None:
    title = (
        f"the privacy gate hid {gate.suppressed} counts of {gate.id}, so that none of the small ones can be computed"
    )
    table = _table(f"Before and after: {title}")
    for name in ("", *(f"{age} handed in" for age in COLUMNS), *(f"{age} at {gate.at}" for age in COLUMNS)):
        table.add_column(name, justify="right" if name else "left")
    for sex, before, after in zip(ROWS, gate.before, gate.after, strict=True):
        table.add_row(sex, *before, *after)
    console.print(table)
    console.print(
        f"{HIDDEN}: suppressed. A reader knows that the count is hidden, and cannot compute it from the others"
    )
    console.print()


def _many(codes: Sequence[str]) -> str:
    return f"{len(codes)}: {' '.join(codes)}" if codes else "nobody"


def _show_refused(console: "Console", acts: Sequence[Seen]) -> None:
    table = _table("Hostile acts, and the gateways that refused them, by their own metrics, logs and alarms")
    for name in ("act", "by", "code", "rule", "why", "seen at"):
        table.add_column(name, overflow="fold")
    for seen in acts:
        rule = Counter(seen.rules.values()).most_common(1)[0][0] if seen.rules else "-"
        style = "red" if seen.missing else ""
        table.add_row(seen.act.name, seen.act.by, seen.act.code, rule, _why(seen), _where(seen), style=style)
    console.print(table)
    console.print("code: `suar errors CODE` says what it means and what to do; a code in small letters is an alarm")
    console.print("rule: its number in docs/protocol.md")
    console.print()


def _where(seen: Seen) -> str:
    codes = sorted(seen.rules)
    return f"all {len(codes)}" if len(codes) > 3 and not seen.missing else " ".join(codes) or "nobody"


def _why(seen: Seen) -> str:
    """Return the meaning of the code, and the alarm's text."""
    meaning = CODES[seen.act.code].meaning if seen.act.code in CODES else seen.detail
    return meaning + (f"; alarm {seen.act.alarm}" if seen.act.alarm and seen.act.alarm != seen.act.code else "")


def _table(title: str) -> Any:
    from rich import box
    from rich.table import Table

    return Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False, title_style="bold")
