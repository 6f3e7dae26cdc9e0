"""Why a message is where it is at one member: one cause, one next step, in the reader's language."""

from asyncio import to_thread
from typing import Annotated, Any, Final

from litestar import Request, Response, get
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import PathParameter
from msgspec import Struct

from suar.api.calls.messages import Id, Lang, language_of, unknown_message
from suar.api.http.access import context_of, scope
from suar.api.http.problems import answer
from suar.languages.causes import render_cause, values_of
from suar.languages.tags import ENGLISH
from suar.service.access.tokens import TokenInfo

Call = Request[TokenInfo, None, Any]
Member = Annotated[str, PathParameter(pattern=r"^[A-Z]{2}\Z", description="a member's code")]


class Why(Struct):
    """One cause by its code (docs/operators.md lists them), what it says, what to do; `rev` null: not here.

    `number` is its place in the list of causes, `values` what stands in its text: of times RFC 3339, in UTC.
    `authority`: who ordered a legal hold, where the member names it.
    """

    id: str
    rev: int | None
    member: str
    cause: str
    text: str
    next: str
    lang: str
    number: int
    values: dict[str, Any]
    status: str | None = None
    authority: str | None = None


@get(
    "/v1/messages/{id:str}/why/{member:str}",
    opt=scope("read"),
    responses={200: ResponseSpec(Why, description="the first cause of the list that holds")},
)
async def why(
    request: Call,
    id: Id,  # noqa: A002 - the standard's word
    member: Member,
    lang: Lang = None,
) -> Response[bytes]:
    """Why a message is where it is at a member, and the next step."""
    language = ENGLISH if lang is None else language_of(lang)
    found = await context_of(request).gateway.why(id, member)
    if found is None:
        raise unknown_message()
    text, step = await to_thread(render_cause, found["number"], found["values"], language)
    made = Why(
        id, found["rev"], member, found["cause"], text, step, language.tag, found["number"],
        values_of(found["number"], found["values"]), found.get("status"),
        found["values"].get("authority"),
    )  # fmt: skip
    return answer(made)


HANDLERS: Final = (why,)
