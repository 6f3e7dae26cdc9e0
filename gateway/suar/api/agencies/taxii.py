"""A read-only TAXII 2.1 server: discovery, one API root, a collection of alerts and one of patterns.

Nothing is written: POST and DELETE are refused (403). Credentials are Basic (name and token) or Bearer. A page ends
where its limit is reached or after so many messages were examined; `next` continues there.
"""

from asyncio import to_thread
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import PathParameter

from suar.api.agencies.reading import selection_of
from suar.api.agencies.taxii_query import check_accepted, limit_of, realm_of, wanted_of
from suar.api.contract.taxii import (
    COLLECTIONS,
    DISCOVERY,
    NAMES,
    QUERIES,
    ROOT,
    TaxiiCollection,
    TaxiiCollections,
    TaxiiDiscovery,
    TaxiiEnvelope,
    TaxiiManifest,
    TaxiiRoot,
    TaxiiVersions,
)
from suar.api.http.access import context_of, is_opening, scope
from suar.api.http.problems import Problem
from suar.exchange.outgoing import taxii
from suar.protocol.base.errors import Fault
from suar.service.access.tokens import TokenInfo
from suar.service.feed.collections import Added, StixPage, StixPosition, Wanted
from suar.service.feed.current import CurrentSelection
from suar.service.settings.scopes import AGENCY

Call = Request[TokenInfo, None, Any]
_OPT: Final = {**scope("read", AGENCY), "basic": True}
_GET: Final = {**_OPT, "negotiates": True}
_OF_OBJECTS: Final = {**_OPT, "queries": QUERIES}
_GET_OBJECTS: Final = {**_GET, "queries": QUERIES}
_SEALED_AS: Final = "taxii"
_position: Final = msgspec.msgpack.Decoder(StixPosition).decode


def _spec(shape: type[Any], description: str) -> dict[int, ResponseSpec]:
    return {200: ResponseSpec(shape, description=description, media_type=taxii.MEDIA_TYPE)}


Name = Annotated[
    str,
    PathParameter(
        pattern=r"^[0-9a-z-]{1,36}\Z", description="the id or the alias of a collection", schema_extra={"enum": NAMES}
    ),
]
ObjectId = Annotated[str, PathParameter(pattern=r"^[a-z0-9-]{1,100}\Z", description="the id of a STIX object")]


@get(DISCOVERY, opt=_GET, responses=_spec(TaxiiDiscovery, "the address of the API root"))
async def discovery(request: Call) -> Response[bytes]:
    """Where the API root is."""
    host, forwarded = request.headers.get("host", ""), request.headers.get("x-forwarded-proto", "")
    address = f"{'https' if forwarded == 'https' else 'http'}://{host}{ROOT}/"
    return _answer(request, {"title": "suar", "default": address, "api_roots": [address]})


@get(ROOT, opt=_GET, responses=_spec(TaxiiRoot, "the API root"))
async def root(request: Call) -> Response[bytes]:
    """The API root."""
    shape = {"title": "Messages in force", "versions": [taxii.MEDIA_TYPE], "max_content_length": 1}
    return _answer(request, shape)


@get(f"{ROOT}/collections", opt=_GET, responses=_spec(TaxiiCollections, "all"))
async def collections(request: Call) -> Response[bytes]:
    """The collections; what an agency may read of them is a matter of its registration."""
    return _answer(request, {"collections": COLLECTIONS})


@get(f"{ROOT}/collections/{{name:str}}", opt=_GET, responses=_spec(TaxiiCollection, "one"))
async def collection(request: Call, name: Name) -> Response[bytes]:
    """One collection."""
    return _answer(request, _named(name))


@get(f"{ROOT}/collections/{{name:str}}/manifest", opt=_GET_OBJECTS, responses=_spec(TaxiiManifest, "a page"))
async def manifest(request: Call, name: Name) -> Response[bytes]:
    """The ids and times of a collection's objects, without their content."""
    page, following = await _page(request, name)
    rows = [
        {
            "id": each.object["id"], "date_added": taxii.added(each.date), "version": taxii.version_of(each.object),
            "media_type": taxii.STIX_TYPE,
        }
        for each in page
    ]  # fmt: skip
    return _envelope(request, {"objects": rows}, page, following)


@get(f"{ROOT}/collections/{{name:str}}/objects", opt=_GET_OBJECTS, responses=_spec(TaxiiEnvelope, "a page"))
async def objects(request: Call, name: Name) -> Response[bytes]:
    """The objects of a collection."""
    page, following = await _page(request, name, is_person=is_opening(request))
    return _envelope(request, {"objects": [each.object for each in page]}, page, following)


@get(
    f"{ROOT}/collections/{{name:str}}/objects/{{object_id:str}}",
    opt=_GET_OBJECTS,
    responses=_spec(TaxiiEnvelope, "the object"),
)
async def one(request: Call, name: Name, object_id: ObjectId) -> Response[bytes]:
    """One object."""
    page = await _of_object(request, name, object_id, is_person=is_opening(request))
    return _envelope(request, {"objects": [each.object for each in page]}, page, None)


@get(
    f"{ROOT}/collections/{{name:str}}/objects/{{object_id:str}}/versions",
    opt=_GET_OBJECTS,
    responses=_spec(TaxiiVersions, "its version"),
)
async def versions(request: Call, name: Name, object_id: ObjectId) -> Response[bytes]:
    """The versions of an object: one."""
    page = await _of_object(request, name, object_id)
    return _envelope(request, {"versions": [taxii.version_of(each.object) for each in page]}, page, None)


@post(f"{ROOT}/collections/{{name:str}}/objects", opt=_OF_OBJECTS, status_code=403)
async def add(request: Call, name: Name) -> Response[bytes]:
    """Nothing is added here."""
    _named(name)
    raise Problem("E-HTTP-SCOPE", "the collection is read and not written", hint="can_write of the collection is false")


@delete(
    f"{ROOT}/collections/{{name:str}}/objects/{{object_id:str}}",
    opt=_OF_OBJECTS,
    status_code=403,
)
async def remove(request: Call, name: Name, object_id: ObjectId) -> Response[bytes]:
    """Nothing is removed here."""
    _named(name)
    raise Problem("E-HTTP-SCOPE", "the collection is read and not written", hint="can_write of the collection is false")


HANDLERS: Final = (discovery, root, collections, collection, manifest, objects, one, versions, add, remove)


def _named(name: str) -> TaxiiCollection:
    found = next((each for each in COLLECTIONS if name in (each.id, each.alias)), None)
    if found is None:
        raise Problem("E-HTTP-NOT-FOUND", "no collection has that id", hint=f"{ROOT}/collections/ lists them")
    return found


def _answer(request: Call, value: object, headers: dict[str, str] | None = None) -> Response[bytes]:
    check_accepted(request)
    return Response(msgspec.json.encode(value), media_type=taxii.MEDIA_TYPE, headers=headers or {})


def _envelope(request: Call, shape: dict[str, Any], page: list[Added], following: str | None) -> Response[bytes]:
    """A page with when its first and last were added (section 3.2); an empty one is an empty object."""
    dates = [taxii.added(each.date) for each in page]
    headers = {"X-TAXII-Date-Added-First": min(dates), "X-TAXII-Date-Added-Last": max(dates)} if dates else {}
    more = {"more": following is not None, **({"next": following} if following else {})}
    return _answer(request, {**more, **shape} if page or following else {}, headers)


async def _page(request: Call, name: str, *, is_person: bool = False) -> tuple[list[Added], str | None]:
    """Return a page for the query, and the `next` of the one after it.

    `is_person`: a person gets the objects, and opens those that the query names by their ids.
    """
    check_accepted(request)
    context, alias = context_of(request), _named(name).alias
    selection = selection_of(request, alias, realm_of(request))
    wanted, is_possible = wanted_of(request, frozenset())
    opened = is_person and bool(wanted.ids)
    about = f"{_SEALED_AS} {alias} {selection.realm} {selection.agency}"
    position, limit = _begin(request, about), limit_of(request)
    await context.gateway.note_current(request.user.name, selection, "taxii")
    if not is_possible:
        return [], None
    user = request.user.name
    found = await context.gateway.stix_page(selection, wanted, position, limit, shown_to=user, is_person=opened)
    if found is None:
        raise Problem("E-HTTP-TOKEN")
    following = None if found.following is None else await to_thread(_sealed, request, about, found.following)
    return found.objects, following


async def _of_object(request: Call, name: str, object_id: str, *, is_person: bool = False) -> list[Added]:
    """The versions of one object that match; Problem when the collection has no such object."""
    context, alias = context_of(request), _named(name).alias
    check_accepted(request)
    selection: CurrentSelection = selection_of(request, alias, realm_of(request))
    wanted, is_possible = wanted_of(request, frozenset({object_id}))
    await context.gateway.note_current(request.user.name, selection, "taxii")
    position: StixPosition | None = StixPosition()
    while position is not None:
        page: StixPage | None = await context.gateway.stix_page(
            selection, Wanted(wanted.ids), position, 1, shown_to=request.user.name, is_person=is_person
        )
        if page is None:
            raise Problem("E-HTTP-TOKEN")
        if page.objects:
            return [each for each in page.objects if is_possible and wanted.has(each)]
        position = page.following
    raise Problem(
        "E-HTTP-NOT-FOUND",
        "the collection has no such object",
        hint="it may be withdrawn, have expired, or be unreadable to this version",
    )


def _begin(request: Call, about: str) -> StixPosition:
    position = request.query_params.get("next")
    if position is None:
        return StixPosition()
    try:
        sealed = urlsafe_b64decode(position[:512].encode("ascii") + b"==")
        return _position(bytes(context_of(request).gateway.core.vault.unwrap(sealed, about)))
    except (ValueError, Fault, msgspec.MsgspecError):
        raise Problem("E-HTTP-VALUE", "next is none that this server gave for this collection") from None


def _sealed(request: Call, about: str, position: StixPosition) -> str:
    sealed = context_of(request).gateway.core.vault.wrap(msgspec.msgpack.encode(position), about)
    return urlsafe_b64encode(sealed).decode().rstrip("=")
