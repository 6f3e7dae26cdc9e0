"""Python source as a tree, for the tests that look at every module."""

import ast
import gc


def parsed(source: str | bytes) -> ast.Module:
    """Parse without collecting garbage meanwhile.

    What a collection ends may report itself with a traceback, for which Python 3.11 parses the line that failed; a
    parse within a parse ends both with "AST constructor recursion depth mismatch".
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        return ast.parse(source)
    finally:
        if was_enabled:
            gc.enable()
