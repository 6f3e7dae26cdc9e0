"""The form that a browser sent: bounded in bytes and fields, the same for both encodings."""

from typing import Any, Final
from urllib.parse import parse_qsl

from litestar import Request
from litestar.datastructures import UploadFile
from litestar.exceptions import HTTPException

FIELDS_MAX: Final = 4_000
FORM_BYTES: Final = 1024 * 1024
_TOO_LARGE: Final = 413


class Form:
    """The fields in their order; a name may occur several times."""

    def __init__(self, fields: list[tuple[str, str]], files: dict[str, bytes] | None = None) -> None:
        self.fields, self.files = fields, files or {}

    def one(self, name: str, most: int = 4_096) -> str:
        """Return the first value of a field, cut at `most` characters; empty if there is none."""
        return next((value[:most] for key, value in self.fields if key == name), "")

    def all(self, name: str) -> list[str]:
        """Return every value of a field."""
        return [value for key, value in self.fields if key == name]


async def read_form(request: Request[Any, Any, Any], *, with_files: bool) -> Form:
    """Return the form of a request; an empty one for an invalid body, and for files from callers without a session."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded":
        body = await request.body()
        try:
            return Form(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=FIELDS_MAX))
        except ValueError:
            return Form([])
    if kind == "multipart/form-data" and with_files:
        return await _multipart(request)
    return Form([])


async def _multipart(request: Request[Any, Any, Any]) -> Form:
    try:
        data = await request.form()
    except HTTPException as refused:
        if refused.status_code == _TOO_LARGE:
            raise
        return Form([])
    except (ValueError, LookupError):  # not a form, or of an unknown charset
        return Form([])
    fields, files = [], {}
    for name, value in data.multi_items():
        if isinstance(value, UploadFile):
            files[name] = await value.read()
        else:
            fields.append((name, str(value)))
    if not all(_is_text(part) for field in fields for part in field):
        return Form([])
    return Form(fields, files)


def _is_text(value: str) -> bool:
    """Whether it can be written as UTF-8: some charsets yield lone surrogates."""
    try:
        value.encode()
    except UnicodeError:
        return False
    return True
