"""Who waits in one class of a lane: each client in turn, what is a client's own as it came."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True, eq=False)
class Waiting:
    who: str
    admitted: asyncio.Future[bool]


class FairQueue:
    """However much one client has waiting, the next of another is let in after one of his."""

    __slots__ = ("_clients",)

    def __init__(self) -> None:
        self._clients: OrderedDict[str, deque[Waiting]] = OrderedDict()

    def add(self, one: Waiting) -> None:
        self._clients.setdefault(one.who, deque()).append(one)

    def next(self, fits: Callable[[str], bool]) -> Waiting | None:
        """The first of the client whose turn it is, taken out; who does not fit is passed over."""
        who = next((who for who in self._clients if fits(who)), None)
        if who is None:
            return None
        one = self._clients[who].popleft()
        self._clients.move_to_end(who)
        self._forget_if_empty(who)
        return one

    def drop(self, more_than: int = 0) -> Waiting | None:
        """The newest of the client with most, taken out; None if nobody has more than so many."""
        who = max(reversed(self._clients), key=self.count, default="")
        if self.count(who) <= more_than:
            return None
        one = self._clients[who].pop()
        self._forget_if_empty(who)
        return one

    def remove(self, one: Waiting) -> bool:
        """Whether it was still there."""
        own = self._clients.get(one.who)
        if own is None or one not in own:
            return False
        own.remove(one)
        self._forget_if_empty(one.who)
        return True

    def count(self, who: str) -> int:
        return len(self._clients.get(who, ()))

    def _forget_if_empty(self, who: str) -> None:
        if not self._clients[who]:
            del self._clients[who]
