"""Where the text of a message can be had from a stopped gateway's whole state: raw in any file, or with its own keys.

The search that a seizure would make. It looks at every byte of every file (database, its log, streams, gateway logs),
in every encoding that secret_search knows, and opens whatever the gateway's own keys open in its database: rows of
messages, frames wherever they are kept, texts under the store key.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from suar.protocol.base.errors import Fault, Refused
from suar.protocol.base.primitives import Secret
from suar.protocol.transport import frame
from suar.service.core.core import Core
from suar.service.process import offline
from suar.store.messages import rows as messages
from support.secret_search import files_in, search

LABELS = ("receipt", "request", "note", "held", "statement", "quarantine", "waiting")
"""What short texts under the store key are bound to, as far as they are bound to no row."""


def opened(state: Path, passphrase: bytes) -> dict[str, bytes]:
    """Every text that the keys in this state folder open in its database, by where it stands."""
    found: dict[str, bytes] = {}
    with offline.open_offline(state, Secret(passphrase)) as core:
        with core.database.begin() as connection:
            rows = connection.exec_driver_sql("select * from message where body is not null")
            for row in rows.all():
                about = f"message {row.id} {row.rev}"
                found[f"{about}: its row"] = messages.open_body(core.vault, row, row.body)
        for where, value in _values(state / "suar.db"):
            for n, text in enumerate(_texts(core, value)):
                found[f"{where}: {n}"] = text
    return found


def _values(database: Path) -> Iterator[tuple[str, bytes]]:
    """Every binary value of every table, its log included."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as store:
        tables = [name for (name,) in store.execute("select name from sqlite_master where type = 'table'")]
        for table in tables:
            for at, row in enumerate(store.execute(f"select * from {table}")):
                yield from ((f"{table} {at}", value) for value in row if isinstance(value, bytes))
    store.close()


def _texts(core: Core, value: bytes) -> Iterator[bytes]:
    if value[:4] == b"SUF1" and (state := core.world.epochs.get(value[4:36])) is not None and state.kind == "open":
        try:
            yield from frame.open_content(frame.parse(value), core.world.secret(state), state.chain.realm)
        except Refused:
            return
    for label in LABELS:
        try:
            yield bytes(core.vault.unwrap(value, label))
        except (Fault, ValueError):
            continue


def where(state: Path, passphrase: bytes, text: bytes, others: tuple[Path, ...] = ()) -> set[str]:
    """Places where the text can be had, in the state folder and in `others`, such as the folder of its NATS server."""
    found = {name for name, content in opened(state, passphrase).items() if text in content}
    for folder in (state, *others):
        found |= {str(find.file) for find in search(files_in(folder), {"text": text})}
    return found


def sealed(state: Path, passphrase: bytes, id_: str) -> Mapping[str, bytes]:
    """What stands in the files while the message is held: the beginning of its sealed body, the salt that makes its
    row's key, the seal of its frame."""
    found: dict[str, Any] = {}
    with offline.open_offline(state, Secret(passphrase)) as core, core.database.begin() as connection:
        rows = connection.exec_driver_sql("select rev, body, body_key, frame from message where id = ?", (id_,)).all()
        for row in rows:
            pieces = {"body": row.body, "salt": row.body_key, "frame": row.frame and row.frame[120:]}
            found |= {f"{id_} {row.rev} {name}": bytes(piece[:16]) for name, piece in pieces.items() if piece}
    return found


def pieces_in(state: Path, pieces: Mapping[str, bytes]) -> set[str]:
    """Which of these pieces stand in any file of the state folder, database and log among them."""
    return {find.secret for find in search(files_in(state), pieces)}
