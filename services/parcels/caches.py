"""What a process of parcels keeps in memory for a world, and hands to its hot use cases."""

from dataclasses import dataclass
from datetime import datetime

from services.parcels.booking.serials import Serials
from services.parcels.network.service import Directory
from services.parcels.promise.known import Promises
from services.parcels.tariff.service import Tariff
from shared.auth import Caller
from shared.database import Database


class Caches:
    """Offices, tariff, what promises depend on, a block of serials."""

    def __init__(self, database: Database) -> None:
        self.directory = Directory(database)
        self.tariff = Tariff(database)
        self.promises = Promises()
        self.serials = Serials(database)


@dataclass(frozen=True, slots=True)
class Desk:
    """What a hot use case works with: who asks, where, what is known, and when."""

    caller: Caller
    database: Database
    caches: Caches
    now: datetime
