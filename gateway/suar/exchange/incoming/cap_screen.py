"""Examines a CAP file completely: content that must not be used, unused content, and the personal data in both.

All content of a file is examined: elements of every namespace, attributes, comments, processing instructions and
declared prefixes, in every `info` of every language. The caller passes the paths of used content.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from msgspec import Struct

from suar.exchange.files.personal import UNSEEN, Budget, NotUsed, cut, kinds
from suar.exchange.files.traces import LENGTH_MAX, Trace
from suar.exchange.files.xml_file import OUTSIDE, SEPARATOR, Element
from suar.exchange.outgoing.cap_words import AREA_CODES, NAMESPACE

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
"""Elements that are never used, whatever they contain, and why."""
_HARMLESS: Final = {
    "addresses": re.compile(r"[A-Z]{2}( [A-Z]{2}){0,49}(?!\n)\Z"),
    "contact": re.compile(r"see the contact message [A-Z]{2}-CONTACT-[0-9]{4}-[0-9]{6}(?!\n)\Z"),
}
TEXTS: Final = ("headline", "description", "instruction")
"""The elements that become title and summary."""
OWN_NAMES: Final = ("identifier", "references")
"""Names of alerts: never used, and too similar to numbers to stop an import; personal data in them is reported."""
SIGNATURE: Final = "http://www.w3.org/2000/09/xmldsig#"
PAIRS: Final = ("parameter", "eventCode", "geocode")
WORK_MAX: Final = 300_000  # work limit for one file; sufficient unless the file contains very many numbers
TEXTS_MAX: Final = 5_000  # maximum number of texts of one file
_TIME: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:[+-][0-9]{2}:[0-9]{2}|Z)")
_BINARY: Final = re.compile(r"[A-Za-z0-9+/=\s]*\Z")
_BINARIES: Final = frozenset(
    {"SignatureValue", "DigestValue", "X509Certificate", "X509SKI", "Modulus", "Exponent", "P", "Q", "G", "Y"}
)
_PUBLISHED: Final = "http://www.w3.org/"  # names of algorithms, and the namespace of a signature
_DECLARED: Final = frozenset({"xmlns", "xmlns:cap", "xmlns:ds", "xmlns:dsig", "xmlns:xsi", "Algorithm"})
_LEADS: Final = "leads to a person or a door"
_UNSEEN: Final = "the file has more text than is looked through"


class Item(Struct, frozen=True):
    """Content that must not be used: its path in the file, its kind, the words, and the reason."""

    at: str
    sort: str
    words: str
    why: str


class Screened(NamedTuple):
    """`refused`: the content that must not be used. `left`: all unused content, including refused content."""

    refused: list[Item]
    left: list[NotUsed]


class Passage(NamedTuple):
    """A text in the file: its path, the text, the form in which it is examined, and its element."""

    at: str
    text: str
    looked_at: str
    element: Element
    is_attribute: bool = False


def screen(root: Element, used: set[str], budget: Budget) -> Screened:
    """Return the content that must not be used, and all unused content. `used`: the paths of used content."""
    refused, left = list[Item](), dict[str, NotUsed]()
    for element in root.walk():
        own = list(_never(element))
        for passage in _passages(element):
            found = budget.traces(passage.looked_at)
            if element.name not in OWN_NAMES or passage.is_attribute:
                own += [as_item(passage.at, trace) for trace in found]
            personal = [*(item.sort for item in own if item.at == passage.at), *kinds(found)]
            if passage.at not in used or personal:
                before = left[passage.at].personal if passage.at in left else ()
                left[passage.at] = NotUsed(passage.at, cut(passage.text), tuple(dict.fromkeys((*before, *personal))))
        refused += own
    return Screened(list(dict.fromkeys(refused)), list(left.values()))


def across(text: str, parts: list[str], budget: Budget) -> list[Trace]:
    """Return the personal data in a text of several elements that is in none of these alone."""
    known = {trace.words for part in parts for trace in budget.traces(part)}
    return [trace for trace in budget.traces(text) if not any(trace.words in each for each in known)]


def as_item(at: str, trace: Trace) -> Item:
    """Return a finding at a path as an item that must not be used."""
    return Item(at, trace.sort, cut(trace.words), _UNSEEN if trace.sort == UNSEEN else _LEADS)


def _never(element: Element) -> Iterator[Item]:
    """Yield items that must not be used because of their element."""
    if element.namespace != NAMESPACE:
        return
    if element.name in NEVER and element.text and not is_ours(element):
        yield Item(element.at, element.name, cut(element.text), NEVER[element.name])
    if element.name == "resource":
        yield Item(element.at, "resource", text_in(element, "resourceDesc"), NEVER["resource"])
    if element.name == "geocode" and text_in(element, "valueName") not in AREA_CODES:
        code = f"{text_in(element, 'valueName')} {text_in(element, 'value')}"
        yield Item(element.at, "geocode", cut(code), "a code that may be finer than a province")
    if element.name in TEXTS and len(element.text) > LENGTH_MAX:
        yield Item(element.at, "length", f"{len(element.text):,} characters", f"at most {LENGTH_MAX:,} are read")


def is_ours(element: Element) -> bool:
    """Whether it is content of a gateway's export where other alerts have names: member codes or a message id."""
    pattern = _HARMLESS.get(element.name)
    return pattern is not None and pattern.match(element.text) is not None


def _passages(element: Element) -> Iterator[Passage]:
    """Yield every text of one element.

    A name of another namespace, or of a pair, is read as the label of its text.
    """
    text = element.text
    if element.namespace not in (NAMESPACE, OUTSIDE):
        label = f"{element.name}: {text}" if text else element.name
        yield Passage(element.at, text or element.name, "" if _is_of_a_signature(element) else label, element)
    elif text:
        yield Passage(element.at, text, _TIME.sub(" ", text), element)
    if element.namespace == NAMESPACE and element.name in PAIRS:
        key, value = element.first("valueName"), element.first("value")
        if key is not None and value is not None:
            yield Passage(value.at, value.text, f"{key.text}: {_TIME.sub(' ', value.text)}", value)
    for name, attribute in element.attributes.items():
        if name in _DECLARED and attribute.startswith((_PUBLISHED, NAMESPACE)):
            continue
        namespace, _, local = name.rpartition(SEPARATOR)
        shown = f"{{{namespace}}}{local}" if namespace else local
        yield Passage(f"{element.at}/@{shown}", attribute, f"{local}: {attribute}", element, is_attribute=True)


def _is_of_a_signature(element: Element) -> bool:
    """Whether it is part of an XML signature, or a binary value in one."""
    if element.namespace != SIGNATURE:
        return False
    return not element.text or (element.name in _BINARIES and _BINARY.match(element.text) is not None)


def text_in(parent: Element, name: str) -> str:
    """Return the text of the first such element, with single blanks; empty if there is none."""
    found = parent.first(name)
    return " ".join(found.text.split()) if found else ""
