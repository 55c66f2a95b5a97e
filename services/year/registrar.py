"""Sends what is not a parcel: who works where, and delegated services performed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.year.bounded import bounded, chunks
from services.year.client import Api
from services.year.days import Month
from services.year.errors import Refused
from services.year.network import Network
from services.year.performed import Offers, Record, offers

ROWS_PER_BATCH = 1000
PER_PAGE = 100
OFFICES_AT_ONCE = 8
OUTSIDE_ASKED_MAX = 80
"""Offices outside the state part that are asked what they offer, and so perform services."""


@dataclass(slots=True)
class Registered:
    """What this run added: people, and services performed."""

    people: int = 0
    services_recorded: int = 0
    services_duplicate: int = 0
    services_flagged: int = 0


@dataclass(slots=True)
class Registrar:
    """`key`: workforce:write, services:record and backfill."""

    api: Api
    key: str
    done: Registered = field(default_factory=Registered)

    async def hire(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """What is known already stays as it is."""
        for batch in chunks(list(rows), ROWS_PER_BATCH):
            answer = await self.api.post("/v1/workforce/people/import", self.key, {"rows": batch})
            _check(answer["results"])
            self.done.people += answer["hired"]

    async def record(self, records: Sequence[Record]) -> None:
        """Sending a record twice does nothing twice."""
        for batch in chunks(list(records), ROWS_PER_BATCH):
            body = {"records": [record.body for record in batch]}
            answer = await self.api.post("/v1/services/performed", self.key, body)
            _check(answer["results"])
            for record, result in zip(batch, answer["results"], strict=True):
                if result["result"] == "duplicate":
                    self.done.services_duplicate += record.count
                else:
                    self.done.services_recorded += record.count
                if result["flags"]:
                    self.done.services_flagged += record.count


async def offered(api: Api, network: Network, since: Month) -> Offers:
    """Who offered which delegated service by the first day of a month, as the API lists it."""
    day = since.first_day().isoformat()
    services = await api.pages("/v1/services", PER_PAGE, {"delegated": "true"})

    async def of_office(code: str) -> list[str]:
        path = f"/v1/offices/{code}/offerings"
        return [one["service"] for one in await api.pages(path, PER_PAGE, {"valid_on": day})]

    outside = sorted(filter(network.is_outside, network.centre_of))
    state = sorted(network.centre_of.keys() - set(outside))
    codes = [*state, *outside[:: -(-len(outside) // OUTSIDE_ASKED_MAX) or 1]]
    lists = await bounded(OFFICES_AT_ONCE, (of_office(code) for code in codes))
    return offers(network, services, dict(zip(codes, lists, strict=True)))


def _check(results: Iterable[Mapping[str, Any]]) -> None:
    refused = [result for result in results if result["result"] == "refused"]
    if refused:
        raise Refused(f"{len(refused)} refused, the first: {refused[0]}")
