"""`susa audit cod`: every rial of cash on delivery is in exactly one place.

The ledger's accounts against a recount from takings, counts and payment orders, and the takings
against the delivered items themselves. The consumers have to have caught up. Reads everything: for
audits and tests, never for a request.
"""

import json
from dataclasses import asdict, dataclass
from typing import Any, Final

from services.parcels.cod.domain import COLLECTED, Place
from services.parcels.vocabulary import Status
from shared.database import Database

_SQL: Final = f"""
WITH moved AS (
    SELECT t.debit_account, t.credit_account,
        CASE WHEN t.pending THEN coalesce(o.amount, 0) ELSE t.amount END AS amount
    FROM ledger_transfer t LEFT JOIN ledger_outcome o ON o.transfer_id = t.id
), side AS (
    SELECT debit_account AS id, sum(amount) AS rials FROM moved GROUP BY 1
    UNION ALL
    SELECT credit_account, -sum(amount) FROM moved GROUP BY 1
), balance AS (
    SELECT a.code AS account, sum(s.rials) AS rials
    FROM ledger_account a JOIN side s USING (id) WHERE a.code LIKE 'cod/%' GROUP BY a.code
), part AS (
    SELECT 'cod/courier/' || collector AS account, amount_rials AS rials FROM cod_taking
    WHERE place = {int(Place.COURIER)}
    UNION ALL
    SELECT 'cod/office/' || office, amount_rials FROM cod_taking
    WHERE place = {int(Place.OFFICE)}
    UNION ALL
    SELECT 'cod/shop/' || partner, -amount_rials FROM cod_taking
    WHERE place IN ({int(Place.COURIER)}, {int(Place.OFFICE)}, {int(Place.DUE)})
    UNION ALL
    SELECT 'cod/shop/' || partner, -(items_rials + carried_rials) FROM cod_settlement
    WHERE status = 'open'
    UNION ALL
    SELECT account, CASE WHEN account LIKE 'cod/shop/%' THEN -carried_rials ELSE carried_rials END
    FROM cash_holder
    UNION ALL
    SELECT '{COLLECTED}', counted_rials FROM drawer_close
    UNION ALL
    SELECT 'cod/difference/' || office, expected_rials - counted_rials FROM drawer_close
    UNION ALL
    SELECT '{COLLECTED}', -amount_rials FROM payment_order
    WHERE status = 'paid' AND id IN (SELECT payment_order FROM cod_settlement)
), recount AS (
    SELECT account, sum(rials) AS rials FROM part GROUP BY account
), live AS (
    SELECT item_id, count(*) AS takings, sum(amount_rials) AS rials FROM cod_taking
    WHERE place <> {int(Place.REVERSED)} GROUP BY item_id
), wrong AS (
    SELECT 'account' AS what, coalesce(b.account, r.account) AS name,
        coalesce(b.rials, 0) AS found, coalesce(r.rials, 0) AS recounted
    FROM balance b FULL JOIN recount r USING (account)
    WHERE coalesce(b.rials, 0) <> coalesce(r.rials, 0)
    UNION ALL
    SELECT 'item', coalesce(p.item_id, l.item_id)::text, coalesce(l.rials, 0),
        coalesce(p.cod_rials, 0)
    FROM (SELECT item_id, cod_rials FROM parcel
          WHERE status = {int(Status.DELIVERED)} AND cod_rials > 0) p
    FULL JOIN live l USING (item_id)
    WHERE coalesce(l.rials, 0) <> coalesce(p.cod_rials, 0) OR l.takings > 1
    UNION ALL
    SELECT 'order', o.id::text, o.amount_rials, coalesce(s.items_rials + s.carried_rials, 0)
    FROM payment_order o LEFT JOIN cod_settlement s ON s.payment_order = o.id
    WHERE (o.purpose = 'cod_settlement' OR s.payment_order IS NOT NULL)
        AND (o.amount_rials <> coalesce(s.items_rials + s.carried_rials, 0)
            OR s.status <> CASE WHEN o.status IN ('prepared', 'fetched', 'unknown') THEN 'open'
                WHEN o.status = 'paid' THEN 'paid' ELSE 'undone' END)
)
SELECT (SELECT count(*) FROM cod_taking) AS takings,
    (SELECT coalesce(sum(rials), 0) FROM live)::bigint AS taken_rials,
    (SELECT coalesce(sum(amount_rials), 0) FROM payment_order
        WHERE status = 'paid' AND id IN (SELECT payment_order FROM cod_settlement))::bigint
        AS paid_rials,
    (SELECT -coalesce(sum(rials), 0) FROM balance WHERE account LIKE 'cod/shop/%')::bigint
        AS owed_rials,
    (SELECT coalesce(sum(rials), 0) FROM balance)::bigint AS sum_rials,
    (SELECT coalesce(json_agg(w), '[]') FROM (SELECT * FROM wrong ORDER BY 1, 2 LIMIT 100) w)::text
        AS wrong
"""


@dataclass(frozen=True, slots=True)
class CodAudit:
    """`taken = paid + owed`; `sum_rials`: all accounts of cash on delivery, which is zero."""

    takings: int
    taken_rials: int
    paid_rials: int
    owed_rials: int
    sum_rials: int
    wrong: list[dict[str, Any]]

    @property
    def clean(self) -> bool:
        settled = self.taken_rials == self.paid_rials + self.owed_rials
        return not self.wrong and settled and self.sum_rials == 0

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "clean": self.clean}


async def audit_cod(database: Database) -> CodAudit:
    async with (
        database.acquire() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        await connection.execute("SET LOCAL statement_timeout = 0")
        found = dict(await connection.fetchrow(_SQL))
    return CodAudit(**found | {"wrong": json.loads(found["wrong"])})
