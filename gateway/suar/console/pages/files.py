"""Style sheet, script and icon."""

from typing import Any

from litestar import Response

from suar.console.assets import found
from suar.console.guard import Call, Denied, Visitor
from suar.console.pages.registry import page

FOR_EVER = "public, max-age=31536000, immutable"


@page("GET", "/static/{name:str}")
async def static(request: Call, _: Visitor | None) -> Response[Any]:
    """Return a file by its name with hash."""
    file = found(str(request.path_params["name"]))
    if file is None:
        raise Denied(404, "not-found")
    return Response(file.data, media_type=file.media_type, headers={"Cache-Control": FOR_EVER})
