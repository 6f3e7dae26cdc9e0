"""XML read by expat without external or expanding content: document types, and therefore entities, are refused.

Entities could name a file or an address, or expand without limit. They can only be declared in a document type, which
is refused at its name, before any declaration. Depth, elements and bytes are limited.
"""

from collections.abc import Iterator
from typing import Any, Final
from xml.parsers import expat  # nosec: hardened below

from suar.exchange.files.bounds import XML_BYTES_MAX, XML_DEPTH_MAX, XML_ELEMENTS_MAX
from suar.protocol.base.errors import Fault

SEPARATOR: Final = " "  # between namespace and name, as expat joins them
COMMENT: Final = "comment()"
INSTRUCTION: Final = "processing-instruction()"
OUTSIDE: Final = "#outside"  # the namespace used for comments, processing instructions and declared prefixes
_NAMESPACE_SHOWN: Final = 60  # maximum characters of a foreign namespace in a path


class Element:
    """One element: namespace, name, text (stripped) and children in order; `at` is its path with numbers.

    Comments and processing instructions are children with the namespace OUTSIDE.
    """

    __slots__ = ("at", "attributes", "children", "name", "namespace", "parts")

    def __init__(self, namespace: str, name: str, at: str, attributes: dict[str, str]) -> None:
        self.namespace, self.name, self.at, self.attributes = namespace, name, at, attributes
        self.children: list[Element] = []
        self.parts: list[str] = []

    @property
    def text(self) -> str:
        """The text directly in the element, stripped."""
        return "".join(self.parts).strip()

    def all(self, name: str) -> list["Element"]:
        """Return the children with this name in the namespace of the element."""
        return [child for child in self.children if child.name == name and child.namespace == self.namespace]

    def first(self, name: str) -> "Element | None":
        """Return the first child with this name in the namespace of the element, or None."""
        return next(iter(self.all(name)), None)

    def walk(self) -> Iterator["Element"]:
        """Yield the element and all its descendants in document order."""
        yield self
        for child in self.children:
            yield from child.walk()


def hardened() -> expat.XMLParserType:
    """Return a parser that refuses every document type and entity. Raises Fault from its handlers."""
    parser = expat.ParserCreate(namespace_separator=SEPARATOR)
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    parser.buffer_text = True

    def refuse(*_: Any) -> Any:
        line, column = parser.CurrentLineNumber, parser.CurrentColumnNumber + 1
        text = f"line {line}, column {column}: the XML has a document type, which may declare entities"
        raise Fault(text, "take the <!DOCTYPE ...> out; this standard has none")

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = refuse
    parser.SkippedEntityHandler = refuse
    return parser


def bound_depth(parser: expat.XMLParserType, depth: int) -> None:
    """Make `parser`, whose other handlers are set, refuse elements nested deeper than `depth`. Raises Fault from it."""
    opened: Any = parser.StartElementHandler
    ended: Any = parser.EndElementHandler
    now = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal now
        now += 1
        if now > depth:
            text = f"line {parser.CurrentLineNumber}: the XML nests its elements more than {depth} deep"
            raise Fault(text, "is it the right file? save it anew")
        if opened:
            opened(tag, attributes)

    def end(tag: str) -> None:
        nonlocal now
        now -= 1
        if ended:
            ended(tag)

    parser.StartElementHandler, parser.EndElementHandler = start, end


def read_xml(data: bytes) -> Element:
    """Return the root element of a document. Raises only Fault, with line and column, for any bytes."""
    if len(data) > XML_BYTES_MAX:
        raise Fault(f"the XML is larger than {XML_BYTES_MAX // 1024} KiB", "is it the right file?")
    builder = _Builder()
    feed(builder.parser, data)
    if builder.root is None:
        raise Fault("line 1, column 1: the XML has no element", "is it the right file?")
    builder.root.children += builder.around
    return builder.root


def feed(parser: expat.XMLParserType, data: bytes, *, is_last: bool = True) -> None:
    """Parse some bytes. Raises Fault if expat refuses them."""
    try:
        parser.Parse(data, is_last)
    except expat.ExpatError as error:
        text = f"line {error.lineno}, column {error.offset + 1}: no well-formed XML: {expat.ErrorString(error.code)}"
        raise Fault(text, "export the file anew; it was cut short or changed") from None
    except (
        LookupError,
        ValueError,
    ) as error:  # an encoding that is unknown or has several bytes per letter
        raise Fault(f"the XML's encoding cannot be read: {error}", "save it as UTF-8") from None


class _Builder:
    def __init__(self) -> None:
        self.root: Element | None = None
        self.open: list[tuple[Element, dict[str, int]]] = []
        self.around: list[Element] = []  # comments and instructions outside the root
        self.counts: dict[str, int] = {}  # number of these by kind
        self.declared: dict[str, str] = {}  # prefix -> namespace, for the next element
        self.count = 0
        self.parser = hardened()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.CommentHandler = lambda text: self._add_other(COMMENT, text)
        self.parser.ProcessingInstructionHandler = lambda target, data: self._add_other(INSTRUCTION, f"{target} {data}")
        self.parser.StartNamespaceDeclHandler = self._declare

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._counted(len(self.open))
        namespace, _, name = tag.rpartition(SEPARATOR)
        parent, counts = self.open[-1] if self.open else (None, {})
        is_foreign = parent is not None and namespace != parent.namespace
        shown = f"{{{namespace[:_NAMESPACE_SHOWN]}}}{name}" if is_foreign else name
        element = Element(namespace, name, _path(parent, counts, shown), attributes | self.declared)
        self.declared = {}
        if parent:
            parent.children.append(element)
        else:
            self.root = element
        self.open.append((element, {}))

    def _end(self, _: str) -> None:
        self.open.pop()

    def _text(self, text: str) -> None:
        self.open[-1][0].parts.append(text)

    def _declare(self, prefix: str | None, namespace: str | None) -> None:
        self.declared[f"xmlns:{prefix}" if prefix else "xmlns"] = namespace or ""
        self._counted(0)

    def _add_other(self, name: str, text: str) -> None:
        self._counted(0)
        parent, counts = self.open[-1] if self.open else (None, self.counts)
        element = Element(OUTSIDE, name, _path(parent, counts, name, is_root=False), {})
        element.parts.append(text)
        (parent.children if parent else self.around).append(element)

    def _counted(self, depth: int) -> None:
        self.count += 1
        if depth >= XML_DEPTH_MAX or self.count > XML_ELEMENTS_MAX:
            text = f"line {self.parser.CurrentLineNumber}: the XML has too many elements, or nests them too deep"
            raise Fault(text, f"at most {XML_ELEMENTS_MAX:,} elements, {XML_DEPTH_MAX} deep; is it the right file?")


def _path(parent: Element | None, counts: dict[str, int], name: str, *, is_root: bool = True) -> str:
    """Return the path of an element: each name with its number among elements of the same name."""
    counts[name] = counts.get(name, 0) + 1
    if parent is None and is_root:
        return f"/{name}"
    return f"{parent.at if parent else ''}/{name}[{counts[name]}]"
