"""Calls about drills: start a drill, list drills, and report who answered when."""

from typing import Annotated, Any, Final, Literal

import msgspec
from litestar import Request, Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import PathParameter, QueryParameter, RawBody
from msgspec import UNSET, Meta, Struct, UnsetType

from suar.api.calls.messages import WithSentences
from suar.api.contract.shapes import DrillReport, DrillRow, DrillStarted
from suar.api.http.access import charge, context_of, scope
from suar.api.http.bodies import refusal
from suar.api.http.documents import body_of
from suar.api.http.problems import Problem, answer, problem
from suar.protocol.base.errors import Fault
from suar.protocol.base.exercise import IN_A_NAME
from suar.protocol.base.wire import UNREADABLE
from suar.service.access.tokens import TokenInfo
from suar.service.exercises.drill import Plan
from suar.service.exercises.drill_render import as_csv
from suar.service.exercises.drill_svg import as_svg
from suar.store.engine.database import StoreFault

Call = Request[TokenInfo, None, Any]
NAME: Final = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z"
Code = Annotated[str, Meta(pattern=r"^[A-Z]{2}\Z")]
Which = Annotated[str, PathParameter(pattern=NAME, description="the name of a drill, or the id of an exercise")]
Form = Annotated[Literal["json", "csv", "svg"], QueryParameter(name="as", description="a table, or a picture")]
_MEDIA: Final = {"csv": "text/csv; header=present; charset=utf-8", "svg": "image/svg+xml"}


class Drill(Struct, forbid_unknown_fields=True):
    """The body of POST /v1/drills: drafts or the name of a template, their audience, and a name."""

    messages: Annotated[list[dict[str, Any]], Meta(min_length=1, max_length=20)] | UnsetType = UNSET
    template: Annotated[str, Meta(max_length=32)] | UnsetType = UNSET
    to: Literal["all"] | Annotated[list[Code], Meta(min_length=1, max_length=50)] | UnsetType = UNSET
    name: Annotated[str, Meta(pattern=NAME)] | UnsetType = UNSET
    desk: Annotated[str, Meta(pattern=r"^[A-Z]{2}-CONTACT-[0-9]{4}-[0-9]{6}\Z")] | UnsetType = UNSET


_drill: Final = msgspec.json.Decoder(Drill).decode


@post(
    "/v1/drills",
    opt=scope("publish", "operate"),
    operation_class=body_of("application/json", "messages (drafts) or template, and to, name, desk", Drill),
    responses={
        201: ResponseSpec(DrillStarted, description="started: the drill's name, and a verdict for each message"),
        422: ResponseSpec(DrillStarted, description="refused, with every reason; nothing was started"),
    },
)
async def start(request: Call, body: RawBody, with_sentences: WithSentences = False) -> Response[bytes]:
    """Publish exercises as one drill: all of them, or none."""
    try:
        exercise = _drill(body)
    except UNREADABLE as error:
        raise refusal(
            error, Drill, "messages or a template is needed, and under to all or a list of codes such as VN"
        ) from None
    if (exercise.messages is UNSET) == (exercise.template is UNSET) or (
        exercise.template is not UNSET and exercise.to is UNSET
    ):
        raise Problem("E-HTTP-VALUE", "give messages, or a template with members or all under to")
    wanted = {name: value for name, value in msgspec.structs.asdict(exercise).items() if value is not UNSET}
    plan = Plan(wanted.pop("messages", ()), **wanted)
    try:
        started = await context_of(request).gateway.drill_start(plan, request.user.name, with_sentences=with_sentences)
    except StoreFault:
        raise
    except Fault as fault:  # no such template
        raise Problem("E-HTTP-VALUE", fault.text, hint=fault.hint) from None
    charge(request, len(body))
    if not started["reasons"]:
        done = answer(started, 201)
        done.headers["Location"] = f"/v1/drills/{started['drill']}"
        return done
    first = started["reasons"][0]
    return problem(422, first["code"], "nothing is started", first["hint"], more=started)


@get(
    "/v1/drills",
    opt=scope("read", "operate"),
    responses={200: ResponseSpec(list[DrillRow], description="the newest first")},
)
async def listed(request: Call) -> Response[bytes]:
    """The drills that were started here, the newest first."""
    return answer(await context_of(request).gateway.drills())


@get(
    "/v1/drills/{which:str}",
    opt=scope("read", "operate"),
    responses={200: ResponseSpec(DrillReport, description="the report, or a table or picture of it")},
)
async def report(request: Call, which: Which, form: Form = "json") -> Response[bytes]:
    """Who stored, opened, acknowledged and acts, and after how long, by the members' signed receipts."""
    try:
        found = await context_of(request).gateway.drill_report(which)
    except StoreFault:
        raise
    except Fault as fault:  # an actual message
        raise Problem("E-HTTP-CONFLICT", fault.text, hint=fault.hint) from None
    if found is None:
        text = "no drill has this name, and no message of one this id"
        raise Problem("E-HTTP-NOT-FOUND", text, hint="`suar drill list` shows all")
    if form == "json":
        return answer(found)
    named = f'attachment; filename="{IN_A_NAME}{which}.{form}"'
    made = as_csv(found) if form == "csv" else as_svg(found)
    return Response(made, media_type=_MEDIA[form], headers={"Content-Disposition": named})


HANDLERS: Final = (start, listed, report)
