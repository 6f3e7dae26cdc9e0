"""The tables of the documents that are made from the code: `make pages` writes them, a test looks.

A table stands between two comments that name it: `<!-- NAME: made by make pages -->` and `<!-- end of NAME -->`.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from suar.api.app import handlers
from suar.protocol.base.codelists import RECEIPT
from suar.protocol.message.kinds import DECLARED
from suar.service.settings.scopes import AGENCY, CLAIM, MACHINE, PROPOSE, SCOPES
from support import observe_docs

ROOT: Final = Path(__file__).parents[2]
PAGES: Final = ("docs/messages.md", "docs/focal-points.md", "docs/operators.md", "docs/why.md", "schemas/README.md")
_PART: Final = re.compile(
    r"(?P<begin><!-- (?P<name>[a-z]+): made by make pages -->\n).*?(?P<end><!-- end of (?P=name) -->)", re.DOTALL
)
_LIFETIMES: Final = {365: "one year", 1826: "five years"}


def _table(head: tuple[str, ...], lines: Sequence[tuple[str, ...]]) -> str:
    return "\n".join(f"| {' | '.join(line)} |" for line in (head, *lines)).replace(
        "\n", "\n" + "|" + "---|" * len(head) + "\n", 1
    )


def kinds() -> str:
    """Each kind, what it is, who reads it first."""
    lines = [(f"`{name}`", kind.about.removesuffix("."), kind.readers) for name, kind in DECLARED.items()]
    return _table(("kind", "purpose", "who reads it first"), lines)


def uses() -> str:
    """What a person wants to do, and the kind for it."""
    lines = []
    for name, kind in DECLARED.items():
        days = kind.lifetime_days
        valid = "made by the gateway" if name == RECEIPT else _LIFETIMES.get(days, f"{days:,} days")
        lines.append((kind.use, f"`{name}`", valid))
    return _table(("you want to", "kind", "stays valid at most"), lines)


def sections() -> str:
    """The sections of the page for focal points."""
    return "- The kinds: " + " · ".join(f"[{name}](#{name})" for name in DECLARED)


def pages() -> str:
    """The reference page of each kind."""
    return ", ".join(f"[{name}](reference/{name}.md)" for name in DECLARED) + "."


def scopes() -> str:
    """Which scope opens which calls."""
    opened: dict[tuple[str, ...], list[str]] = {}
    for scope, call in _calls():
        opened.setdefault(scope, []).append(call)
    named = (*SCOPES, AGENCY, PROPOSE)
    order = sorted(opened, key=lambda scope: (len(scope), [named.index(name) for name in scope]))
    lines = [(" or ".join(f"`{name}`" for name in scope), " ".join(opened[scope])) for scope in order]
    return _table(("scope", "calls"), lines)


def _calls() -> Iterator[tuple[tuple[str, ...], str]]:
    for handler in handlers():
        scope = tuple(handler.opt.get("scope") or ())
        if scope and scope[0] not in (CLAIM, MACHINE):
            for path in sorted(handler.paths):
                for method in sorted(handler.http_methods):
                    yield scope, f"`{method} {re.sub(r':[a-z]+}', '}', path)}`"


PARTS: Final[dict[str, Callable[[], str]]] = {
    "kinds": kinds, "uses": uses, "sections": sections, "pages": pages, "scopes": scopes,
    "checks": observe_docs.check_table,
}  # fmt: skip


def made(text: str) -> str:
    """A document with its tables as the code makes them."""
    return _PART.sub(lambda part: f"{part['begin']}{PARTS[part['name']]()}\n{part['end']}", text)


def main(root: Path = ROOT) -> None:
    """Write every page."""
    for name in PAGES:
        page = root / name
        page.write_text(made(page.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
