"""What a process of parcels keeps in memory for a world, and hands to its hot use cases."""

from dataclasses import dataclass
from datetime import datetime

from services.parcels.booking.serials import Serials
from services.parcels.network.service import Directory
from services.parcels.postage.service import Limits
from services.parcels.promise.known import Promises
from services.parcels.routing.timetable import Timetable
from services.parcels.tariff.service import Tariff
from shared.auth import Caller
from shared.database import Database


class Caches:
    """Offices, tariff, what promises depend on, who has a limit, serials, the timetable."""

    def __init__(self, database: Database) -> None:
        self.directory = Directory(database)
        self.tariff = Tariff(database)
        self.limits = Limits(database)
        self.promises = Promises()
        self.serials = Serials(database)
        self.timetable = Timetable(database)


@dataclass(frozen=True, slots=True)
class Desk:
    """What a hot use case works with: who asks, where, what is known, and when."""

    caller: Caller
    database: Database
    caches: Caches
    now: datetime
