"""[console] of suar.toml."""

from typing import Annotated

from msgspec import Meta, Struct, field

Waits = Annotated[str, Meta(pattern=r"^(immediate|red)\Z", description="immediate and red")]


class Console(Struct, frozen=True):
    """The console. `second_person`: what people publish with a session and waits for a second one."""

    second_person: list[Waits] = field(default_factory=lambda: ["immediate", "red"])
