"""The whole of parcels: its API, all its consumers and timers, and all its audits."""

import random
import re
import uuid
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, Final

import httpx
from typing_extensions import override

from services.parcels.audit import audit_custody, audit_promises, audit_statistics
from services.parcels.cod.audit import audit_cod
from services.parcels.postage.audit import audit_ledger
from services.parcels.scanning import domain, repository
from services.parcels.vocabulary import Status
from services.parcels.worker import SLICES
from shared.auth import World
from shared.work import Work
from tests.services.parcels.conftest import OTHER_SHOP, SHOP, Parcels, office_event

STAFF: Final = (
    *("scans:write", "delivery:write", "transport:write", "custody:decide"),
    *("accounts:write", "cash:count", "tariff:write", "reports:read", "parcels:read"),
)
BANK: Final = "00000000-0000-7000-8000-0000000000b1"

AUDITS: Final[tuple[Callable[[Any], Awaitable[Any]], ...]] = (
    *(audit_custody, audit_statistics, audit_promises),
    *(audit_ledger, audit_cod),
)
# what holds between slices, and no audit asks: no row may be found
AGREED: Final = (
    """SELECT p.item_id FROM parcel p FULL JOIN holding h USING (item_id)
    WHERE (p.status = 5) <> (h.item_id IS NOT NULL)""",
    """SELECT d.item_id FROM delivery_proof d LEFT JOIN scan_event e USING (item_id, event_id)
    WHERE e.event IS DISTINCT FROM 90""",
    """SELECT d.item_id FROM delivery_proof d JOIN scan_event e USING (item_id, event_id)
    WHERE NOT e.flagged GROUP BY d.item_id HAVING count(*) > 1""",
    """SELECT s.item_id FROM run_stop s JOIN courier_run r ON r.id = s.run
    WHERE s.outcome = 'open' AND r.status IN ('planned', 'out')
    GROUP BY s.item_id HAVING count(*) > 1""",
    """SELECT s.item_id FROM run_stop s JOIN courier_run r ON r.id = s.run
    WHERE s.outcome = 'open' AND r.status = 'closed'""",
    "SELECT consumer, event::text, error FROM quarantine",
)

_NOTED: Final = "SELECT item_id, event_id, kind FROM discrepancy"
_NAMED: Final = re.compile("[0-9]")


def _code_of(answer: httpx.Response) -> str:
    return "" if answer.is_success else str(answer.json().get("code", ""))


class _Worker(Work):
    """The worker's consumers of parcels' own feed and its timers, to be moved by hand."""

    def __init__(self, runtime: Any) -> None:
        super().__init__(runtime)
        self.ticks: dict[str, Callable[[World], Awaitable[None]]] = {}

    @override
    def consume(self, producer: str, what: Any) -> None:
        if producer == "parcels":
            super().consume(producer, what)

    @override
    def timer(self, name: str, every_s: float, tick: Callable[[World], Awaitable[None]]) -> None:
        del every_s
        self.ticks[name] = tick


class WholePost:
    """Asks as anybody, moves the worker, and holds everything against everything."""

    def __init__(self, parcels: Parcels, seed: int) -> None:
        self.parcels = parcels
        self.api = parcels.api
        self.rng = random.Random(seed)
        runtime = self.api.app.state.runtime
        runtime.clients = {"offices": parcels.client, "parcels": parcels.client}
        self.worker = _Worker(runtime)
        for one in SLICES:
            one.add(self.worker)
        self.answers: dict[tuple[str, int], int] = {}

    def uuid(self) -> str:
        return str(uuid.UUID(int=self.rng.getrandbits(128), version=4))

    def at(self, minutes: float = 0) -> str:
        moment: datetime = self.api.clock.now() + timedelta(minutes=minutes)
        return moment.isoformat()

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        scopes: tuple[str, ...] = STAFF,
        sub: str = OTHER_SHOP,
        kind: str = "staff",
        key: str | None = None,
    ) -> httpx.Response:
        """Whatever is asked is done or refused with a reason; it never breaks."""
        headers = self.api.headers(*scopes, sub=sub, kind=kind)
        if method == "POST":
            headers |= {"Idempotency-Key": key or self.uuid()}
        answer = await self.parcels.client.request(method, path, json=body, headers=headers)
        assert answer.status_code < 500 or answer.status_code == 503, (method, path, answer.text)
        what = "/".join(p for p in path.partition("?")[0].split("/")[2:] if not _NAMED.search(p))
        told = (f"{method} {what} {_code_of(answer)}", answer.status_code)
        self.answers[told] = self.answers.get(told, 0) + 1
        return answer

    async def shop(self, method: str, path: str, body: Any = None, **how: Any) -> httpx.Response:
        scopes = ("parcels:book", "parcels:read")
        how = {"sub": SHOP} | how
        return await self.call(method, path, body, scopes=scopes, kind="shop", **how)

    async def bank(self, path: str, body: Any) -> httpx.Response:
        path = f"/v1/bank/{path}"
        return await self.call("POST", path, body, scopes=("payments:execute",), sub=BANK)

    async def caught_up(self) -> None:
        """Until no consumer finds anything new, not even what another just told."""
        moved = 1
        while moved:
            moved = await self.api.publish()
            for runner in self.worker.runners:
                while n := await runner.step():
                    moved += n

    async def tick(self, *names: str) -> None:
        for name in names or self.worker.ticks:
            await self.worker.ticks[name]("live")

    async def check(self) -> None:
        """Everything has caught up, and nothing differs from its recount."""
        await self.caught_up()
        for audit in AUDITS:
            found = await audit(self.api.database)
            assert found.clean, found
        for question in AGREED:
            assert await self.api.database.hot.fetch(question) == [], question
        await self._rows_are_folds()

    async def _rows_are_folds(self) -> None:
        async with self.api.database.hot.acquire() as connection:
            rows = await connection.fetch("SELECT * FROM parcel")
            histories = await repository.histories(connection, [row["item_id"] for row in rows])
            noted = {tuple(row) for row in await connection.fetch(_NOTED)}
        for row in rows:
            cancelled = row["status"] == Status.CANCELLED
            folded = domain.fold(histories[row["item_id"]], cancelled=cancelled)
            state = folded.state
            kept = ("status", "custodian", "custodian_id", "accepted_at")
            assert [row[name] for name in kept] == [getattr(state, name) for name in kept], row
            remarks = {(row["item_id"], event, kind) for event, kind, _ in folded.remarks()}
            assert remarks <= noted, remarks - noted


async def opened(parcels: Parcels, seed: int) -> WholePost:
    """With a sorting centre, couriers, an outside operator and a shop's account at a bank."""
    await parcels.follow(office_event(2, kind="sorting_centre", version=2))
    post = WholePost(parcels, seed)
    person = {"name": "رضا کریمی", "phone": "09121112233", "office": "KZ00001"}
    for code in ("KZ00001-01", "KZ00001-02"):
        made = await post.call("POST", "/v1/couriers", {"code": code, **person})
        assert made.status_code == 201, made.text
    operator = {"code": "DPAG", "name": "DP", "country": "DE", "valid_from": "2000-01-01"}
    await post.call("POST", "/v1/operators", operator)
    payee = {"partner": SHOP, "sheba": "IR820540102680020817909002", "source": "نامهٔ فروشگاه"}
    payee |= {"holder_name": "فروشگاه کارون", "valid_from": "2019-03-21"}
    assert (await post.call("POST", "/v1/payees", payee)).status_code == 201
    limit = {"limit_rials": 2_000_000, "reason": "قرارداد"}
    await post.call("PUT", f"/v1/postage-accounts/{SHOP}/limit", limit)
    branch = {"name": "شعبهٔ نادری", "cost_centre": "C-1", "office": "KZ00003"}
    await post.shop("PUT", "/v1/bank-branches/1234", branch)
    return post
