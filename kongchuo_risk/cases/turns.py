"""Who may write next: writers of one process take turns in the order in which they came.

SQLite lets one writer in at a time and PostgreSQL one at a time extend the audit chain, and neither
asks SQLAlchemy's pool who came first. Without turns most teachers write at once and a few wait for
seconds (``python -m benchmarks casework``).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import TypeAlias
from weakref import WeakValueDictionary

from kongchuo_risk.errors import WorkspaceError

_Ticket: TypeAlias = Lock


class Turns:
    """A lock that is handed on in the order of those who ask for it.

    Examples
    --------
    >>> turns = Turns()
    >>> with turns.taken(timeout_s=1):
    ...     pass
    """

    def __init__(self) -> None:
        self._mutex = Lock()
        self._waiting: deque[_Ticket] = deque()
        self._busy = False

    @contextmanager
    def taken(self, *, timeout_s: float) -> Iterator[None]:
        """Wait for one's turn, and hand it on in the end.

        Raises
        ------
        WorkspaceError
            When it does not come within ``timeout_s`` seconds.
        """
        self._take(timeout_s)
        try:
            yield
        finally:
            self._hand_on()

    def _take(self, timeout_s: float) -> None:
        ticket = Lock()
        with self._mutex:
            if not self._busy:
                self._busy = True
                return
            ticket.acquire()
            self._waiting.append(ticket)
        if not ticket.acquire(timeout=timeout_s):
            self._give_up(ticket)

    def _give_up(self, ticket: _Ticket) -> None:
        with self._mutex:
            if ticket in self._waiting:
                self._waiting.remove(ticket)
                raise busy()
        # The turn came just as the time was up: it is taken after all.

    def _hand_on(self) -> None:
        with self._mutex:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._busy = False


def busy() -> WorkspaceError:
    """What a writer is told who waited too long."""
    return WorkspaceError("案件库正忙，这次没有写入；请稍后再试一次")


_of_database: WeakValueDictionary[str, Turns] = WeakValueDictionary()
_mutex = Lock()


def turns_of(database: str) -> Turns:
    """The turns of a database, the same for every engine of this process that writes to it."""
    with _mutex:
        turns = _of_database.get(database)
        if turns is None:
            turns = _of_database[database] = Turns()
        return turns
