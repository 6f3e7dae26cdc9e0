"""The data files: every observation in force that the caller may read, long form, as CSV and as SDMX-CSV 2.0.

A file is sent a page of messages at a time, each read by the policy of that moment. When the reader may read no more
in between, the connection breaks: half a file never looks like a whole one.
"""

from asyncio import to_thread
from collections.abc import AsyncIterator
from typing import Annotated, Any, Final, Literal

from litestar import Request, get
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import QueryParameter
from litestar.response import Stream

from suar.api.agencies.reading import Realm, selection_of
from suar.api.http.access import Context, context_of, scope
from suar.api.http.problems import Problem
from suar.exchange.outgoing.observations import MEDIA, header, observations
from suar.protocol.base.codelists import codes
from suar.protocol.base.exercise import file_name
from suar.protocol.message.kinds import Trend
from suar.protocol.message.messages import readable
from suar.protocol.message.valuehints import common_year
from suar.service.access.tokens import TokenInfo
from suar.service.feed.current import CurrentPage, CurrentSelection
from suar.service.settings.scopes import AGENCY

Call = Request[TokenInfo, None, Any]
Indicator = Annotated[str | None, QueryParameter(pattern=rf"^({'|'.join(codes('trend-indicator'))})\Z")]
Member = Annotated[str | None, QueryParameter(pattern=r"^[A-Z]{2}\Z", description="the publishing member")]
Period = Annotated[
    str | None,
    QueryParameter(
        pattern=r"^[0-9]{4}(-(Q[1-4]|H[12]|0[1-9]|1[0-2]))?\Z",
        description="that period and those within its name: a year has its halves, quarters and months",
    ),
]
_OPT: Final = {**scope("read", AGENCY), "basic": True}


class EndedError(OSError):
    """The reader may read no more."""


def _spec(form: str) -> dict[int, ResponseSpec]:
    return {200: ResponseSpec(str, description="observations, one a line", media_type=MEDIA[form])}


@get("/v1/data/trends.csv", opt=_OPT, media_type=MEDIA["csv"], responses=_spec("csv"))
async def trends_csv(
    request: Call, indicator: Indicator = None, member: Member = None, period: Period = None, status: Realm = None
) -> Stream:
    """Every observation in force that the caller may read, as CSV in long form; `suppressed` marks what was hidden."""
    return await _file(request, "csv", indicator, member, period, status)


@get("/v1/data/trends.sdmx.csv", opt=_OPT, media_type=MEDIA["sdmx-csv"], responses=_spec("sdmx-csv"))
async def trends_sdmx(
    request: Call, indicator: Indicator = None, member: Member = None, period: Period = None, status: Realm = None
) -> Stream:
    """The same as SDMX-CSV 2.0, by the structure SUAR:TREND(1.0)."""
    return await _file(request, "sdmx-csv", indicator, member, period, status)


HANDLERS: Final = (trends_csv, trends_sdmx)


async def _file(
    request: Call, form: Literal["csv", "sdmx-csv"], indicator: str | None, member: str | None, period: str | None,
    realm: str | None,
) -> Stream:  # fmt: skip
    context = context_of(request)
    selection = selection_of(request, "trend", realm, member)
    await context.gateway.note_current(request.user.name, selection, "trends")
    first = await context.gateway.current(selection, 0, shown_to=request.user.name)
    era, common = common_year("" if period is None else period[:4])
    if era and period is not None:
        async for data in _pages(context, request.user.name, selection, first, form, indicator, period):
            if data:
                break
        else:
            raise _another_calendar(period, era, common)
    named = file_name("trends.sdmx.csv" if form == "sdmx-csv" else "trends.csv", selection.realm)
    headers = {"Content-Disposition": f'attachment; filename="{named}"'}
    lines = _lines(context, request.user.name, selection, first, form, indicator, period)
    return Stream(lines, media_type=MEDIA[form], headers=headers)


async def _lines(
    context: Context, who: str, selection: CurrentSelection, page: CurrentPage | None, form: str,
    indicator: str | None, period: str | None,
) -> AsyncIterator[bytes]:  # fmt: skip
    yield header(form)
    async for data in _pages(context, who, selection, page, form, indicator, period):
        if data:
            yield data


async def _pages(
    context: Context, who: str, selection: CurrentSelection, page: CurrentPage | None, form: str,
    indicator: str | None, period: str | None,
) -> AsyncIterator[bytes]:  # fmt: skip
    """Yield the lines of each page, from `page` on."""
    while True:
        if page is None or context.stopping.is_set():
            raise EndedError
        yield await to_thread(_page, page, form, indicator, period)
        if page.after is None:
            return
        page = await context.gateway.current(selection, page.after, shown_to=who)


def _another_calendar(period: str, era: str, common: int) -> Problem:
    """Return the problem with a year of another calendar, of which there are no figures."""
    detail = f"not allowed: period (the year {period[:4]} is not one of the common calendar)"
    hint = f"the {era} year {period[:4]} is {common}: write {common}{period[4:]}"
    return Problem("E-HTTP-VALUE", detail, hint=hint)


def _page(page: CurrentPage, form: str, indicator: str | None, period: str | None) -> bytes:
    trends = (readable(each.data) for each in page.messages)
    return b"".join(
        observations(trend, form, period)
        for trend in trends
        if isinstance(trend, Trend) and indicator in (None, trend.indicator)
    )
