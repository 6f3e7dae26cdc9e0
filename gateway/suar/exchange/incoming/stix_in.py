"""Reads an incident in a STIX 2.1 bundle like an alert in CAP: the usable content, and that which must not be used.

It uses the name and description of the only incident, in every language of a language-content object, its labels if a
gateway exported it, and the countries and subdivisions of related locations. Every other value of every object (notes,
opinions, identities, references, labels, custom properties, extensions, observables) is examined and reported.
"""

import json
import re
from collections.abc import Iterator, Set
from typing import Any, Final

from suar.exchange.files.bounds import STIX_BYTES_MAX
from suar.exchange.incoming.cap_in import ENGLISH, LANGUAGES_MAX, SUMMARY_MAX, TITLE_MAX, CapAlert, shortened
from suar.exchange.incoming.stix_screen import Leaf, leaves, screen
from suar.exchange.outgoing.cap_words import LEVELS
from suar.exchange.outgoing.stix import TLP_EXTENSION, TLP_MARKINGS
from suar.protocol.base.errors import Fault
from suar.protocol.message.messages import with_clear

INCIDENT: Final = "incident"
_TLP_1: Final = {
    "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9": "CLEAR",
    "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da": "GREEN",
    "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82": "AMBER",
    "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed": "RED",
}
"""The marking definitions of TLP 1 that STIX 2.1 defines."""
_TLPS: Final = _TLP_1 | {id_: level for level, id_ in TLP_MARKINGS.items()}
_STRICTEST: Final = ("RED", "AMBER+STRICT", "AMBER", "GREEN", "CLEAR")
_SUBDIVISION: Final = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}(?!\n)\Z")
_COUNTRY: Final = re.compile(r"[A-Z]{2}(?!\n)\Z")

Object = dict[str, Any]


def read_stix(data: bytes) -> CapAlert:
    """Return the alert in a bundle. Raises Fault if it cannot be read as one alert."""
    objects = _objects(data)
    at, incident = _incident(objects)
    texts = _texts(objects, at, incident)
    places = _places(objects, incident)
    used = {leaf.at for pair in texts.values() for leaf in pair if leaf} | {path for _, path in places}
    used |= {leaf.at for leaf in leaves(incident, f"$.objects[{at}]") if leaf.key == "labels" and ":" in leaf.text}
    screened = screen(objects, used)
    barred = {item.at for item in screened.refused}
    texts, labels = _texts(objects, at, incident, barred), _labels(incident, f"$.objects[{at}].labels", barred)
    return CapAlert(
        status="Exercise" if "exercise" in _list(incident, "labels") else "Actual",
        msg_type="Cancel" if incident.get("revoked") is True else "Alert",
        levels={name: labels[name][0] for name in LEVELS if name in labels},
        event=INCIDENT,
        responses=[],
        texts={lang: _shown(*pair, barred) for lang, pair in texts.items()},
        times={},
        places=[place for place, path in places if path not in barred],
        sender_name="",
        refused=screened.refused,
        unused=[each.at for each in screened.left if each.at not in barred],
        left=screened.left,
        ours={key: " ".join(labels[key]) for key in ("event", "request") if key in labels},
        format="stix",
        tlp=_tlp(objects, incident),
    )


def _objects(data: bytes) -> list[Object]:
    if len(data) > STIX_BYTES_MAX:
        raise Fault(f"the bundle is larger than {STIX_BYTES_MAX // 1024} KiB", "is it the right file?")
    try:
        tree = json.loads(data.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant)
        json.dumps(tree, ensure_ascii=False).encode("utf-8")  # refuses a lone surrogate
    except (ValueError, RecursionError) as error:  # JSONDecodeError and UnicodeDecodeError are ValueErrors
        raise Fault(f"the file is not valid JSON: {error}", "export the bundle anew, as UTF-8") from None
    objects = tree.get("objects") if isinstance(tree, dict) and tree.get("type") == "bundle" else None
    if not isinstance(objects, list) or not all(isinstance(each, dict) for each in objects):
        raise Fault("$: the file is not a STIX 2.1 bundle", "name a bundle: an object of type bundle with objects")
    rest = {key: value for key, value in tree.items() if key not in ("type", "objects")}
    return [*objects, {"type": "bundle", **rest}]


def _unique(pairs: list[tuple[str, Any]]) -> Object:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is not a number of JSON")


def _incident(objects: list[Object]) -> tuple[int, Object]:
    found = [(at, each) for at, each in enumerate(objects) if each.get("type") == INCIDENT]
    if len(found) != 1:
        text = f"$.objects: the bundle has {len(found)} incidents, and an alert is made of one"
        raise Fault(text, "split the bundle: one incident, with its locations and languages")
    at, incident = found[0]
    if not isinstance(incident.get("id"), str) or not isinstance(incident.get("name"), str):
        raise Fault(f"$.objects[{at}]: STIX requires id and name of an incident", "export the bundle anew")
    return at, incident


def _list(of: Object, key: str) -> list[str]:
    found = of.get(key)
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []


def _text(of: Object, key: str) -> str:
    found = of.get(key)
    return found if isinstance(found, str) else ""


def _labels(incident: Object, path: str, barred: Set[str]) -> dict[str, list[str]]:
    """Return the labels that the export of a gateway writes: name -> values. `barred`: paths that are not used."""
    found: dict[str, list[str]] = {}
    labels = incident.get("labels")
    for number, label in enumerate(labels if isinstance(labels, list) else []):
        name, colon, value = label.partition(":") if isinstance(label, str) else ("", "", "")
        if colon and value and f"{path}[{number}]" not in barred:
            found.setdefault(name, []).append(value)
    return found


def _texts(
    objects: list[Object], at: int, incident: Object, barred: Set[str] = frozenset()
) -> dict[str, tuple[Leaf | None, Leaf | None]]:
    """Return language -> (name, description): of the incident, then of the language-content objects about it.

    `barred`: paths that are not used. An incident whose language is not used is in English, as one without it.
    """
    lang = "" if f"$.objects[{at}].lang" in barred else _text(incident, "lang")
    found = {_language(lang or ENGLISH): _pair(incident, f"$.objects[{at}]")}
    for number, each in enumerate(objects):
        contents = each.get("contents")
        is_of_it = each.get("type") == "language-content" and each.get("object_ref") == incident["id"]
        if is_of_it and isinstance(contents, dict):
            for lang, content in contents.items():
                if isinstance(content, dict) and f"$.objects[{number}].contents.{lang} (its name)" not in barred:
                    found.setdefault(_language(lang), _pair(content, f"$.objects[{number}].contents.{lang}"))
    if len(found) > LANGUAGES_MAX:
        text = f"the incident has {len(found)} languages, an alert at most {LANGUAGES_MAX}"
        raise Fault(text, "take some out of the file")
    return found


def _language(tag: str) -> str:
    primary, hyphen, rest = tag.partition("-")
    return ENGLISH if primary.lower() == ENGLISH else primary.lower() + hyphen + rest


def _pair(of: Object, path: str) -> tuple[Leaf | None, Leaf | None]:
    name, description = (
        Leaf(f"{path}.{key}", key, of[key]) if isinstance(of.get(key), str) else None for key in ("name", "description")
    )
    return name, description


def _shown(name: Leaf | None, description: Leaf | None, barred: set[str]) -> tuple[str, str]:
    title, summary = (
        "" if leaf is None or leaf.at in barred else " ".join(leaf.text.split()) for leaf in (name, description)
    )
    return shortened(title, TITLE_MAX), shortened(summary, SUMMARY_MAX)


def _places(objects: list[Object], incident: Object) -> list[tuple[dict[str, str], str]]:
    """Return the country or subdivision of each location related to the incident, with the path of its code."""
    related = [
        each.get("target_ref")
        for each in objects
        if each.get("type") == "relationship" and each.get("source_ref") == incident["id"]
    ]
    targets = {target for target in related if isinstance(target, str)}
    found: list[tuple[dict[str, str], str]] = []
    for at, each in enumerate(objects):
        if each.get("type") == "location" and _text(each, "id") in targets:
            for key, path in _codes(each, f"$.objects[{at}]"):
                found.append((key, path))
    return found


def _codes(location: Object, path: str) -> Iterator[tuple[dict[str, str], str]]:
    area, country = _text(location, "administrative_area"), _text(location, "country")
    if _SUBDIVISION.match(area):
        yield {"country": area[:2], "admin1": area}, f"{path}.administrative_area"
    elif _COUNTRY.match(country.upper()):
        yield {"country": country.upper()}, f"{path}.country"


def _tlp(objects: list[Object], incident: Object) -> str:
    """Return the strictest TLP that marks the incident, by STIX's own definitions or one in the bundle."""
    marks = set(_list(incident, "object_marking_refs"))
    found = {_TLPS[mark] for mark in marks if mark in _TLPS}
    for each in objects:
        if _text(each, "id") in marks:
            extensions, definition = each.get("extensions"), each.get("definition")
            markings = [extensions.get(TLP_EXTENSION) if isinstance(extensions, dict) else None, definition]
            for one in markings:
                level = str(one.get("tlp_2_0") or one.get("tlp") or "").upper() if isinstance(one, dict) else ""
                found |= {with_clear({"tlp": level})["tlp"]} & set(_STRICTEST)
    return next((level for level in _STRICTEST if level in found), "")
