"""What may be waiting to be done, so that the store is asked for it only then. In memory, on the core's thread.

After a start, and whenever the store was read anew, everything may be waiting.
"""

from suar.protocol.base import limits


class Due:
    """The marks of one gateway; each is set where its work comes up and taken back by who does it."""

    def __init__(self) -> None:
        self.has_statements = True  # rows of `own_statement`
        self.is_log_suspect = True  # what a recall destroyed may stand in the store's log: see lifecycle.prove
        self.has_returned = True  # messages may have to be looked through for who returned from suspension
        self.is_list_lacking = True  # a list above ours was named; at the start something may wait for one
        self.waits_for = 0  # ms: nothing waits for an earlier time
        self.queued = 0  # how often something accepted was left in the queue, to be sealed when that may be

    def reset_after_load(self, first_time: int | None) -> None:
        """The store was read anew; `first_time`: the first that something waits for."""
        self.has_statements = self.is_log_suspect = True
        self.set_next_time(first_time)

    def note_statements(self) -> None:
        """A statement of ours is to leave."""
        self.has_statements = True

    def mark_statements_queued(self, *, are_left: bool) -> None:
        """Those that are due were queued, with the transaction that goes on."""
        self.has_statements = are_left

    def note_destroyed(self) -> None:
        """A text was destroyed in the store."""
        self.is_log_suspect = True

    def mark_log_clean(self) -> None:
        """The log holds nothing of it any more."""
        self.is_log_suspect = False

    def note_returned(self) -> None:
        """A member returned from suspension."""
        self.has_returned = True

    def mark_returns_processed(self, *, are_left: bool) -> None:
        """Messages were looked through for who returned."""
        self.has_returned = are_left

    def mark_list_missing(self) -> None:
        """A trust list above ours was named."""
        self.is_list_lacking = True

    def mark_list_requested(self) -> None:
        """It is looked for now; who names it later is heard."""
        self.is_list_lacking = False

    def add_wait(self, time: int) -> None:
        """Something more waits for that time (ms)."""
        self.waits_for = min(time, self.waits_for)

    def set_next_time(self, first_time: int | None) -> None:
        """The first time that anything waits for; None: nothing does."""
        self.waits_for = first_time or limits.INTEGER_MAX

    def note_queued(self) -> None:
        """What was accepted waits in the queue."""
        self.queued += 1
