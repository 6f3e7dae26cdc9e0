"""The calls of TAXII 2.1 in the OpenAPI document: shapes of the answers, parameters, headers and examples.

The gateway creates the answers. Described are sections 4 and 5 of the specification as this server keeps them.
"""

from functools import cache
from typing import Any, Final, Literal

import msgspec
from msgspec import UNSET, Struct, UnsetType, field

from suar.api.contract.kinds import examples
from suar.exchange.outgoing import taxii

Json = dict[str, Any]
DISCOVERY: Final = "/taxii2"
ROOT: Final = f"{DISCOVERY}/root"
TIME: Final = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?Z"
"""A timestamp in RFC 3339, UTC; without the end of the pattern."""
REALMS: Final[tuple[Literal["actual", "exercise"], ...]] = ("actual", "exercise")
_VERSIONS: Final = rf"^(all|first|last|{TIME[1:]})(,(all|first|last|{TIME[1:]}))*$"
_LISTED: Final = {"type": "string", "pattern": "^[^,]+(,[^,]+)*$"}
_ALSO: Final = r"[a-z]+/[a-z]+"
ACCEPTED: Final = rf'^({_ALSO}, ?)*(application/taxii\+json(; ?version="?2\.1"?)?|application/\*|\*/\*)(, ?{_ALSO})*$'
"""The values of Accept that a program sends; weights and other parameters are read too."""


class TaxiiDiscovery(Struct):
    """Where the API root is."""

    title: str
    default: str
    api_roots: list[str]


class TaxiiRoot(Struct):
    """The API root. Nothing is written to it, so `max_content_length` is 1."""

    title: str
    versions: list[str]
    max_content_length: int


class TaxiiCollection(Struct):
    """A kind of message as a collection."""

    id: str
    alias: str
    title: str
    description: str
    can_read: bool
    can_write: bool
    media_types: list[str]


def _collection(id_: str, alias: str, title: str, description: str) -> TaxiiCollection:
    return TaxiiCollection(id_, alias, title, description, True, False, [taxii.STIX_TYPE])


COLLECTIONS: Final = (
    _collection("2c1b7c2e-6a34-4f0e-9f0b-6a1f6d2f5a01", "alert", "Alerts", "Alerts in force, as incidents."),
    _collection(
        "8f0f4f0a-3d0b-4c55-8a8e-0b0a4e6f5a02", "pattern", "Patterns", "Patterns in force, as attack patterns."
    ),
)
NAMES: Final = tuple(name for each in COLLECTIONS for name in (each.alias, each.id))
"""What a collection is called in an address."""


class TaxiiCollections(Struct):
    """All collections."""

    collections: list[TaxiiCollection]


class TaxiiRecord(Struct):
    """The id and the times of an object, without its content."""

    id: str
    date_added: str
    version: str
    media_type: str


class TaxiiManifest(Struct):
    """A page of records. It is an empty object where there are none; `next` is the parameter for the page after it."""

    more: bool | UnsetType = UNSET
    objects: list[TaxiiRecord] | UnsetType = UNSET
    following: str | UnsetType = field(default=UNSET, name="next")


class TaxiiEnvelope(Struct):
    """A page of STIX 2.1 objects. It is an empty object where there are none; `next` is the parameter for the page
    after it."""

    more: bool | UnsetType = UNSET
    objects: list[dict[str, Any]] | UnsetType = UNSET
    following: str | UnsetType = field(default=UNSET, name="next")


class TaxiiVersions(Struct):
    """The versions of an object: one. It is an empty object where that does not match."""

    more: bool | UnsetType = UNSET
    versions: list[str] | UnsetType = UNSET


QUERIES: Final[dict[str, Json]] = {
    "added_after": {
        "schema": {"type": "string", "pattern": f"{TIME}$"}, "description": "what was added after this time, in UTC",
    },
    "limit": {
        "schema": {"type": "integer", "minimum": 1, "maximum": 999_999_999},
        "description": "objects of a page; more than 1,000 are 1,000",
    },
    "next": {"schema": {"type": "string", "minLength": 1}, "description": "go on behind this page, which had it"},
    "match[id]": {"schema": _LISTED, "description": "ids of objects, separated by commas; at most 100"},
    "match[type]": {"schema": _LISTED, "description": "types of objects, separated by commas; at most 100"},
    "match[version]": {
        "schema": {"type": "string", "pattern": _VERSIONS},
        "description": "times, `first`, `last` or `all`, separated by commas; an object has one version",
    },
    "match[spec_version]": {"schema": _LISTED, "description": "versions of STIX; all objects are of 2.1"},
    "status": {
        "schema": {"type": "string", "enum": [*REALMS]},
        "description": "the realm: actual if it is left out, of an agency that takes part in exercises alone exercise",
    },
}  # fmt: skip
"""Parameters of the query of calls about objects; those of the specification, and the realm."""
ACCEPT: Final[Json] = {
    "name": "Accept", "in": "header", "required": False, "schema": {"type": "string", "pattern": ACCEPTED},
    "description": f"406 where it names neither `{taxii.MEDIA_TYPE}` nor a range that includes it",
}  # fmt: skip
_decode_examples: Final = msgspec.json.Decoder(dict[str, Json]).decode
_ADDED: Final[dict[str, Json]] = {
    f"X-TAXII-Date-Added-{which}": {"schema": {"type": "string"}, "description": f"when the {which.lower()} was added"}
    for which in ("First", "Last")
}


def complete(path: str, method: str, call: Json) -> None:
    """Describe the headers of a call's answer, with an example; a call that writes is answered with a problem alone."""
    if method != "get":
        del call["responses"]["403"]
        return
    response = call["responses"]["200"]
    response["content"][taxii.MEDIA_TYPE]["example"] = _examples()[path.removeprefix(ROOT)]
    if path.startswith(f"{ROOT}/collections/{{name}}/"):
        response.setdefault("headers", {}).update(_ADDED)


@cache
def _examples() -> dict[str, Json]:
    """An example of each answer, by its path below the API root."""
    shipped = next(each for name, each in examples("alert").items() if name == "alert-new-route")
    objects = taxii.objects(shipped)
    main = next(each for each in objects if each["type"] == taxii.SORTS["alert"])
    version, at = taxii.version_of(main), "2027-01-15T08:00:00.000000Z"
    record = {"id": main["id"], "date_added": at, "version": version, "media_type": taxii.STIX_TYPE}
    root = f"https://gateway.example{ROOT}/"
    named, one = "/collections/{name}", "/collections/{name}/objects/{object_id}"
    made = {
        DISCOVERY: {"title": "suar", "default": root, "api_roots": [root]},
        "": {"title": "Messages in force", "versions": [taxii.MEDIA_TYPE], "max_content_length": 1},
        "/collections": {"collections": COLLECTIONS}, named: COLLECTIONS[0],
        f"{named}/manifest": {"more": False, "objects": [record]},
        f"{named}/objects": {"more": False, "objects": objects},
        one: {"more": False, "objects": [main]}, f"{one}/versions": {"more": False, "versions": [version]},
    }  # fmt: skip
    return _decode_examples(msgspec.json.encode(made))
