"""An alert or a pattern as a STIX 2.1 bundle, using only objects of the specification.

An alert is an incident, a pattern an attack pattern. Requests and indicators are notes, other languages are language
contents. TLP is marked with the objects that OASIS publishes for TLP 2.0, handling and audience with a statement. Ids
are derived from the id and revision of the message, so that repeated exports are equal and a second revision never
overwrites the first.
"""

import hashlib
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import msgspec

from suar.exchange.outgoing.words import area_words, issuer_words, listed_or, name_of, printable, some
from suar.protocol.base.exercise import BANNER, is_exercise, marked
from suar.protocol.message.fields import Area, Place, Text
from suar.protocol.message.kinds import Alert, Pattern
from suar.protocol.message.messages import sender_of

TLP_EXTENSION: Final = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
TLP_MARKINGS: Final = {
    "CLEAR": "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
    "GREEN": "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    "AMBER": "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    "AMBER+STRICT": "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
    "RED": "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
}
"""OASIS's marking definitions of TLP 2.0; those defined in STIX 2.1 itself are TLP 1."""
ENGLISH: Final = "en"

Object = dict[str, Any]


def object_id(message_id: str, rev: int, sort: str, part: str = "") -> str:
    """Return the id of an object of a revision, in the form of a random UUID, as the specification requires."""
    named = f"suar {message_id} {rev} {sort} {part}".encode()
    return f"{sort}--{UUID(bytes=hashlib.sha256(named).digest()[:16], version=4)}"


def objects(message: Alert | Pattern) -> list[Object]:
    """Return the objects of a message."""
    return list(_printable(_made(message).objects))


def bundle(message: Alert | Pattern) -> bytes:
    """Return the bundle as JSON in UTF-8."""
    made = _made(message)
    content = {"type": "bundle", "id": made.id("bundle"), "objects": _printable(made.objects)}
    return msgspec.json.format(msgspec.json.encode(content), indent=2)


def _made(message: Alert | Pattern) -> "_Bundle":
    made = _Bundle(message)
    if isinstance(message, Alert):
        made.alert(message)
    else:
        made.pattern(message)
    return made


class _Bundle:
    """Builds the objects of one message."""

    def __init__(self, message: Alert | Pattern) -> None:
        self.message = message
        self.stamp = message.sent.removesuffix("Z") + ".000Z"
        tlp, statement = self._tlp(), self._statement()
        self.marks = [tlp["id"], statement["id"]]
        self.author = self.id("identity")
        self.objects: list[Object] = [tlp, statement, self._identity()]
        self.places: dict[str, str] = {}

    def id(self, sort: str, part: str = "") -> str:
        """Return an id of this revision, in the form of a random UUID, as the specification requires."""
        return object_id(self.message.id, self.message.rev, sort, part)

    # -- the two kinds

    def alert(self, alert: Alert) -> None:
        """Add an incident, its locations, and a note with the requests."""
        text = self._text(ENGLISH)
        labels = [f"{name}:{getattr(alert, name)}" for name in ("event", "urgency", "severity", "certainty")]
        labels += [f"request:{request.action}" for request in alert.request] + self._mark()
        incident = self._add("incident", name=text["name"], description=text["description"], labels=labels)
        self._languages(incident)
        for place in some(alert.places):
            self._relate("related-to", incident, self._location(place), name_of("place-role", place.role))
        requested = "; ".join(name_of("alert-request", request.action) for request in alert.request)
        lines = [f"Asked: {requested}.", f"Valid until {alert.expires}.", f"Who answers: contact message {alert.desk}."]
        if isinstance(alert.ack_within, int):
            lines.append(f"To be acknowledged within {alert.ack_within} hours.")
        self._note("asked", "What is asked", " ".join(lines), incident)

    def pattern(self, pattern: Pattern) -> None:
        """Add an attack pattern, its route as locations, a note for each indicator, and its sightings."""
        text = self._text(ENGLISH)
        phases = [{"kill_chain_name": "palermo-protocol-act", "phase_name": act} for act in pattern.acts]
        attack = self._add(
            "attack-pattern",
            name=marked(pattern.name, pattern.status),
            description=f"{text['name']}. {text['description']}",
            kill_chain_phases=phases,
            labels=_pattern_labels(pattern) + self._mark(),
        )
        self._languages(attack, names_too=False)
        for leg in some(pattern.legs):
            description = f"leg {leg.seq}: {area_words(leg.from_)} to {area_words(leg.to)}, crossing {leg.crossing}"
            for area in (leg.from_, leg.to):
                self._relate("targets", attack, self._location(area), description)
        for place in some(pattern.places):
            self._relate("targets", attack, self._location(place), name_of("place-role", place.role))
        for at, sign in enumerate(some(pattern.indicators)):
            seen_by = ", ".join(name_of("sector", code) for code in sign.observable_by)
            note = f" {sign.note}" if isinstance(sign.note, str) else ""
            content = f"{name_of('indicator-sign', sign.code)}. Can be seen by: {seen_by}.{note}"
            self._note(f"sign {at}", "A sign of this pattern", content, attack)
        self._sighting(pattern, attack)

    # -- objects

    def _add(self, sort: str, part: str = "", **fields: Any) -> str:
        made: Object = {
            "type": sort, "spec_version": "2.1", "id": self.id(sort, part), "created_by_ref": self.author,
            "created": self.stamp, "modified": self.stamp, **fields, "object_marking_refs": self.marks,
        }  # fmt: skip
        if sort in ("incident", "attack-pattern"):
            made |= self._of_the_message()
        self.objects.append(made)
        return str(made["id"])

    def _of_the_message(self) -> Object:
        """Return the properties of the main object that describe the message as a whole."""
        message = self.message
        reference = {"source_name": "suar", "external_id": message.id, "description": f"revision {message.rev}"}
        found: Object = {"lang": ENGLISH, "external_references": [reference]}
        if isinstance(message.source.confidence, int):
            found["confidence"] = message.source.confidence
        if message.action == "cancel":
            found["revoked"] = True
        return found

    def _tlp(self) -> Object:
        level = self.message.tlp
        extension = {"extension_type": "property-extension", "tlp_2_0": level.lower()}
        return {
            "type": "marking-definition", "spec_version": "2.1", "id": TLP_MARKINGS[level],
            "created": "2022-10-01T00:00:00.000Z", "name": f"TLP:{level}", "extensions": {TLP_EXTENSION: extension},
        }  # fmt: skip

    def _statement(self) -> Object:
        message = self.message
        handling = ", ".join(some(message.handling)) or "none beyond TLP"
        members = listed_or(message.audience.members, "all members")
        sectors = ", ".join(some(message.audience.sectors)) or "all sectors"
        banner = f"{BANNER}. " if is_exercise(message.status) else ""
        statement = f"{banner}Handling: {handling}. Audience: {members}; {sectors}. Valid until {message.expires}."
        return {
            "type": "marking-definition", "spec_version": "2.1", "id": self.id("marking-definition"),
            "created": self.stamp, "definition_type": "statement", "definition": {"statement": statement},
        }  # fmt: skip

    def _identity(self) -> Object:
        issuer = self.message.issuer
        return {
            "type": "identity", "spec_version": "2.1", "id": self.author, "created": self.stamp, "modified": self.stamp,
            "name": issuer_words(self.message),
            "description": f"{sender_of(self.message)}, {name_of('sector', issuer.sector)}",
            "identity_class": "organization", "object_marking_refs": self.marks,
        }  # fmt: skip

    def _location(self, area: Area | Place) -> str:
        name = area_words(area)
        if name not in self.places:
            fields = {"name": name, "country": area.country}
            if isinstance(area.admin1, str):
                fields["administrative_area"] = area.admin1
            self.places[name] = self._add("location", name, **fields)
        return self.places[name]

    def _relate(self, sort: str, source: str, target: str, text: str) -> None:
        part = f"{sort} {target} {text}"
        self._add("relationship", part, relationship_type=sort, source_ref=source, target_ref=target, description=text)

    def _note(self, part: str, abstract: str, content: str, about: str) -> None:
        abstract = marked(abstract, self.message.status)
        self._add("note", part, abstract=abstract, content=content, object_refs=[about])

    def _languages(self, about: str, *, names_too: bool = True) -> None:
        """Add the other languages; a pattern's name is a separate field in one language."""
        contents = {
            text.lang: self._text(text.lang) if names_too else {"description": self._described(text)}
            for text in self.message.text
            if text.lang != ENGLISH
        }
        if contents:
            self._add("language-content", object_ref=about, object_modified=self.stamp, contents=contents)

    def _text(self, lang: str) -> dict[str, str]:
        texts = self.message.text  # one is English, except possibly in a later minor version
        text = next((each for each in texts if each.lang == lang), texts[0])
        return {"name": marked(text.title, self.message.status), "description": text.summary}

    def _described(self, text: Text) -> str:
        return marked(f"{text.title}. {text.summary}", self.message.status)

    def _mark(self) -> list[str]:
        """Return the label of an exercise, which is also marked in its title and by a statement on every object."""
        return ["exercise"] if is_exercise(self.message.status) else []

    def _sighting(self, pattern: Pattern, attack: str) -> None:
        """Add a sighting from the first day of the first month to the last day of the last month."""
        self._add(
            "sighting",
            first_seen=f"{pattern.first_seen}-01T00:00:00.000Z",
            last_seen=f"{pattern.last_seen}-01T00:00:00.000Z",
            sighting_of_ref=attack,
            where_sighted_refs=[self.author],
        )


def _printable(value: Any) -> Any:
    """Return a value with printable texts only; codes of a later minor version may contain any character."""
    if isinstance(value, dict):
        return {key: _printable(inside) for key, inside in value.items()}
    if isinstance(value, list):
        return [_printable(inside) for inside in value]
    return printable(value) if isinstance(value, str) else value


def _pattern_labels(pattern: Pattern) -> list[str]:
    labels = [f"state:{pattern.state}", *(["child-only"] if pattern.child_only else [])]
    lists: dict[str, Sequence[str]] = {
        "means": some(pattern.means), "purpose": pattern.purposes, "channel": some(pattern.recruitment),
        "industry": some(pattern.industry), "platform": some(pattern.platforms), "actor": some(pattern.actors),
    }  # fmt: skip
    return labels + [f"{name}:{code}" for name, codes in lists.items() for code in codes]
