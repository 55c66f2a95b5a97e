"""Serials of new items, taken from the database in blocks; a block lost in a crash is a gap."""

import asyncio
import secrets
from typing import Final

from shared.database import Database
from shared.identifiers import compose

BLOCK: Final = 1000
"""Serials a value of the sequence `item_serial_block` stands for."""
OWN_SLOT: Final = 0


class Serials:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._next = 0
        self._end = 0
        self._refill = asyncio.Lock()

    async def take(self, count: int) -> list[int]:
        """So many new item ids, growing with time; the random digits make guessing useless."""
        taken: list[int] = []
        while len(taken) < count:
            if self._next == self._end:
                await self._more()
            upto = min(self._end, self._next + count - len(taken))
            taken.extend(
                compose(OWN_SLOT, serial, secrets.randbelow(10_000))
                for serial in range(self._next, upto)
            )
            self._next = upto
        return taken

    async def _more(self) -> None:
        async with self._refill:
            if self._next < self._end:
                return
            start = await self._database.hot.fetchval("SELECT nextval('item_serial_block')")
            self._next, self._end = start * BLOCK, (start + 1) * BLOCK
