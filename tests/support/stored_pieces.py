"""What stands of a message in the files of a store."""

from support import stores
from support.corekit import CoreKit


def sealed(kit: CoreKit, id_: str) -> list[bytes]:
    """What stands in the files while the message is held: its sealed body, the salt of its key, its frame's seal."""
    with kit.core.transaction() as connection:
        row = connection.exec_driver_sql(f"select body, body_key, frame from message where id = '{id_}'").first()
    assert row is not None
    return [bytes(row.body), bytes(row.body_key), *([bytes(row.frame[120:])] if row.frame else [])]


def is_on_disk(kit: CoreKit, pieces: list[bytes]) -> bool:
    return is_in(stores.files(kit.folder), pieces)


def is_in(files: list[bytes], pieces: list[bytes]) -> bool:
    """Whether the beginning of any piece stands in any of the files."""
    return any(piece[:64] in data for piece in pieces for data in files)
