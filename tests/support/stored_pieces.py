"""What stands of a message in the files of a store."""

from sqlalchemy import select

from suar.protocol.transport import frame
from suar.store.engine.keys import row_keys, stored_frames
from suar.store.messages import rows as messages
from suar.store.tables import message
from support import stores
from support.corekit import CoreKit


def sealed(kit: CoreKit, id_: str) -> list[bytes]:
    """What may stand in no file after a recall: what opens the body, what opens the frame, and the open frame's seal.

    In SQLite's file the sealed body goes too, and the frame stands there as it came.
    """
    with kit.core.transaction() as connection:
        row = connection.execute(
            select(message.c.body, message.c.body_key, message.c.frame).where(message.c.id == id_)
        ).one()
        salt = row_keys.find(connection, bytes(row.body_key))
        frame = stored_frames.read(connection, kit.core.vault, bytes(row.frame)) if row.frame else None
        name = stored_frames.name_of(bytes(row.frame)) if row.frame else None
        frame_salt = row_keys.find(connection, name) if name else None
    seal = [frame[120:]] if frame else []
    return [salt, *([bytes(row.body)] if frame_salt is None else [frame_salt]), *seal]


def is_on_disk(kit: CoreKit, pieces: list[bytes]) -> bool:
    return is_in(stores.files(kit.folder), pieces)


def is_in(files: list[bytes], pieces: list[bytes]) -> bool:
    """Whether the beginning of any piece stands in any of the files."""
    return any(piece[:64] in data for piece in pieces for data in files)


def opened(kit: CoreKit) -> bytes:
    """Everything that this member's keys can open in its database: bodies, and frames kept as evidence."""
    core, found = kit.core, b""
    with core.transaction() as connection:
        numbers = connection.exec_driver_sql("select n from message where body is not null").scalars().all()
        for row in filter(None, [messages.at(connection, n) for n in numbers]):
            found += messages.open_body(core.vault, row, row.body)
        stored = list(connection.exec_driver_sql("select frame from message where frame is not null").scalars())
        stored += connection.exec_driver_sql("select data from receipt_frame").scalars()
        frames = [stored_frames.read(connection, core.vault, bytes(each)) for each in stored]
    for data in filter(None, frames):
        state = core.world.epochs[data[4:36]]
        found += b"".join(frame.open_content(frame.parse(data), core.world.secret(state), state.chain.realm))
    return found
