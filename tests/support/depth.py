"""How much tests look at that draw their cases: all where CI is set, as .ci/run does, and a share of it elsewhere."""

import os

IS_WHOLE = bool(os.environ.get("CI"))


def share(whole: int, part: int = 4) -> int:
    """`whole` in CI, else one `part` of it and at least one."""
    return whole if IS_WHOLE else max(1, whole // part)
