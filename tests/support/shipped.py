"""The shipped examples of the standard as messages of TH, in force at the time of the tests."""

import json
from typing import Any

from suar.published import schemas_dir

_NOT_HERE = ("related", "handling", "sightings")
"""What names other messages, or closes one to most readers."""


def shipped(name: str, number: int, **changes: Any) -> bytes:
    """The example of that name with that number, to everybody, in English; a field that becomes None is left out."""
    tree = json.loads((schemas_dir() / "examples" / "valid" / f"{name}.json").read_bytes())
    tree |= {
        "id": f"TH-{tree['kind'].upper()}-2027-{number:06}", "rev": 1, "action": "new", "sent": "2027-01-15T08:00:00Z",
        "expires": "2027-06-15T08:00:00Z", "issuer": {**tree["issuer"], "member": "TH"}, "status": "actual",
        "audience": {"members": "all"}, "tlp": "GREEN", "text": [each for each in tree["text"] if each["lang"] == "en"],
    }  # fmt: skip
    tree |= dict.fromkeys(_NOT_HERE) | changes
    return json.dumps({field: value for field, value in tree.items() if value is not None}).encode()
