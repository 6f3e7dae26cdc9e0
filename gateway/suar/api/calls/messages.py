"""Calls about messages: publish, batch, check, list, show, deliveries. Bodies are passed to the gateway unchanged."""

from asyncio import to_thread
from typing import Annotated, Any, Final, Literal

from litestar import Request, Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import HeaderParameter, PathParameter, QueryParameter, RawBody
from litestar.response.base import ASGIResponse

from suar.api.calls.batch import BatchResponse
from suar.api.contract.kinds import DRAFT
from suar.api.contract.table_document import labelled
from suar.api.http.access import charge, context_of, is_opening, scope
from suar.api.http.agency_documents import GivenDocument
from suar.api.http.documents import Deliveries, InboxRow, Opinion, Shown, VerdictDocument, body_of
from suar.api.http.paging import page_of
from suar.api.http.problems import Problem, answer, problem
from suar.languages.rendering import reading
from suar.languages.tags import ENGLISH, Language, choose
from suar.protocol.base.errors import CODES, Fault
from suar.protocol.base.limits import INTEGER_MAX, MESSAGE_BYTES_MAX
from suar.protocol.message.kinds import KINDS
from suar.protocol.privacy.tables.shown import Table
from suar.service.access.as_shown import CHANGED
from suar.service.access.tokens import LOCAL, TokenInfo
from suar.service.reading.verdict import Verdict
from suar.service.reading.views import UnknownPosition

Call = Request[TokenInfo, None, Any]

PAGE_MAX: Final = 1_000  # rows of one answer
_STATUS: Final = {"published": 201, "held": 202}

Exercise = Annotated[bool, QueryParameter(description="publish in the exercise realm")]
Id = Annotated[str, PathParameter(pattern=r"^[A-Z]{2}-[A-Z]{1,16}-[0-9]{4}-[0-9]{6}\Z", description="a message's id")]
Key = Annotated[
    str | None,
    HeaderParameter(
        name="Idempotency-Key",
        pattern=r"^[\x21-\x7e]{1,128}\Z",
        description="the same key and body within a day are one message, answered by its id and present verdict, "
        "without its reasons and table; another body is refused",
    ),
]
Kind = Annotated[str | None, QueryParameter(pattern=rf"^({'|'.join(KINDS)})\Z")]
Origin = Annotated[str | None, QueryParameter(pattern=r"^[A-Z]{2}\Z", description="the publishing member")]
Status = Annotated[
    str,
    QueryParameter(
        pattern=r"^(actual|exercise|all)\Z", description="the realm; an exercise is listed only when it is asked for"
    ),
]
After = Annotated[int | None, QueryParameter(ge=0, le=INTEGER_MAX, description="the `n` of the last row that is known")]
Ordering = Annotated[
    Literal["received", "urgency"],
    QueryParameter(description="as they came, or alerts by urgency and then the rest; `after` pages either"),
]
State = Annotated[
    Literal["current", "ended"] | None,
    QueryParameter(name="state", description="only what is in force, or only what has expired or is cancelled"),
]
Limit = Annotated[int, QueryParameter(ge=1, le=PAGE_MAX)]
Lang = Annotated[
    str | None,
    QueryParameter(pattern=r"^[A-Za-z0-9-]{2,35}\Z", description="a language of BCP 47, such as th or zh-Hans"),
]
WithSentences = Annotated[
    bool,
    QueryParameter(
        name="sentences",
        description="also `sentences` of each reason: its text ids and values, for a program that shows it in another "
        "language",
    ),
]
Revision = Annotated[int | None, QueryParameter(ge=1, le=10_000, description="the latest, when not given")]


@post(
    "/v1/messages",
    opt=scope("publish"),
    operation_class=body_of("application/json", "a message of the standard", DRAFT),
    responses={
        201: ResponseSpec(VerdictDocument, description="published"),
        202: ResponseSpec(VerdictDocument, description="held for a second person"),
        409: ResponseSpec(VerdictDocument, description="refused: an update of a revision that was changed meanwhile"),
        422: ResponseSpec(VerdictDocument, description="refused, with every reason"),
    },
)
async def publish(
    request: Call,
    body: RawBody,
    key: Key = None,
    exercise: Exercise = False,
    lang: Lang = None,
    with_sentences: WithSentences = False,
) -> Response[bytes]:
    """Publish one message.

    It is on disk when the answer is sent; a trend's answer has its table, labelled in `lang`.
    """
    language = language_of(lang or ENGLISH.tag)
    verdict = await context_of(request).gateway.publish(
        body, realm=realm_of(exercise), key=key, token=request.user.name
    )
    charge(request, len(body))
    return _verdict_answer(verdict, await _table(verdict.table, language), with_sentences)


@post(
    "/v1/messages/batch",
    opt={**scope("publish"), "unlimited": True},
    status_code=200,
    request_max_body_size=None,
    operation_class=body_of(
        "application/x-ndjson",
        f"a message a line, at most {MESSAGE_BYTES_MAX // 1024} KiB each, as many as you like; "
        "blank lines are passed over",
    ),
    responses={200: ResponseSpec(VerdictDocument, description="a verdict a line", media_type="application/x-ndjson")},
)
async def batch(
    request: Call, exercise: Exercise = False, lang: Lang = None, with_sentences: WithSentences = False
) -> ASGIResponse:
    """Publish many: one message a line in, one verdict a line out, in order; blank lines get none. Read while you
    send. The verdict on a table that is refused or held has it, labelled in `lang`, and what coarser ones would hide.

    Each line is a request without a key: the same line within a day creates no second message, and is answered by the
    id and present verdict of the first, without its reasons and table. The
    header Idempotency-Key does nothing here, and the answer to a call that has it has `Idempotency-Key-Used: false`.
    """
    context, has_key = context_of(request), "idempotency-key" in request.headers
    language = language_of(lang or ENGLISH.tag)
    return BatchResponse(
        context.gateway, realm_of(exercise), request.user.name, context.stopping, language,
        has_key=has_key, with_sentences=with_sentences,
    )  # fmt: skip


@post(
    "/v1/messages/check",
    opt=scope("publish"),
    status_code=200,
    operation_class=body_of("application/json", "a message of the standard", DRAFT),
    responses={200: ResponseSpec(Opinion, description="the verdict")},
)
async def check(
    request: Call,
    body: RawBody,
    exercise: Exercise = False,
    lang: Lang = None,
    with_sentences: WithSentences = False,
) -> Response[bytes]:
    """The verdict on a message without publishing it; of a trend with its table, labelled in `lang`."""
    language = language_of(lang or ENGLISH.tag)
    verdict = await context_of(request).gateway.check(
        body, realm=realm_of(exercise), token=request.user.name, with_sentences=with_sentences
    )
    charge(request, len(body))
    return answer({**verdict, "table": await _table(verdict.get("table"), language)})


async def _table(table: Table | None, language: Language) -> dict[str, Any] | None:
    return None if table is None else await labelled(table, language)


@get("/v1/messages", opt=scope("read"), responses={200: ResponseSpec(list[InboxRow], description="oldest first")})
async def listed(
    request: Call,
    kind: Kind = None,
    origin: Origin = None,
    status: Status = "actual",
    after: After = None,
    limit: Limit = 100,
    order: Ordering = "received",
    only: State = None,
) -> Response[bytes]:
    """Received messages, oldest first or most urgent first; the next page is `after` the last row's `n`.

    The header Link tells the next page; an empty one, which has none, is the last.
    """
    realm = None if status == "all" else status
    listing = context_of(request).gateway.messages(
        kind=kind, origin=origin, status=realm, after=after, limit=limit, order=order, state=only,
        shown_to=request.user.name,
    )  # fmt: skip
    try:
        rows = await listing
    except UnknownPosition as fault:
        raise Problem("E-HTTP-VALUE", fault.text, hint=fault.hint) from None
    return page_of(request, "/v1/messages", rows, "n", limit)


@get("/v1/messages/{id:str}", opt=scope("read"), responses={200: ResponseSpec(Shown, description="the message")})
async def shown(
    request: Call,
    id: Id,  # noqa: A002 - the standard's word
    rev: Revision = None,
    lang: Lang = None,
) -> Response[bytes]:
    """One message, with its chain of revisions; with `lang` also as a person reads it, under `reading`.

    Its publisher is told that a person opened it when the token is a person's, or the local one of `suar show`.
    """
    language = None if lang is None else language_of(lang)
    user, gateway = request.user, context_of(request).gateway
    found = await gateway.message(id, rev=rev, opened_by=user.name, is_person=is_opening(request))
    if found is None:
        raise _not_shown(await gateway.deliveries(id))
    if language is not None:
        lines = await to_thread(reading.shown, found, language)  # a large table takes a second
        found = {**found, "reading": {"lang": language.tag, "lines": lines}}
    return answer(found)


@get(
    "/v1/messages/{id:str}/deliveries",
    opt=scope("read"),
    responses={200: ResponseSpec(Deliveries, description="a stage for each member")},
)
async def deliveries(request: Call, id: Id, rev: Revision = None) -> Response[bytes]:  # noqa: A002 - the standard's word
    """The stage of one of our messages at each member, by their signed receipts; of a recall also who had read it."""
    found = await context_of(request).gateway.deliveries(id, rev)
    if found is None:
        text = "no message of this id was published here"
        raise Problem("E-HTTP-NOT-FOUND", text, hint="only a message's publisher knows who has it: ask that member")
    return answer(found)


@get(
    "/v1/messages/{id:str}/agencies",
    opt=scope("read"),
    responses={200: ResponseSpec(GivenDocument, description="which agencies here were given it, and when first")},
)
async def agencies_with_text(request: Call, id: Id) -> Response[bytes]:  # noqa: A002 - the standard's word
    """Which agencies of this member received a text of the message, ours or another's; no publisher is informed."""
    found = await context_of(request).gateway.agencies_with_text(id)
    if found is None:
        raise unknown_message()
    return answer(found)


HANDLERS: Final = (publish, batch, check, listed, shown, deliveries, agencies_with_text)


def realm_of(exercise: bool) -> str:
    """The realm that `?exercise=` names."""
    return "exercise" if exercise else "actual"


def _verdict_answer(verdict: Verdict, table: dict[str, Any] | None, with_sentences: bool) -> Response[bytes]:
    """201, 202 or 422; a refusal is a problem document that has the publish shape in it."""
    document = {**verdict.shape(with_sentences=with_sentences), **({"table": table} if table is not None else {})}
    if verdict.verdict in _STATUS:
        response = answer(document, _STATUS[verdict.verdict])
        if verdict.verdict == "published":
            response.headers["Location"] = f"/v1/messages/{verdict.id}"
        if verdict.is_replayed:
            response.headers["Idempotent-Replayed"] = "true"
        return response
    if verdict.verdict == "key-reused":
        raise Problem("E-HTTP-KEY-REUSED")
    changed = [reason for reason in verdict.reasons if reason.code == CHANGED]
    first = next(iter((*changed, *verdict.reasons)), None)
    code = first.code if first else "E-MESSAGE-FORM"
    hint = first.hint if first and first.hint else CODES[code].advice if code in CODES else ""
    return problem(409 if changed else 422, code, "the message is refused", hint, more=document)


def language_of(tag: str) -> Language:
    """Return the language that a query requests; Problem when it has no catalogue."""
    try:
        return choose(tag)
    except Fault as fault:
        raise Problem("E-HTTP-VALUE", "there is no catalogue for the language in lang", hint=fault.hint) from None


def unknown_message() -> Problem:
    """Return the Problem: no message of that id was received or published here."""
    hint = "`suar inbox` lists received messages, with --from and your own code sent ones; `suar held` those that wait"
    return Problem("E-HTTP-NOT-FOUND", "no message of this id is here, or it is not for this reader", hint=hint)


def _not_shown(own: dict[str, Any] | None) -> Problem:
    """Why a message is not shown; `own`: its deliveries, where we published it, also where it never left."""
    if own is None or own["action"] is not None:
        return unknown_message()
    if rejected := own.get("rejected"):
        by = "this machine" if rejected["by"] == LOCAL else rejected["by"]
        text = f"it was rejected by {by} and never left: {rejected['reason']}"
        return Problem("E-HTTP-NOT-FOUND", text, hint="correct what the reason names, and publish it anew")
    hint = "`suar held` shows it to who may release it; `suar cancel ID` withdraws it"
    return Problem("E-HTTP-NOT-FOUND", "it waits here for a second person, and has not left", hint=hint)
