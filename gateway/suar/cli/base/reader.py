"""The reader's language on the command line, and the width of the terminal."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import rich_click as click

from suar.protocol.base.errors import Fault

if TYPE_CHECKING:
    from suar.languages.catalogue import Catalogue
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

own_lang_option = click.option(
    "--lang", type=LanguageTag(), help="The language of the output, such as th. Default: that of LANG, or English."
)


def catalogue_of(lang: "Language | None") -> "Catalogue":
    """Return the catalogue of the requested language, else of that of the environment, else of English."""
    from suar.languages.catalogue import load
    from suar.languages.tags import choose

    if lang is not None:
        return load(lang.tag)
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    try:
        return load(choose(locale.partition(".")[0].partition("@")[0]).tag)
    except Fault:
        return load(ENGLISH)


@contextmanager
def faults_shown_in(catalogue: "Catalogue") -> Iterator[None]:
    """Show the faults that are sentences in the language of the catalogue; all others stay in English."""
    from suar.protocol.base.sentences import SentenceFault

    try:
        yield
    except SentenceFault as fault:
        raise Fault(catalogue.shown(fault.message), catalogue.shown(fault.advice)) from None


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
