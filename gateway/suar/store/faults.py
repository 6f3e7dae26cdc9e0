"""Errors of the store itself."""

from suar.protocol.base.errors import Fault


class StoreFault(Fault):
    """The store cannot write or read now: a failure here, never the peer's."""


class AlteredError(StoreFault):
    """Rows that grant or decide are not as this gateway wrote them: every further change is refused."""


class LeaseFault(StoreFault):
    """Another gateway of this member leads, or the store is one that this gateway may not lead."""


def is_data_refused(error: BaseException) -> bool:
    """Whether a statement failed because of its values, not because of the state of the store: other values succeed.

    By SQLAlchemy's classes, the driver's own (from the hot paths), and Python's for a value that the store cannot hold.
    """
    names = {each.__name__ for each in type(error).__mro__}
    return bool(names & {"DataError", "IntegrityError"}) or isinstance(error, (OverflowError, UnicodeEncodeError))


def may_be_of_object(error: BaseException) -> bool:
    """Whether an error may be due to the object that was judged: a value that the store refuses, or code of ours that
    raises. Never a fault with a text of its own (the store, the clock), a wrong statement, the system, or the memory.
    """
    names = {each.__name__ for each in type(error).__mro__}
    is_statement = bool(names & {"SQLAlchemyError", "DatabaseError", "InterfaceError"})
    is_code = isinstance(error, Exception) and not isinstance(error, (Fault, OSError, MemoryError))
    return is_data_refused(error) or (is_code and not is_statement)
