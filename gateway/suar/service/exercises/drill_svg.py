"""A drill's report as one picture: a row for each member, a mark for each stage, on a logarithmic time axis.

Self-contained: no script, no style sheet, no font and no address but the name space. A description contains the same in
words, for people who cannot see the picture; stages differ in shape, not in colour alone.
"""

import math
from collections.abc import Iterator
from typing import Any, Final

from msgspec import Struct

from suar.protocol.base.stages import ARRIVED
from suar.service.exercises.drill_render import duration

WIDTH: Final = 960
LEFT: Final = 70  # of the axis; member codes are left of it
RIGHT: Final = 640  # of the axis; the state is right of it
ROW: Final = 26
HEAD: Final = 64  # of a message: its title and the axis
TOP: Final = 56  # the banner
LEGEND: Final = 40
_LEGEND_WIDTH: Final = 172  # of an entry: the longest word of a stage in 13 languages
TICKS: Final = (1, 10, 60, 600, 3_600, 21_600, 86_400, 604_800)
INK: Final = "#1a1a1a"
COLOURS: Final = {
    "stored": "#0072b2", "opened": "#9a6000", "acknowledged": "#007a55", "acting": "#a8457f", "refused": "#b34700",
}  # fmt: skip
"""Each at least 4.5 to 1 on white."""
_TITLE_MAX: Final = 90  # characters that fit


class PictureWords(Struct, frozen=True, kw_only=True):
    """The words of a picture, in English unless others are given; placeholders in braces.

    `banner`: "" for that of the report. `stages`, `states`: by code; what is not there is shown as its code. `times`:
    by the time in RFC 3339, what is shown for it.
    """

    banner: str = ""
    heading: str = "drill {name}, as of {at}"
    heading_of_one: str = "exercise {name}, as of {at}"
    sent: str = "{id}, sent {at}."
    unsent: str = "not yet"
    reached: str = "{stage} after {time}"
    overdue: str = "overdue"
    unanswered: str = "no answer"
    silent: str = "no answer ({state})"
    stages: dict[str, str] = {}
    states: dict[str, str] = {}
    times: dict[str, str] = {}

    def after(self, stage: str, seconds: int) -> str:
        """Return that a stage was reached so long after the sending."""
        return self.reached.format(stage=self.stages.get(stage, stage), time=duration(seconds))

    def time(self, at: str | None) -> str:
        """Return a time as it is shown."""
        return self.times.get(at, at) if at else self.unsent

    def late(self, member: dict[str, Any]) -> str:
        """Return the end of a member's line: nothing unless its answer is late."""
        return f", {self.overdue}" if member["overdue"] else ""

    def state(self, member: dict[str, Any]) -> str:
        """Return a member's state."""
        state = str(member["state"])
        return self.states.get(state, state)


ENGLISH: Final = PictureWords()


def as_svg(report: dict[str, Any], words: PictureWords = ENGLISH) -> bytes:
    """The picture in UTF-8."""
    height = TOP + sum(HEAD + ROW * len(message["members"]) for message in report["messages"]) + LEGEND
    banner, heading = words.banner or report["banner"], words.heading if report["drill"] else words.heading_of_one
    named = heading.format(name=report["drill"] or report["messages"][0]["id"], at=words.time(report["at"]))
    last = max(_ends(report), default=1)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
        ' role="img" aria-labelledby="title desc" font-family="sans-serif" font-size="13">',
        f'<title id="title">{escape(banner)}: {escape(named)}</title>',
        f'<desc id="desc">{escape(" ".join(_sentences(report, words)))}</desc>',
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<rect width="{WIDTH}" height="34" fill="#6b2f8a"/>',
        _text(WIDTH // 2, 23, banner, anchor="middle", colour="#ffffff", extra=' font-weight="bold"'),
        _text(8, 51, named),
    ]
    y = TOP
    for message in report["messages"]:
        lines += _message(message, y, last, words)
        y += HEAD + ROW * len(message["members"])
    lines += [*_legend(y + 24, words), "</svg>"]
    return ("\n".join(lines) + "\n").encode()


def escape(text: str) -> str:
    """Text of XML, also in an attribute; what XML cannot hold becomes a blank."""
    plain = "".join(char if char.isprintable() else " " for char in text)
    for char, name in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", "&#39;")):
        plain = plain.replace(char, name)
    return plain


def _ends(report: dict[str, Any]) -> Iterator[int]:
    for message in report["messages"]:
        for member in message["members"].values():
            yield from (each["seconds"] for each in _times(member).values())


def _times(member: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Stage, or `refused`, to what is known of it."""
    found = {stage: member[stage] for stage in ARRIVED if member[stage]}
    refused = member["refused"]
    return found | ({"refused": refused} if refused and "seconds" in refused else {})


def _sentences(report: dict[str, Any], words: PictureWords) -> Iterator[str]:
    """The picture in sentences."""
    for message in report["messages"]:
        yield words.sent.format(id=message["id"], at=words.time(message["sent"]))
        for code, member in sorted(message["members"].items()):
            times = [words.after(stage, each["seconds"]) for stage, each in _times(member).items()]
            yield f"{code}: {', '.join(times) or words.unanswered}; {words.state(member)}{words.late(member)}."


def _message(message: dict[str, Any], y: int, last: int, words: PictureWords) -> list[str]:
    label = f"{message['id']}  {message['title']}"
    cut = label if len(label) <= _TITLE_MAX else f"{label[: _TITLE_MAX - 1]}…"
    bottom = y + HEAD + ROW * len(message["members"]) - 8
    lines = [_text(8, y + 22, cut, extra=' font-weight="bold"'), *_axis(y + HEAD - 12, bottom, last)]
    for at, (code, member) in enumerate(sorted(message["members"].items())):
        lines += _row(code, member, y + HEAD + ROW * at + 6, last, words)
    return lines


def _axis(top: int, bottom: int, last: int) -> list[str]:
    found = []
    for tick in TICKS:
        if tick == 1 or tick <= last * 10:
            x = _x(tick, last)
            if x > RIGHT:
                break
            found.append(f'<path d="M{x} {top}V{bottom}" stroke="#c8c8c8" fill="none"/>')
            found.append(_text(x, top - 4, duration(tick), anchor="middle", extra=' font-size="11"'))
    return found


def _row(code: str, member: dict[str, Any], y: int, last: int, words: PictureWords) -> list[str]:
    times = _times(member)
    found = [_text(8, y + 4, code, extra=' font-weight="bold"')]
    if times:
        end = _x(max(each["seconds"] for each in times.values()), last)
        found.append(f'<path d="M{LEFT} {y}H{end}" stroke="#767676" fill="none"/>')
    found += [_mark(stage, _x(each["seconds"], last), y) for stage, each in times.items()]
    return [*found, _text(RIGHT + 24, y + 4, f"{_shortly(member, times, words)}{words.late(member)}")]


def _shortly(member: dict[str, Any], times: dict[str, dict[str, Any]], words: PictureWords) -> str:
    """Return the last stage that the member stated."""
    for stage in ("refused", *reversed(ARRIVED)):
        if stage in times and (stage != "refused" or member["state"] == "refused"):
            return words.after(stage, times[stage]["seconds"])
    return words.silent.format(state=words.state(member))


def _x(seconds: int, last: int) -> int:
    """The place on the axis of a time after the sending: whole pixels, so that every machine draws the same."""
    room = math.log10(max(last, 60) + 1)
    return LEFT + round((RIGHT - LEFT) * math.log10(seconds + 1) / room)


def _mark(stage: str, x: int, y: int) -> str:
    """A ring, a diamond, a square, a triangle; a cross for a refusal."""
    colour = COLOURS[stage]
    if stage == "stored":
        return f'<circle cx="{x}" cy="{y}" r="5" fill="#ffffff" stroke="{colour}" stroke-width="2"/>'
    if stage == "refused":
        return f'<path d="M{x - 5} {y - 5}l10 10m0 -10l-10 10" stroke="{colour}" stroke-width="3" fill="none"/>'
    shape = {
        "opened": f"M{x} {y - 6}l6 6l-6 6l-6 -6z",
        "acknowledged": f"M{x - 5} {y - 5}h10v10h-10z",
        "acting": f"M{x} {y - 6}l6 11h-12z",
    }[stage]
    return f'<path d="{shape}" fill="{colour}"/>'


def _legend(y: int, words: PictureWords) -> list[str]:
    found = []
    for at, stage in enumerate((*ARRIVED, "refused")):
        x = LEFT + at * _LEGEND_WIDTH
        found += [_mark(stage, x, y - 4), _text(x + 12, y, words.stages.get(stage, stage))]
    return found


def _text(x: int, y: int, text: str, *, anchor: str = "start", colour: str = INK, extra: str = "") -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="{colour}"{extra}>{escape(text)}</text>'
