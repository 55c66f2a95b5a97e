"""The recounts of `susa audit`: each compares what is kept with what it follows from."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, Protocol

from services.complaints.config import Settings as ComplaintsSettings
from services.complaints.payouts.audit import CompensationAudit, audit_compensation
from services.parcels import audit
from services.parcels.cod.audit import audit_cod
from services.parcels.config import Settings as ParcelsSettings
from services.parcels.postage.audit import audit_ledger
from shared.database import Database
from shared.runtime import running


class Recounted(Protocol):
    def as_dict(self) -> dict[str, Any]: ...


async def _compensation(parcels: Database) -> CompensationAudit:
    """Claims and payouts of complaints, against the payment orders of parcels."""
    async with running("complaints", ComplaintsSettings()) as runtime:
        return await audit_compensation(runtime.databases["live"], parcels)


RECOUNTS: Final[Mapping[str, Callable[[Database], Awaitable[Recounted]]]] = {
    "custody": audit.audit_custody,
    "statistics": audit.audit_statistics,
    "promises": audit.audit_promises,
    "ledger": audit_ledger,
    "cod": audit_cod,
    "compensation": _compensation,
}


async def recount(what: str) -> dict[str, Any]:
    """One of RECOUNTS over the live world; `clean` says whether nothing was wrong."""
    async with running("parcels", ParcelsSettings()) as runtime:
        return (await RECOUNTS[what](runtime.databases["live"])).as_dict()
