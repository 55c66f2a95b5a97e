"""What must hold afterwards, asked of the databases themselves."""

import asyncio
import json
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

import asyncpg

from services.complaints.cases.domain import CaseId, case_number
from services.gateway.events import TOLD, partner_of, told
from services.gateway.webhooks.domain import OWN
from shared.identifiers import item_id_fast
from shared.provision import Target
from shared.readiness import KEPT
from tests.e2e.chaos.load import Acknowledged

# consumer: (whose feed, in whose database its cursor is)
CONSUMERS: Final = {
    "parcels.network": ("offices", "parcels"),
    "parcels.calendars": ("offices", "parcels"),
    "parcels.contracts": ("offices", "parcels"),
    "parcels.accounts": ("parcels", "parcels"),
    "parcels.cod": ("parcels", "parcels"),
    "parcels.delivery": ("parcels", "parcels"),
    "parcels.exchange": ("parcels", "parcels"),
    "parcels.promises": ("parcels", "parcels"),
    "parcels.settlements": ("parcels", "parcels"),
    "parcels.statistics": ("parcels", "parcels"),
    "complaints.calendars": ("offices", "complaints"),
    "complaints.parcels": ("parcels", "complaints"),
    "complaints.openings": ("parcels", "complaints"),
    "complaints.payouts": ("parcels", "complaints"),
    "complaints.surveys": ("parcels", "complaints"),
    "complaints.satisfaction": ("offices", "complaints"),
    "gateway.webhooks": ("parcels", "gateway"),
    "gateway.complaints": ("complaints", "gateway"),
    "gateway.audit.offices": ("offices", "gateway"),
    "gateway.audit.parcels": ("parcels", "gateway"),
    "gateway.audit.complaints": ("complaints", "gateway"),
    "gateway.audit.gateway": ("gateway", "gateway"),
}
_DELIVERIES: Final = """
SELECT e.partner, d.type, d.subject, d.sequence FROM webhook_delivery d
    JOIN webhook_endpoint e ON e.id = d.endpoint
"""
_ATTEMPTS: Final = """
SELECT d.status, d.attempts, d.last_status, array_agg(a.number ORDER BY a.number),
    (array_agg(a.status ORDER BY a.number DESC))[1]
FROM webhook_delivery d LEFT JOIN webhook_attempt a ON a.delivery = d.id GROUP BY d.id
"""
_RECOUNT: Final = """
SELECT (accepted_at AT TIME ZONE 'Asia/Tehran')::date AS day, product, channel, count(*) AS items
FROM parcel WHERE accepted_at IS NOT NULL GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
_ROLLED_UP: Final = """
SELECT day, product, key::smallint, accepted FROM transit_daily
WHERE dimension = 1 AND accepted <> 0 ORDER BY 1, 2, 3
"""
_RECOUNT_TASKS: Final = """
SELECT (e.occurred_at AT TIME ZONE 'Asia/Tehran')::date, t.task, o.kind, count(*)
FROM scan_event e JOIN office o ON o.id = e.office
    JOIN (VALUES (10, 1), (30, 2), (20, 3), (90, 4), (95, 4)) AS t (event, task) USING (event)
WHERE t.task <> 2 OR o.kind = 'sorting_centre'
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
_TASKS: Final = "SELECT day, task, kind, count FROM task_daily ORDER BY day, task, kind"


class State:
    """The four databases, read as they are."""

    def __init__(self, connections: Mapping[str, asyncpg.Connection]) -> None:
        self._connections = connections

    async def rows(self, service: str, query: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in await self._connections[service].fetch(query)]

    async def parcels_knows_the_offices(self) -> None:
        query = "SELECT count(*) FROM office"
        assert await self.rows("parcels", query) == await self.rows("offices", query)

    async def caught_up(self) -> None:
        """Every relay has published everything, every consumer is at the head."""
        heads = {}
        for service in self._connections:
            assert await self.rows(service, "SELECT count(*) FROM outbox") == [(0,)]
            heads[service] = (await self.rows(service, "SELECT epoch, position FROM feed_head"))[0]
        cursors: dict[str, tuple[Any, int]] = {}
        for service in self._connections:
            found = await self.rows(service, "SELECT consumer, epoch, position FROM feed_cursor")
            cursors |= {name: (epoch, position) for name, epoch, position in found}
        assert cursors == {name: heads[producer] for name, (producer, _) in CONSUMERS.items()}
        registered = {
            name
            for service in self._connections
            for (name,) in await self.rows(service, "SELECT name FROM feed_consumer")
        }
        told = registered - {KEPT}
        assert told == set(CONSUMERS), told ^ set(CONSUMERS)

    async def bookings_exist_once(self, known: Acknowledged) -> None:
        """By reference and by barcode; and nothing is there that nobody was told of."""
        found = await self.rows("parcels", "SELECT reference, item_id FROM parcel")
        wanted = {ref: item_id_fast(barcode) for ref, barcode in known.bookings.items()}
        assert Counter(found) == Counter(wanted.items())
        cancelled = {item_id_fast(barcode) for barcode in known.cancelled}
        live = {ref: item for ref, item in wanted.items() if item not in cancelled}
        names = await self.rows("parcels", "SELECT reference, item_id FROM partner_reference")
        assert Counter(names) == Counter(live.items())
        parties = await self.rows("parcels", "SELECT item_id FROM parcel_party")
        assert Counter(item for (item,) in parties) == Counter(wanted.values())

    async def scans_are_there_once(self, known: Acknowledged) -> None:
        found = await self.rows("parcels", "SELECT item_id, event_id::text FROM scan_event")
        wanted = [(item_id_fast(barcode), event_id) for barcode, event_id in known.scans]
        assert Counter(found) == Counter(wanted)
        for table in ("discrepancy", "unmatched_scan"):
            assert await self.rows("parcels", f"SELECT * FROM {table}") == []

    async def roll_ups_equal_a_recount(self) -> None:
        rolled_up = await self.rows("parcels", _ROLLED_UP)
        assert rolled_up == await self.rows("parcels", _RECOUNT)
        assert await self.rows("parcels", _TASKS) == await self.rows("parcels", _RECOUNT_TASKS)

    async def feeds_have_no_gap(self) -> None:
        """Positions from the floor to the head are all there, each event once."""
        for service in self._connections:
            ((head, floor),) = await self.rows(service, "SELECT position, floor FROM feed_head")
            found = await self.rows(service, "SELECT position FROM feed ORDER BY position")
            assert [position for (position,) in found] == list(range(floor + 1, head + 1)), service
            doubled = "SELECT event_id FROM feed GROUP BY event_id HAVING count(*) > 1"
            assert await self.rows(service, doubled) == []
            assert await self.rows(service, "SELECT * FROM quarantine") == []

    async def every_change_was_told_once(self, known: Acknowledged) -> None:
        """Per item: its versions 1, 2, … in the feed's order, up to the row's own."""
        told: dict[str, list[tuple[str, dict[str, Any]]]] = defaultdict(list)
        for kind, data in await self.rows(
            "parcels", "SELECT type, data FROM feed ORDER BY position"
        ):
            if not kind.startswith("parcel."):  # of lines, promises and others
                continue
            for item in json.loads(data)["items"]:
                told[item["barcode"]].append((kind, item))
        assert told.keys() == set(known.bookings.values())
        versions = dict(await self.rows("parcels", "SELECT item_id, version FROM parcel"))
        scanned: set[tuple[str, str]] = set()
        for barcode, changes in told.items():
            seen = [item["version"] for _, item in changes]
            assert seen == list(range(1, versions[item_id_fast(barcode)] + 1)), barcode
            assert [kind for kind, _ in changes].count("parcel.booked") == 1
            assert changes[0][0] == "parcel.booked"
            moves = [item for kind, item in changes[1:] if kind != "parcel.promise_changed"]
            statuses = ["booked", *(item["status"] for item in moves)]
            assert [item["previous"] for item in moves] == statuses[:-1]
            scanned |= {(barcode, i["event_id"]) for _, i in changes if "event_id" in i}
        assert scanned == known.scans

    async def offices_and_cases_exist_once(self, known: Acknowledged) -> None:
        """Also in parcels' replica of the offices, and one event for each."""
        query = "SELECT code, name, version FROM office ORDER BY code"
        offices = await self.rows("offices", query)
        assert await self.rows("parcels", query) == offices
        founded = "SELECT name, code FROM office WHERE source_key IS NULL"
        assert Counter(await self.rows("offices", founded)) == Counter(known.offices.items())
        told = await self.rows("offices", "SELECT subject FROM feed WHERE type = 'office.created'")
        assert Counter(told) == Counter((code,) for code, _, _ in offices)
        cases = await self.rows("complaints", "SELECT year, id FROM complaint_case")
        numbers = [case_number(CaseId(*case)) for case in cases]
        assert sorted(numbers) == sorted(set(known.cases))  # those about one parcel are one case
        told = await self.rows(
            "complaints", "SELECT subject FROM feed WHERE type IN ('case.filed', 'case.joined')"
        )
        assert Counter(told) == Counter((number,) for number in known.cases)

    async def partners_were_told_everything_once(self) -> None:
        """Each thing that a sister told of a partner has one number of its own, without gaps."""
        wanted: Counter[tuple[str, str, str]] = Counter()
        for sister in ("parcels", "complaints"):
            for kind, data in await self.rows(sister, "SELECT type, data FROM feed"):
                if kind in TOLD:
                    event = {"type": kind, "data": json.loads(data)}
                    for raw in told(event):
                        if partner := partner_of(raw):
                            subject = TOLD[kind].model_validate(raw).subject()
                            wanted[partner, kind, subject] += 1
        own = ", ".join(f"'{kind}'" for kind in OWN)
        query = f"SELECT partner::text, type, subject FROM partner_event WHERE type NOT IN ({own})"
        assert Counter(await self.rows("gateway", query)) == wanted
        numbers: dict[Any, list[int]] = defaultdict(list)
        for partner, sequence in await self.rows(
            "gateway", "SELECT partner, sequence FROM partner_event ORDER BY sequence"
        ):
            numbers[partner].append(sequence)
        heads = dict(await self.rows("gateway", "SELECT partner, head FROM partner_feed"))
        assert numbers == {p: list(range(1, head + 1)) for p, head in heads.items() if head}

    async def every_change_became_one_delivery(self) -> None:
        """What was told of parcels is one row for who listens to them, with its number, no more."""
        listening = "partner IN (SELECT partner FROM webhook_endpoint) AND type LIKE 'parcel.%'"
        query = f"SELECT partner, type, subject, sequence FROM partner_event WHERE {listening}"
        wanted = await self.rows("gateway", query)
        assert wanted
        assert Counter(await self.rows("gateway", _DELIVERIES)) == Counter(wanted)

    async def attempts_are_in_the_log(self) -> None:
        """Those cut short by a kill are counted, and have no row of their own; the last one has."""
        for status, attempts, last_status, numbers, last in await self.rows("gateway", _ATTEMPTS):
            logged = [number for number in numbers if number is not None]
            assert len(set(logged)) == len(logged) <= attempts
            assert logged == [] or logged[-1] <= attempts
            assert last == last_status
            if status == "delivered":
                assert logged[-1] == attempts

    async def undelivered(self) -> int:
        query = "SELECT count(*) FROM webhook_delivery WHERE status <> 'delivered'"
        ((count,),) = await self.rows("gateway", query)
        return int(count)


@asynccontextmanager
async def looking(targets: Mapping[str, Target]) -> AsyncIterator[State]:
    """The databases, seen by their owners."""
    connections = {}
    try:
        for service, target in targets.items():
            connections[service] = await asyncpg.connect(target.owner_dsn, timeout=180)
        yield State(connections)
    finally:
        await asyncio.gather(*(connection.close() for connection in connections.values()))
