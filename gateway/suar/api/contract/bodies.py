"""The bodies of calls in the OpenAPI document: the types that their handlers read, and other checks of the service."""

from collections.abc import Iterable
from typing import Any, Final

import msgspec
from msgspec import Struct

from suar.api.contract.kinds import DRAFT, REF, drafts, reference
from suar.protocol.base.codelists import codes, published_kinds
from suar.protocol.base.stages import BY_PERSON
from suar.protocol.message.marking import TLPS
from suar.service.access.agencies import REALMS
from suar.service.exercises.drill_templates import TEMPLATES
from suar.service.settings.scopes import ROLES, SCOPES

Json = dict[str, Any]
_LINE: Final = {"pattern": r"^[^\u0000-\u001F\u007F-\u009F]*$"}
_EXPIRES: Final = {
    "format": "date-time",
    "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$",
    "description": "in RFC 3339, UTC; at most as long as a token lasts",
}
_TOKEN_NAME: Final = {"pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"}


def _narrower() -> dict[str, dict[str, Json]]:
    """Checks of the service on a field beyond its type, by body and field."""
    kinds = {"items": {"type": "string", "enum": list(published_kinds())}}
    return {
        "NewAgency": {
            "name": {"pattern": "^[a-z0-9][a-z0-9_-]{0,31}$"}, "sector": {"enum": list(codes("sector"))},
            "kinds": {"minItems": 1, **kinds}, "max_tlp": {"enum": list(TLPS)}, "realm": {"enum": list(REALMS)},
        },
        "NewToken": {
            "name": _TOKEN_NAME,
            "scopes": {"minItems": 1, "items": {"type": "string", "enum": list(SCOPES)}},
            "roles": {"items": {"type": "string", "enum": list(ROLES)}},
        },
        "NewNote": {"note": _LINE},
        "Statement": {"stage": {"enum": list(BY_PERSON)}, "role": {"enum": list(ROLES)}},
        "Drill": {
            "messages": {"items": reference(DRAFT)}, "template": {"enum": list(TEMPLATES)},
            "name": {"pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"},
        },
        "Cancellation": {"replace": reference(DRAFT)},
    }  # fmt: skip


_EITHER: Final[dict[str, Json]] = {
    "Drill": {"oneOf": [{"required": ["messages"]}, {"required": ["template", "to"]}]},
}
"""Rules between the fields of a body."""


def components(shapes: Iterable[type[Struct]]) -> dict[str, Json]:
    """The component of each body, and of what it is made of."""
    wanted = sorted(set(shapes), key=lambda shape: shape.__name__)
    _, made = msgspec.json.schema_components(wanted, ref_template=REF + "{name}")
    for shape in made.values():
        if "description" in shape:
            shape["description"] = " ".join(shape["description"].split())
    for name, fields in _narrower().items():
        for field, more in fields.items():
            _narrow(made.get(name, {}).get("properties", {}).get(field), more)
    for name in ("NewAgency", "NewExpiry"):
        expires = made.get(name, {}).get("properties", {}).get("expires")
        _narrow(expires and next(each for each in expires["anyOf"] if each["type"] == "string"), _EXPIRES)
    for name, more in _EITHER.items():
        made.get(name, {}).update(more)
    return made


def examples() -> dict[str, dict[str, Json]]:
    """Real examples of each body, by the name of its component."""
    route = drafts()["alert-new-route"]
    return {
        DRAFT: drafts(),
        "NewAgency": {"health": {"name": "health", "sector": "health", "kinds": ["alert"], "max_tlp": "AMBER"}},
        "Hold": {
            "a-year": {"id": "TH-ALERT-2027-000001", "authority": "Prosecutor", "until": "2027-12-31T00:00:00Z"},
        },
        "AgencyChange": {"proposes": {"propose": True}, "no-nkey": {"nkey": None}},
        "NewExpiry": {"later": {"expires": "2027-06-30T00:00:00Z"}, "as-before": {}},
        "NewWebhook": {"case-system": {"url": "https://cases.health.example/suar"}},
        "NewReplay": {"everything": {"from": "beginning"}, "dead-letters": {}},
        "NewToken": {"reader": {"name": "case-system", "scopes": ["read"]}},
        "NewNote": {"asked": {"note": "their operator was called"}},
        "Statement": {"acknowledged": {"stage": "acknowledged", "role": "duty-officer", "note": "two teams"}},
        "Drill": {"call-out": {"template": "call-out", "to": "all", "name": "spring"}, "draft": {"messages": [route]}},
        "Cancellation": {"withdrawn": {"reason": "the report was wrong"}},
        "ProposalRejection": {"unclear": {"reason": "the period is not said"}},
        "Rejection": {"unclear": {"reason": "the place is too exact"}},
        "Compromised": {"bundle": {"kid": "0123456789abcdef0123456789abcdef"}},
    }  # fmt: skip


def _narrow(field: Json | None, more: Json) -> None:
    if field is None:
        return
    found = field
    for each in field.get("anyOf", ()):
        if each.get("type") in ("array", "string"):
            found = each
    if "$ref" in more:
        found.clear()
    found.update(more)
