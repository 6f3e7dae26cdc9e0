"""Reads an alert in OASIS CAP 1.2: the usable content, and item by item the content that must not be used.

CAP informs the public about a place and often about a person; an alert of the standard informs states about a pattern.
Map shapes, contacts, links and attachments are never used; a text with personal data is refused as a whole. Nothing is
removed silently: without --drop the first such item stops the import, with --drop every item is reported.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from msgspec import Struct, field

from suar.exchange.files.personal import Budget, NotUsed, cut
from suar.exchange.files.problems import shown
from suar.exchange.files.xml_file import Element, read_xml
from suar.exchange.incoming.cap_screen import (
    TEXTS,
    TEXTS_MAX,
    WORK_MAX,
    Item,
    across,
    as_item,
    is_ours,
    screen,
    text_in,
)
from suar.exchange.outgoing.cap_words import AREA_CODES, LEVELS, NAMESPACE, PREFIX
from suar.protocol.base.errors import Fault
from suar.protocol.base.instants import instant_of

TITLE_MAX, SUMMARY_MAX = 120, 800
LANGUAGES_MAX: Final = 12
ENGLISH: Final = "en"
NO_SUMMARY: Final = "No description: it was left out when the alert was entered, because it named persons or places."
TIMES: Final = ("effective", "onset", "expires")
OURS: Final = ("event", "request", "desk", "handling", "roles", "ack_within", "onset")
"""Parameters of our export that an import reads."""


class CapAlert(Struct):
    """The usable content of a CAP alert. A STIX bundle is read into the same type (stix_in.py).

    `texts`: language -> (title, summary), "" if there is none. `refused`: content that must not be used. `unused`:
    paths of harmless content without a field in an alert. `left`: all unused content, refused or not. `ours`,
    `members`: parameters and addressees written by the export of a gateway.
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
    left: list[NotUsed] = field(default_factory=list)
    ours: dict[str, str] = field(default_factory=dict)
    members: list[str] = field(default_factory=list)
    format: str = "cap"
    tlp: str = ""  # the minimum TLP; "" if the file has none


def read_cap(data: bytes) -> CapAlert:
    """Return the alert in a CAP file. Raises Fault if it cannot be read as one alert."""
    root = read_xml(data)
    _check_cap(root)
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
    budget = Budget(WORK_MAX, TEXTS_MAX)
    refused, left = screen(root, _used(root, infos), budget)
    for text, item in _across(infos, budget):
        refused.append(item)
        left.append(NotUsed(item.at, cut(text), (item.sort,)))
    barred = {item.at for item in refused}
    first = infos[0]
    return CapAlert(
        status=_one(root, "status"),
        msg_type=_one(root, "msgType"),
        levels={name: _level(infos, name) for name in LEVELS},
        event=_same(infos, "event"),
        responses=list(dict.fromkeys(each.text for info in infos for each in info.all("responseType"))),
        texts=_texts(infos, barred),
        times={name: moment for name in TIMES if (moment := _time(first, name))},
        places=_places(infos),
        sender_name="" if _path(first, "senderName") in barred else text_in(first, "senderName"),
        refused=refused,
        unused=[each.at for each in left if each.at not in barred],
        left=left,
        ours=_own_parameters(first, barred),
        members=[] if _path(root, "addresses") in barred else text_in(root, "addresses").split(),
    )


def _check_cap(root: Element) -> None:
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
    """Return the text of an element that all languages of the alert share (of `event`, the first). Raises Fault."""
    found = {_one(info, name): info for info in infos}
    if name == "event":  # it is written in each language
        return next(iter(found))
    if len(found) > 1:
        text = f"{list(found.values())[1].at}/{name}[1]: the alert has several {name} values: {', '.join(found)}"
        raise Fault(text, "split the file: one alert says one thing, in as many languages as you like")
    return next(iter(found))


def _path(parent: Element, name: str) -> str:
    found = parent.first(name)
    return found.at if found else ""


# -- content that is used


def _used(root: Element, infos: list[Element]) -> set[str]:
    """Return the paths of content that is used for the alert, or compared for it."""
    found = [root.first("status"), root.first("msgType")]
    addresses = root.first("addresses")
    found += [addresses] if addresses is not None and is_ours(addresses) else []
    languages: set[str] = set()
    for info in infos:
        found += [info.first(name) for name in (*LEVELS, *(TIMES if info is infos[0] else ()))]
        found += info.all("responseType")
        if _language(info) not in languages:
            languages.add(_language(info))
            found += [info.first(name) for name in ("language", *TEXTS)]
        codes = [code for area in info.all("area") for code in area.all("geocode")]
        found += _pairs([code for code in codes if text_in(code, "valueName") in AREA_CODES])
    found.append(infos[0].first("event"))
    ours = [f"{PREFIX}{name}" for name in OURS]
    found += _pairs([each for each in infos[0].all("parameter") if text_in(each, "valueName") in ours])
    return {element.at for element in found if element is not None}


def _pairs(elements: list[Element]) -> list[Element | None]:
    return [each.first(name) for each in elements for name in ("valueName", "value")]


def _across(infos: list[Element], budget: Budget) -> Iterator[tuple[str, Item]]:
    """Yield personal data that is in description and instruction together but in neither alone, for both texts."""
    for info in infos:
        parts = {_path(info, name): text for name in ("description", "instruction") if (text := text_in(info, name))}
        values = list(parts.values())
        if len(values) > 1:
            found = across(" ".join(values), values, budget)
            yield from ((text, as_item(at, trace)) for at, text in parts.items() for trace in found)


# -- conversion


def _texts(infos: list[Element], barred: set[str]) -> dict[str, tuple[str, str]]:
    """Return language -> (title, summary), with English of any region as `en`. The first text of a language is used."""
    found: dict[str, tuple[str, str]] = {}
    for info in infos:
        key = _language(info)
        parts = {name: "" if _path(info, name) in barred else text_in(info, name) for name in TEXTS}
        title = shortened(parts["headline"], TITLE_MAX)
        summary = shortened(" ".join(filter(None, (parts["description"], parts["instruction"]))), SUMMARY_MAX)
        found.setdefault(key, (title, summary))
    return found


def _language(info: Element) -> str:
    language = text_in(info, "language") or "en-US"  # the default of CAP
    primary, hyphen, rest = language.partition("-")
    return ENGLISH if primary.lower() == ENGLISH else primary.lower() + hyphen + rest


def shortened(text: str, length: int) -> str:
    """Return a text of at most `length` characters, cut with an ellipsis."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def _time(info: Element, name: str) -> str:
    """Return a time in the form of the standard; CAP has local times with their offset from UTC."""
    text = text_in(info, name)
    if not text:
        return ""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.utcoffset() is None or abs(moment.utcoffset() or timedelta()) > timedelta(hours=14):
        raise Fault(f"{info.at}/{name}[1]: {shown(text)} is no time with an offset", "write 2027-01-15T08:00:00+07:00")
    try:
        return instant_of(moment)
    except OverflowError:
        raise Fault(f"{info.at}/{name}[1]: {shown(text)} is no time of our era", "mend the year") from None


def _places(infos: list[Element]) -> list[dict[str, str]]:
    """Return the countries, subdivisions and UN/LOCODEs of the areas, without a role, which CAP does not have."""
    found: list[dict[str, str]] = []
    for info in infos:
        for area in info.all("area"):
            place: dict[str, str] = {}
            for code in area.all("geocode"):
                key = AREA_CODES.get(text_in(code, "valueName"))
                if key:
                    place[key] = text_in(code, "value")
            finer = place.get("admin1") or place.get("locode")
            if finer:
                place.setdefault("country", finer[:2])
            if place and place not in found:
                found.append(place)
    return found


def _own_parameters(info: Element, barred: set[str]) -> dict[str, str]:
    """Return the parameters that the export of a gateway wrote."""
    found = {}
    for parameter in info.all("parameter"):
        name, value = text_in(parameter, "valueName"), parameter.first("value")
        key = name.removeprefix(PREFIX)
        if name.startswith(PREFIX) and key in OURS and value is not None and value.at not in barred:
            found[key] = value.text
    return found


def as_line(item: Item) -> str:
    """Return an item as one line for a person."""
    return f"{item.at}: {item.sort}: {item.words} ({item.why})"


def as_values(items: list[Item]) -> list[dict[str, Any]]:
    """Return the items as plain values for `--json`."""
    return [{"path": item.at, "sort": item.sort, "words": item.words, "why": item.why} for item in items]
