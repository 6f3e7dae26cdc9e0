"""Calls about the webhook of an agency: set, remove, rotate, test, replay, and the events that were abandoned."""

from typing import Any, Final

import msgspec
from litestar import Response, delete, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import RawBody

from suar.api.agencies.registering import Call, Name, changed, known
from suar.api.http.access import context_of, scope
from suar.api.http.agency_documents import (
    DeadLetter,
    NewReplay,
    NewWebhook,
    RemovedWebhook,
    RotatedWebhook,
    SetWebhook,
    StartedReplay,
    TestedWebhook,
)
from suar.api.http.bodies import refusal
from suar.api.http.documents import body_of
from suar.api.http.problems import Problem, answer
from suar.protocol.base.wire import UNREADABLE
from suar.service.webhooks.registry import WebhookRegistry

_new: Final = msgspec.json.Decoder(NewWebhook).decode
_replay: Final = msgspec.json.Decoder(NewReplay).decode
_BODY: Final = '{"url": address}'
_BODY_OF_REPLAY: Final = '{"from": position or "beginning", "door": "webhook" or "nats"}, or nothing'


@post(
    "/v1/agencies/{name:str}/webhook",
    opt=scope("admin"),
    status_code=200,
    operation_class=body_of("application/json", _BODY, NewWebhook),
    responses={200: ResponseSpec(SetWebhook, description="a new webhook's secret, this once")},
)
async def set_webhook(request: Call, name: Name, body: RawBody) -> Response[bytes]:
    """Set a webhook for an agency, or another address. The secret and the position of an existing one remain."""
    try:
        webhook = _new(body)
    except UNREADABLE as error:
        raise refusal(error, NewWebhook, f"the body is {_BODY}") from None
    return answer(await changed((await _webhooks(request, name)).set_url(name, webhook.url, request.user.name)))


@delete(
    "/v1/agencies/{name:str}/webhook",
    opt=scope("admin"),
    status_code=200,
    responses={200: ResponseSpec(RemovedWebhook, description="removed")},
)
async def remove_webhook(request: Call, name: Name) -> Response[bytes]:
    """End the webhook of an agency, with all that waits for it. A call that is under way ends."""
    await changed((await _webhooks(request, name)).remove(name, request.user.name))
    return answer({"name": name, "state": "removed"})


@post(
    "/v1/agencies/{name:str}/webhook/rotate",
    opt=scope("admin"),
    status_code=200,
    responses={200: ResponseSpec(RotatedWebhook, description="its new secret, this once")},
)
async def rotate_webhook(request: Call, name: Name) -> Response[bytes]:
    """Create another secret for a webhook. For 24 hours more, events are also signed with the previous one."""
    return answer(await changed((await _webhooks(request, name)).rotate(name, request.user.name)))


@post(
    "/v1/agencies/{name:str}/webhook/test",
    opt=scope("admin"),
    status_code=200,
    responses={200: ResponseSpec(TestedWebhook, description="what the receiver answered")},
)
async def try_webhook(request: Call, name: Name) -> Response[bytes]:
    """Send a test event. If the receiver accepts it, a webhook that was stopped or failed continues at once."""
    return answer(await changed((await _webhooks(request, name)).test(name, request.user.name)))


@get(
    "/v1/agencies/{name:str}/webhook/dead-letters",
    opt=scope("admin"),
    responses={200: ResponseSpec(list[DeadLetter], description="at most 100, the newest first")},
)
async def dead_letters(request: Call, name: Name) -> Response[bytes]:
    """Events that were abandoned after 72 hours."""
    return answer(await (await _webhooks(request, name)).dead(name))


@post(
    "/v1/agencies/{name:str}/replay",
    opt=scope("admin"),
    status_code=200,
    operation_class=body_of("application/json", _BODY_OF_REPLAY, NewReplay, is_required=False),
    responses={200: ResponseSpec(StartedReplay, description="what is sent again")},
)
async def replay(request: Call, name: Name, body: RawBody) -> Response[bytes]:
    """Send events to the webhook again: those after a position of the agency's feed, else the dead letters; or publish
    those after a position at the NATS server again."""
    try:
        requested = _replay(body) if body else NewReplay()
    except UNREADABLE as error:
        raise refusal(error, NewReplay, f"the body is {_BODY_OF_REPLAY}") from None
    if requested.door == "nats":
        return answer(await _replay_at_nats(request, name, requested.from_))
    done: dict[str, Any] = await changed(
        (await _webhooks(request, name)).replay(name, requested.from_, request.user.name)
    )
    return answer(done)


async def _replay_at_nats(request: Call, name: str, position: str | None) -> dict[str, Any]:
    if position is None:
        raise Problem(
            "E-HTTP-VALUE", "a replay at the NATS server is from a position", hint=f"the body is {_BODY_OF_REPLAY}"
        )
    await _webhooks(request, name)
    await changed(context_of(request).gateway.replay_nats(name, position, request.user.name))
    return {"name": name, "from": position, "dead_letters": 0}


HANDLERS: Final = (set_webhook, remove_webhook, rotate_webhook, try_webhook, dead_letters, replay)


async def _webhooks(request: Call, name: str) -> WebhookRegistry:
    """The webhooks; Problem when there is no agency of that name."""
    found = context_of(request).gateway.webhooks
    await known(found.agency(name))
    return found
