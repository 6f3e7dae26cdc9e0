"""The call that cancels a message that this member published."""

from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import QueryParameter, RawBody
from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from suar.api.calls.messages import Id, Lang, WithSentences, language_of, unknown_message
from suar.api.contract.table_document import labelled
from suar.api.http.access import charge, context_of, scope
from suar.api.http.bodies import refusal
from suar.api.http.documents import CancelDocument, VerdictDocument, body_of
from suar.api.http.problems import answer, problem
from suar.languages.tags import ENGLISH, Language
from suar.protocol.base.errors import CODES, Refused
from suar.protocol.base.wire import UNREADABLE
from suar.service.access.tokens import TokenInfo

Call = Request[TokenInfo, None, Any]
Read = Annotated[
    int | None,
    QueryParameter(ge=1, le=10_000, description="the revision that was read; without it the newest, whichever"),
]
_STATUS: Final = {"published": 201, "held": 202, "withdrawn": 200}


class Cancellation(Struct, forbid_unknown_fields=True):
    """The body of POST /v1/messages/{id}/cancel: the reason, for every reader, and the replacement."""

    reason: Annotated[str, Meta(min_length=1, max_length=400)]
    replace: Raw | UnsetType = UNSET


_cancellation: Final = msgspec.json.Decoder(Cancellation).decode


@post(
    "/v1/messages/{id:str}/cancel",
    opt=scope("publish"),
    operation_class=body_of(
        "application/json", "reason, and if you like under replace the message in its place", Cancellation
    ),
    responses={
        200: ResponseSpec(CancelDocument, description="it only waited for a second person: withdrawn, it never leaves"),
        201: ResponseSpec(CancelDocument, description="cancelled; `replacement` has the verdict on the other"),
        202: ResponseSpec(CancelDocument, description="the cancel is held for a second person"),
        422: ResponseSpec(VerdictDocument, description="refused, with every reason; nothing is cancelled"),
    },
)
async def cancel(
    request: Call,
    body: RawBody,
    id: Id,  # noqa: A002 - the standard's word
    rev: Read = None,
    lang: Lang = None,
    with_sentences: WithSentences = False,
) -> Response[bytes]:
    """Cancel one of our messages: every receiver is requested to destroy its text. A waiting message is withdrawn.

    The cancel is sent at once; a replacement that needs a second person waits for that one, and the cancel does not.
    With `rev` it is about that revision alone: if another is the newest, nothing is done (409). A replacement that is a
    trend is answered with its table, labelled in `lang`; one that is refused or held, with what coarser ones hide.
    """
    language = language_of(lang or ENGLISH.tag)
    try:
        cancellation = _cancellation(body)
    except UNREADABLE as error:
        raise refusal(error, Cancellation, "a reason of 1 to 400 characters is needed") from None
    replace = None if isinstance(cancellation.replace, UnsetType) else bytes(cancellation.replace)
    try:
        done = await context_of(request).gateway.cancel(
            id, request.user.name, cancellation.reason, replace, rev=rev, with_sentences=with_sentences
        )
    except Refused as refused:
        return problem(409, refused.code, CODES[refused.code].meaning, refused.advice())
    charge(request, len(body))
    if done is None:
        raise unknown_message()
    done = await _with_labels(done, language)
    if done["verdict"] in _STATUS:
        response = answer(done, _STATUS[done["verdict"]])
        if response.status_code == 201:
            response.headers["Location"] = f"/v1/messages/{id}"
        return response
    first = done["reasons"][0]
    return problem(422, first["code"], "nothing is cancelled", first["hint"], more=done)


async def _with_labels(done: dict[str, Any], language: Language) -> dict[str, Any]:
    """Return the document with labels in its table, or in that of its replacement."""
    if done.get("table") is not None:
        return done | {"table": await labelled(done["table"], language)}
    other = done["replacement"]
    if other is None or other.get("table") is None:
        return done
    return done | {"replacement": other | {"table": await labelled(other["table"], language)}}


HANDLERS: Final = (cancel,)
