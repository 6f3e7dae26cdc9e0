"""Searches what a gateway keeps in memory, its caches among it, for known bytes."""

import functools
import gc
import sys
import types
from collections.abc import Iterable
from typing import Any, Final

_CACHE: Final = type(functools.cache(len))
_FOLLOWED: Final = (
    dict, list, tuple, set, frozenset, types.FunctionType, types.MethodType, types.CellType, types.MappingProxyType,
    functools.partial, _CACHE,
)  # fmt: skip
"""Types of Python's own that may lead to what a gateway keeps; those of other libraries are not entered."""


def kept_in_memory(roots: Iterable[Any], sought: Iterable[bytes]) -> set[str]:
    """The types through which any of these bytes is reached, from the roots and from the caches of suar's modules.

    What waits on an event loop, in a socket or on a thread's stack is not reached.
    """
    modules = [vars(each) for name, each in sys.modules.items() if name.partition(".")[0] == "suar"]
    waiting: list[tuple[Any, str]] = [(each, type(each).__name__) for each in (*roots, *modules)]
    words, seen, found = list(sought), {id(waiting)}, set[str]()
    while waiting:
        each, path = waiting.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        if isinstance(each, str | bytes | bytearray | memoryview):
            data = each.encode("utf-8", "surrogatepass") if isinstance(each, str) else bytes(each)
            found |= {path} if any(word in data for word in words) else set()
        elif _is_followed(each):
            waiting += [(inner, _longer(path, inner)) for inner in gc.get_referents(each)]
    return found


def empty_caches() -> None:
    """Empty the caches of functions of suar's modules, in which tests before may have left the same bytes."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == "suar":
            for each in list(vars(module).values()):
                if isinstance(each, _CACHE):
                    each.cache_clear()


def _is_followed(each: Any) -> bool:
    """Whether what it refers to is looked at: data of suar's own, and what Python's own types hold."""
    if isinstance(each, type | types.ModuleType):
        return False
    kind = type(each)
    return issubclass(kind, _FOLLOWED) or kind.__module__.partition(".")[0] in ("suar", "collections")


def _longer(path: str, inner: Any) -> str:
    name = type(inner).__name__
    return f"{path[-200:]} > {name}" if type(inner).__module__.startswith("suar") else path
