"""A store in PostgreSQL with hashes of its rows, without a gateway."""

from pathlib import Path
from typing import Final, NamedTuple

from suar.protocol.base.primitives import Secret
from suar.store.engine.account import AccountSeal
from suar.store.engine.anchor import Anchor
from suar.store.engine.bookkeeping import Books
from suar.store.engine.database import Database
from suar.store.engine.row_macs import RowMacs

KEY: Final = Secret(bytes(range(32)))


class Kept(NamedTuple):
    """A protected store, open, and where it is."""

    database: Database
    books: Books
    url: str


def opened(folder: Path, url: str) -> Kept:
    """The store of that database, protected."""
    database, seal = Database(folder, url), AccountSeal(KEY)
    books = Books("TH", RowMacs(KEY), seal, Anchor(folder, seal))
    try:
        database.protect(books)
    except BaseException:
        database.close()
        raise
    return Kept(database, books, url)
