"""What a process of parcels keeps in memory for a world: offices, tariff, a block of serials."""

from services.parcels.booking.serials import Serials
from services.parcels.network.service import Directory
from services.parcels.tariff.service import Tariff
from shared.database import Database


class Caches:
    def __init__(self, database: Database) -> None:
        self.directory = Directory(database)
        self.tariff = Tariff(database)
        self.serials = Serials(database)
