"""Every table that the report leads to, by the last part of its address."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

from services.gateway.portal_province import of_complaints, of_offices, of_parcels
from services.gateway.portal_province.counting import Counted, Found
from services.gateway.portal_province.domain import Table


async def electronic(counted: Counted) -> Found:
    """What was ordered electronically: bookings of shops and banks, and delegated services."""
    booked, table = await of_parcels.volumes(
        Counted(counted.page, {**counted.query, "of": "electronic"})
    )
    found, services_done = await of_offices.performed(counted)
    rows = table.rows + services_done.rows
    made = Table("electronic", ("what", "of", "count", "previous", "growth"), rows)
    return (booked if booked.problem else found), made


Builder = Callable[[Counted], Awaitable[Found]]
TABLES: Final[Mapping[str, Builder]] = {
    "volumes": of_parcels.volumes,
    "items": of_parcels.items,
    "transit": of_parcels.transit,
    "transit-items": of_parcels.transit_items,
    "tasks": of_parcels.tasks,
    "task-items": of_parcels.task_items,
    "satisfaction": of_complaints.satisfaction,
    "answers": of_complaints.answers,
    "reasons": of_complaints.reasons,
    "compensation": of_complaints.compensation,
    "payments": of_complaints.payments,
    "complaints": of_complaints.complaints,
    "cases": of_complaints.cases_of,
    "ageing": of_complaints.ageing,
    "people": of_offices.people,
    "electronic": electronic,
    "performed": of_offices.performed,
    "records": of_offices.records,
    "services": of_offices.services,
    "tariffs": of_parcels.tariffs,
}
"""By the last part of the address."""
DIMENSIONS: Final[Mapping[str, Sequence[str]]] = {
    "transit": ("lane", "county", "destination", "product", "channel", "month", "office"),
    "satisfaction": ("county", "office", "product"),
    "complaints": ("category", "channel", "severity"),
    "ageing": ("category", "channel", "severity", "status"),
}
"""What a table may be told by besides."""
