"""The reader's language on the command line, and the width of the terminal."""

import shutil
from typing import TYPE_CHECKING, Any, Final

import rich_click as click

if TYPE_CHECKING:
    from suar.languages.tags import Language

ENGLISH: Final = "en"
LOCAL: Final = "local"
"""The name of the token in STATE/gateway.json."""


class LanguageTag(click.ParamType["Language"]):
    """A tag of BCP 47 that has a catalogue; Fault with the list of available ones."""

    name = "lang"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> "Language":
        """Return the language that a tag such as th or zh-Hans selects."""
        from suar.languages.tags import Language, choose

        return value if isinstance(value, Language) else choose(str(value))


lang_option = click.option(
    "--lang",
    type=LanguageTag(),
    default=ENGLISH,
    show_default=True,
    help="The language of the output, such as th or zh-Hans.",
)


def sentences_for(as_json: bool) -> dict[str, str]:
    """Return the query by which the gateway's reasons can be shown with labels, in any language; none for programs."""
    return {} if as_json else {"sentences": "true"}


def who_did(name: str) -> str:
    """Return the holder of a token by the token's name; the local one is the operator of the gateway's machine."""
    return "this machine" if name == LOCAL else name


def of_others(text: str) -> str:
    """Return a text of somebody else for a terminal: no line of it can be mistaken for ours (`languages.wrap.MARK`)."""
    from suar.languages.rendering.layout import WIDEST
    from suar.languages.rendering.wrap import others

    return "\n".join(others(text, min(room(), WIDEST)))


def room() -> int:
    """Return the cells of a line: of the terminal, else COLUMNS, else 80."""
    return shutil.get_terminal_size().columns
