"""XML read by expat with everything off that reaches outside or grows: no document type, so no entity of its own.

A document type is the only way to declare an entity, and an entity the only way to name a file, an address or a bomb;
it is refused at its name, before anything is declared. Depth, elements and bytes are bounded.
"""

from collections.abc import Iterator
from typing import Any, Final
from xml.parsers import expat  # nosec: hardened below

from suar.exchange.bounds import XML_BYTES_MAX, XML_DEPTH_MAX, XML_ELEMENTS_MAX
from suar.protocol.errors import Fault

SEPARATOR: Final = " "  # between namespace and name, as expat joins them


class Element:
    """One element: its namespace, name, text (stripped) and children in order; `at` is its path and number."""

    __slots__ = ("at", "attributes", "children", "name", "namespace", "parts")

    def __init__(self, namespace: str, name: str, at: str, attributes: dict[str, str]) -> None:
        self.namespace, self.name, self.at, self.attributes = namespace, name, at, attributes
        self.children: list[Element] = []
        self.parts: list[str] = []

    @property
    def text(self) -> str:
        """The text directly inside it, blanks at its ends left out."""
        return "".join(self.parts).strip()

    def all(self, name: str) -> list["Element"]:
        """Its children of that name."""
        return [child for child in self.children if child.name == name]

    def first(self, name: str) -> "Element | None":
        """Its first child of that name."""
        return next((child for child in self.children if child.name == name), None)

    def walk(self) -> Iterator["Element"]:
        """It and everything below it, in the order of the document."""
        yield self
        for child in self.children:
            yield from child.walk()


def hardened() -> expat.XMLParserType:
    """A parser that refuses every document type and every entity. Raises Fault from its handlers."""
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


def read_xml(data: bytes) -> Element:
    """The root element of a document. Raises Fault with line and column; from any bytes nothing else."""
    if len(data) > XML_BYTES_MAX:
        raise Fault(f"the XML is larger than {XML_BYTES_MAX // 1024} KiB", "is it the right file?")
    builder = _Builder()
    feed(builder.parser, data)
    if builder.root is None:
        raise Fault("line 1, column 1: the XML has no element", "is it the right file?")
    return builder.root


def feed(parser: expat.XMLParserType, data: bytes, *, is_last: bool = True) -> None:
    """Parse some bytes; what expat refuses becomes a Fault."""
    try:
        parser.Parse(data, is_last)
    except expat.ExpatError as error:
        text = f"line {error.lineno}, column {error.offset + 1}: no well-formed XML: {expat.ErrorString(error.code)}"
        raise Fault(text, "export the file anew; it was cut short or changed") from None
    except (
        LookupError,
        ValueError,
    ) as error:  # an encoding that Python does not have, or that has several bytes a letter
        raise Fault(f"the XML's encoding cannot be read: {error}", "save it as UTF-8") from None


class _Builder:
    def __init__(self) -> None:
        self.root: Element | None = None
        self.open: list[tuple[Element, dict[str, int]]] = []
        self.count = 0
        self.parser = hardened()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self.count += 1
        if len(self.open) >= XML_DEPTH_MAX or self.count > XML_ELEMENTS_MAX:
            text = f"line {self.parser.CurrentLineNumber}: the XML has too many elements, or nests them too deep"
            raise Fault(text, f"at most {XML_ELEMENTS_MAX:,} elements, {XML_DEPTH_MAX} deep; is it the right file?")
        namespace, _, name = tag.rpartition(SEPARATOR)
        parent, counts = self.open[-1] if self.open else (None, {})
        counts[name] = counts.get(name, 0) + 1
        at = f"{parent.at}/{name}[{counts[name]}]" if parent else f"/{name}"
        element = Element(namespace, name, at, attributes)
        if parent:
            parent.children.append(element)
        else:
            self.root = element
        self.open.append((element, {}))

    def _end(self, _: str) -> None:
        self.open.pop()

    def _text(self, text: str) -> None:
        self.open[-1][0].parts.append(text)
