"""Pages: the address of the next one in the header Link (RFC 8288), and a page of the feed as a CloudEvents batch."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

from litestar import Request, Response
from litestar.response.base import ASGIResponse

from suar.api.http.problems import answer
from suar.service.access.tokens import TokenInfo
from suar.service.feed.subscriptions import Subscription

Call = Request[TokenInfo, None, Any]
BATCH_TYPE: Final = "application/cloudevents-batch+json"


def next_link(request: Request[Any, Any, Any], path: str, **changed: object) -> Mapping[str, str]:
    """The header: this call at `path` with other values of `changed`; what is None is left out."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name not in changed]
    query = urlencode([*kept, *((name, value) for name, value in changed.items() if value is not None)])
    return {"Link": f'<{path}?{query}>; rel="next"'}


def page_of(
    request: Request[Any, Any, Any], path: str, rows: Sequence[Mapping[str, Any]], position: str, limit: int
) -> Response[bytes]:
    """Return a page of rows as JSON; unless it is empty, its header Link names the next page.

    `position`: the key of a row that has its position; `limit`: the most rows of a page.
    """
    page = answer(rows)
    if rows:
        page.headers.update(next_link(request, path, after=rows[-1][position], limit=limit))
    return page


def is_batch(accept: str | None) -> bool:
    """Whether an Accept header requests a batch; all other callers get a stream (RFC 9110, 12.5.1)."""
    accepted = [part.split(";")[0].strip().lower() for part in (accept or "").split(",")]
    return BATCH_TYPE in accepted


async def batch_page(request: Call, feed: Subscription) -> ASGIResponse:
    """Return the next page of `feed`, and close it. Empty when there is nothing new: call the same address again."""
    try:
        page = await feed.next_page()
        await feed.record_sent(page, len(page.entries))
        position = feed.position()
    finally:
        await feed.close()
    events = page.events if feed.is_open else []  # it may have ended while the page was read
    body = b"[" + b",".join(each.positioned for each in events) + b"]"
    link = next_link(request, "/v1/feed", **{"from": None, "after": position})
    return ASGIResponse(body=body, media_type=BATCH_TYPE, headers=dict(link))
