"""An alert in OASIS CAP 1.2, read: what of it can stand in an alert of ours, and what may not pass, item by item.

CAP speaks to the public about a place and often about a person; our alert speaks to states about a pattern. Shapes on
a map, contacts, links and attachments never pass; a text with a trace of a person in it does not pass whole. Nothing
is taken out silently: without --drop the first such item stops the import, with it every one is told.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from msgspec import Struct, field

from suar.exchange.cap import AREA_CODES, LEVELS, NAMESPACE, PREFIX
from suar.exchange.problems import shown
from suar.exchange.traces import LENGTH_MAX, prose_traces, traces
from suar.exchange.xml_file import Element, read_xml
from suar.protocol.errors import Fault

NEVER: Final = {
    "polygon": "a shape on a map leads to a door; an alert names a country or a province",
    "circle": "a circle on a map leads to a door; an alert names a country or a province",
    "altitude": "a place finer than a province",
    "ceiling": "a place finer than a province",
    "contact": "who answers stands in a contact message, which the alert names as its desk",
    "web": "a link may lead to a person's picture; an alert has none",
    "resource": "an alert has no attachments and no links to them",
    "addresses": "addresses of readers; the audience is named by member and sector",
}
"""Elements that never pass, whatever stands in them, and why."""
_HARMLESS: Final = {
    "addresses": re.compile(r"[A-Z]{2}( [A-Z]{2}){0,49}(?!\n)\Z"),
    "contact": re.compile(r"see the contact message [A-Z]{2}-CONTACT-[0-9]{4}-[0-9]{6}(?!\n)\Z"),
}
TEXTS: Final = ("headline", "description", "instruction")
"""What becomes title and summary."""
SIGNATURE: Final = "http://www.w3.org/2000/09/xmldsig#"
TITLE_MAX, SUMMARY_MAX = 120, 800
LANGUAGES_MAX: Final = 12
ENGLISH: Final = "en"
NO_SUMMARY: Final = "No description: it was left out when the alert was entered, because it named persons or places."


class Item(Struct, frozen=True):
    """Something that may not pass: its path in the file, what it is, the words, and why."""

    at: str
    sort: str
    words: str
    why: str


class CapAlert(Struct):
    """What a CAP alert says that ours can say. `texts`: language to (title, summary), either "" when there is none.

    `refused`: what may not pass. `unused`: paths of harmless elements that our alert has no place for. `ours` and
    `members`: what an export of ours left in parameters, and whom it was addressed to.
    """

    status: str
    msg_type: str
    levels: dict[str, str]
    event: str
    responses: list[str]
    texts: dict[str, tuple[str, str]]
    times: dict[str, str]
    places: list[dict[str, str]]
    sender_name: str
    refused: list[Item] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)
    ours: dict[str, str] = field(default_factory=dict)
    members: list[str] = field(default_factory=list)


def read_cap(data: bytes) -> CapAlert:
    """The alert in a CAP file. Raises Fault for what is no CAP 1.2 alert that can be read as one alert of ours."""
    root = read_xml(data)
    _is_cap(root)
    infos = root.all("info")
    if not infos:
        raise Fault(
            "/alert/info[1]: the alert has no information", "an acknowledgement or a cancel names its alert by id"
        )
    if len(infos) > LANGUAGES_MAX:
        text = (
            f"{infos[LANGUAGES_MAX].at}: the alert has {len(infos)} languages, an alert of ours at most {LANGUAGES_MAX}"
        )
        raise Fault(text, "take some out of the file")
    refused = list(_refused(root))
    barred = {item.at for item in refused}
    first = infos[0]
    return CapAlert(
        status=_one(root, "status"),
        msg_type=_one(root, "msgType"),
        levels={name: _level(infos, name) for name in LEVELS},
        event=_same(infos, "event"),
        responses=list(dict.fromkeys(each.text for info in infos for each in info.all("responseType"))),
        texts=_texts(infos, barred),
        times={name: moment for name in ("effective", "onset", "expires") if (moment := _time(first, name))},
        places=_places(infos),
        sender_name="" if _path(first, "senderName") in barred else _text(first, "senderName"),
        refused=refused,
        unused=[each.at for each in _unused(root, barred)],
        ours=_ours(first, barred),
        members=[] if _path(root, "addresses") in barred else _text(root, "addresses").split(),
    )


def _is_cap(root: Element) -> None:
    if root.name != "alert" or root.namespace != NAMESPACE:
        found = f"{root.namespace} {root.name}".strip()
        raise Fault(f"/{root.name}: no CAP 1.2 alert but {shown(found, 80)}", "name an alert of OASIS CAP 1.2")
    for name in ("identifier", "sender", "sent", "status", "msgType", "scope"):
        _one(root, name)


def _one(parent: Element, name: str) -> str:
    found = parent.first(name)
    if found is None or not found.text:
        raise Fault(f"{parent.at}/{name}[1]: CAP requires {name}", "export the alert anew, or add the element")
    return found.text


def _level(infos: list[Element], name: str) -> str:
    return _same(infos, name).lower()


def _same(infos: list[Element], name: str) -> str:
    """The one text of an element in all languages of the alert: two of them are two alerts."""
    found = {_one(info, name): info for info in infos}
    if name == "event":  # is told in each language
        return next(iter(found))
    if len(found) > 1:
        text = f"{list(found.values())[1].at}/{name}[1]: the alert has several {name} values: {', '.join(found)}"
        raise Fault(text, "split the file: one alert says one thing, in as many languages as you like")
    return next(iter(found))


def _text(parent: Element, name: str) -> str:
    found = parent.first(name)
    return " ".join(found.text.split()) if found else ""


def _path(parent: Element, name: str) -> str:
    found = parent.first(name)
    return found.at if found else ""


# -- what may not pass


def _refused(root: Element) -> Iterator[Item]:
    for element in root.walk():
        if element.namespace == SIGNATURE:
            continue
        if element.name in NEVER and element.text and not _is_ours(element):
            yield Item(element.at, element.name, _cut(element.text), NEVER[element.name])
        if element.name == "resource":
            yield Item(element.at, "resource", _text(element, "resourceDesc"), NEVER["resource"])
        if element.name == "geocode" and _text(element, "valueName") not in AREA_CODES:
            words = f"{_text(element, 'valueName')} {_text(element, 'value')}"
            yield Item(element.at, "geocode", _cut(words), "a code that may be finer than a province")
        if element.text and (element.name not in NEVER or element.name == "contact"):
            yield from _traces(element)
        if element.name in TEXTS and len(element.text) > LENGTH_MAX:
            yield Item(element.at, "length", f"{len(element.text):,} characters", f"at most {LENGTH_MAX:,} are read")


def _is_ours(element: Element) -> bool:
    """What an export of ours writes where other alerts have names: member codes, and the id of a contact message."""
    pattern = _HARMLESS.get(element.name)
    return pattern is not None and pattern.match(element.text) is not None


def _traces(element: Element) -> Iterator[Item]:
    if element.name in ("sent", "effective", "onset", "expires", "references", "identifier"):
        return  # times and CAP's own names
    for trace in prose_traces(element.text) if element.name in TEXTS else traces(element.text):
        yield Item(element.at, trace.sort, _cut(trace.words), "leads to a person or a door")


def _cut(words: str) -> str:
    return shown(" ".join(words.split()), 80)[1:-1]


def _unused(root: Element, barred: set[str]) -> Iterator[Element]:
    used = {"alert", "status", "msgType", "info", "event", "language", "responseType", "effective", "onset", "expires"}
    used |= {*LEVELS, *TEXTS, "area", "geocode", "valueName", "value", "parameter", "senderName", "resource"}
    for element in root.walk():
        if element.text and element.name not in used and element.at not in barred and element.namespace == NAMESPACE:
            yield element


# -- what passes


def _texts(infos: list[Element], barred: set[str]) -> dict[str, tuple[str, str]]:
    """Language to (title, summary): English under `en`, whatever its region; the first of a language counts."""
    found: dict[str, tuple[str, str]] = {}
    for info in infos:
        language = _text(info, "language") or "en-US"  # CAP's own default
        parts = {name: "" if _path(info, name) in barred else _text(info, name) for name in TEXTS}
        title = _shortened(parts["headline"], TITLE_MAX)
        summary = _shortened(" ".join(filter(None, (parts["description"], parts["instruction"]))), SUMMARY_MAX)
        primary, hyphen, rest = language.partition("-")
        key = ENGLISH if primary.lower() == ENGLISH else primary.lower() + hyphen + rest
        found.setdefault(key, (title, summary))
    return found


def _shortened(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def _time(info: Element, name: str) -> str:
    """An instant of ours; CAP writes local times with their offset from UTC."""
    text = _text(info, name)
    if not text:
        return ""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.utcoffset() is None or abs(moment.utcoffset() or timedelta()) > timedelta(hours=14):
        raise Fault(f"{info.at}/{name}[1]: {shown(text)} is no time with an offset", "write 2027-01-15T08:00:00+07:00")
    try:
        return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except OverflowError:
        raise Fault(f"{info.at}/{name}[1]: {shown(text)} is no time of our era", "mend the year") from None


def _places(infos: list[Element]) -> list[dict[str, str]]:
    """The countries, subdivisions and UN/LOCODEs of the areas, without a role, which CAP does not know."""
    found: list[dict[str, str]] = []
    for info in infos:
        for area in info.all("area"):
            place: dict[str, str] = {}
            for code in area.all("geocode"):
                key = AREA_CODES.get(_text(code, "valueName"))
                if key:
                    place[key] = _text(code, "value")
            finer = place.get("admin1") or place.get("locode")
            if finer:
                place.setdefault("country", finer[:2])
            if place and place not in found:
                found.append(place)
    return found


def _ours(info: Element, barred: set[str]) -> dict[str, str]:
    """The parameters that an export of ours wrote."""
    found = {}
    for parameter in info.all("parameter"):
        name, value = _text(parameter, "valueName"), parameter.first("value")
        if name.startswith(PREFIX) and value is not None and value.at not in barred:
            found[name.removeprefix(PREFIX)] = value.text
    return found


def told(item: Item) -> str:
    """One line for a person."""
    return f"{item.at}: {item.sort}: {item.words} ({item.why})"


def as_values(items: list[Item]) -> list[dict[str, Any]]:
    """The items in plain values, for `--json`."""
    return [{"path": item.at, "sort": item.sort, "words": item.words, "why": item.why} for item in items]
