"""`suar` of a version to come: it publishes some messages that today's gateways must refuse.

What it changes stands in CHANGES: a message whose English title begins so leaves with other bytes. All else is today's.
"""

import sys
from typing import Any

import msgspec

from suar.cli.main import main
from suar.protocol.compose import complete
from suar.service.publish import accepting, checking

NEXT_MAJOR = "of the next major version"
OTHER_CODE = "with a code to come"
CHANGES = {
    NEXT_MAJOR: (b'"schema":"alert/1.0"', b'"schema":"alert/2.0"'),
    OTHER_CODE: (b'"certainty":"likely"', b'"certainty":"proven"'),
}
"""Title to (today's bytes, the bytes to come)."""


def _newer(data: bytes, **options: Any) -> Any:
    composed = complete(data, **options)
    title = next(text.title for text in composed.message.text if text.lang == "en")
    for begins, (today, to_come) in CHANGES.items():
        if title.startswith(begins):
            return msgspec.structs.replace(composed, data=composed.data.replace(today, to_come))
    return composed


if __name__ == "__main__":
    for module in (accepting, checking):
        setattr(module, "complete", _newer)  # noqa: B010 - they import it by name
    setattr(checking, "compose_passed", lambda _core, drafts, *_: [None] * len(drafts))  # noqa: B010 - what is composed beside is of today
    main(sys.argv[1:])
