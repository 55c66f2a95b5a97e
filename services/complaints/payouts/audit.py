"""`susa audit compensation`: every rial of claims is in exactly one place.

The ledger's accounts against a recount from payouts and charges back, each claim against its
payouts, and the payouts that parcels paid against its payment orders. The consumers have to have
caught up. Reads everything: for audits and tests, never for a request.
"""

import json
from dataclasses import asdict, dataclass
from typing import Any, Final

from services.complaints.chargebacks.domain import OFFICES, RECOVERED
from services.complaints.payouts.domain import EXPENSE, ORDERED
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
    FROM ledger_account a JOIN side s USING (id) GROUP BY a.code
), recount AS (
    SELECT account, sum(rials) AS rials FROM (
        SELECT '{EXPENSE}' AS account, amount_rials AS rials FROM payout WHERE status = 'paid'
        UNION ALL
        SELECT '{ORDERED}', -amount_rials FROM payout WHERE status = 'paid'
        UNION ALL
        SELECT unnest(ARRAY['{OFFICES}', '{RECOVERED}']), unnest(ARRAY[1, -1]) * amount_rials
        FROM charge_back b WHERE status = 'deducted' OR (status = 'lifting' AND EXISTS (
            SELECT FROM charge_back_step s WHERE s.charge_back = b.id AND s.status = 'deducted'))
    ) part GROUP BY account
), live AS (
    SELECT * FROM payout WHERE status IN ('pending', 'unknown', 'paid')
), wrong AS (
    SELECT 'account' AS what, coalesce(b.account, r.account) AS name,
        coalesce(b.rials, 0)::text AS found, coalesce(r.rials, 0)::text AS recounted
    FROM balance b FULL JOIN recount r USING (account)
    WHERE coalesce(b.rials, 0) <> coalesce(r.rials, 0)
    UNION ALL
    SELECT 'outcome', p.id::text, coalesce(o.outcome, 'none'), p.status
    FROM payout p JOIN ledger_transfer t ON t.id = p.ledger_transfer
    LEFT JOIN ledger_outcome o ON o.transfer_id = t.id
    LEFT JOIN ledger_transfer r ON r.reverses = t.id
    WHERE coalesce(o.outcome, 'none') <> CASE WHEN p.status IN ('pending', 'unknown') THEN 'none'
            WHEN p.status IN ('paid', 'returned') THEN 'posted' ELSE 'voided' END
        OR t.amount <> p.amount_rials OR (r.id IS NOT NULL) <> (p.status = 'returned')
    UNION ALL
    SELECT 'claim', c.id::text, c.status, coalesce(p.status, 'no payout')
    FROM claim c LEFT JOIN LATERAL (
        SELECT status FROM payout WHERE claim = c.id ORDER BY transfer DESC LIMIT 1) p ON true
    WHERE (c.status = 'ordered' AND coalesce(p.status, '') NOT IN ('pending', 'unknown'))
        OR (c.status IN ('paid', 'refused', 'returned', 'voided', 'expired')
            AND coalesce(p.status, '') <> c.status)
        OR (c.status IN ('assessing', 'payee_needed', 'proposed', 'declined', 'reopened')
            AND coalesce(p.status, '') IN ('pending', 'unknown', 'paid'))
    UNION ALL
    SELECT 'twice', barcode || '/' || cause, count(*)::text, '1'
    FROM live WHERE supplements IS NULL GROUP BY barcode, cause HAVING count(*) > 1
    UNION ALL
    SELECT 'cap', l.barcode, sum(l.amount_rials)::text, max(r.terms -> 'caps' ->> c.contents)
    FROM live l JOIN claim c ON c.id = l.claim JOIN compensation_rules r ON r.code = c.rules
    GROUP BY l.barcode
    HAVING sum(l.amount_rials) > max((r.terms -> 'caps' ->> c.contents)::bigint)
)
SELECT (SELECT count(*) FROM claim) AS claims,
    (SELECT count(*) FROM payout WHERE status = 'paid') AS payments,
    (SELECT coalesce(sum(amount_rials), 0) FROM payout WHERE status = 'paid')::bigint
        AS paid_rials,
    (SELECT coalesce(sum(amount_rials), 0) FROM payout
        WHERE status IN ('pending', 'unknown'))::bigint AS pending_rials,
    (SELECT coalesce(sum(amount_rials), 0) FROM charge_back WHERE status = 'deducted')::bigint
        AS charged_back_rials,
    (SELECT coalesce(sum(rials), 0) FROM balance)::bigint AS sum_rials,
    (SELECT coalesce(json_agg(w), '[]') FROM (SELECT * FROM wrong ORDER BY 1, 2 LIMIT 100) w)::text
        AS wrong
"""
_OURS: Final = """
SELECT id::text, CASE WHEN status IN ('paid', 'returned') THEN status ELSE 'not paid' END AS status,
    amount_rials
FROM payout WHERE order_version > 0 OR status IN ('paid', 'returned') ORDER BY id
"""
_THEIRS: Final = """
SELECT id::text, CASE WHEN status IN ('paid', 'returned') THEN status ELSE 'not paid' END AS status,
    amount_rials
FROM payment_order WHERE purpose = 'compensation' AND version > 1 ORDER BY id
"""


@dataclass(frozen=True, slots=True)
class CompensationAudit:
    """`ordered_rials`: what parcels' payment orders paid, which is what claims were paid.

    `sum_rials`: of all accounts, which is zero; `wrong`: up to 100 that differ.
    """

    claims: int
    payments: int
    paid_rials: int
    pending_rials: int
    charged_back_rials: int
    ordered_rials: int
    sum_rials: int
    wrong: list[dict[str, Any]]

    @property
    def clean(self) -> bool:
        same = self.paid_rials == self.ordered_rials
        return not self.wrong and same and self.sum_rials == 0

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "clean": self.clean}


async def audit_compensation(database: Database, payments: Database) -> CompensationAudit:
    """`payments`: the database of parcels, whose payment orders are compared."""
    found = (await _rows(database, _SQL))[0]
    wrong = json.loads(found["wrong"])
    ours = {row["id"]: row for row in await _rows(database, _OURS)}
    theirs = {row["id"]: row for row in await _rows(payments, _THEIRS)}
    for name in sorted(ours.keys() | theirs.keys()):
        mine, other = ours.get(name), theirs.get(name)
        if mine != other:
            wrong.append({"what": "order", "name": name, "found": mine, "recounted": other})
    paid = [row["amount_rials"] for row in theirs.values() if row["status"] == "paid"]
    return CompensationAudit(**found | {"wrong": wrong[:100], "ordered_rials": sum(paid)})


async def _rows(database: Database, sql: str) -> list[dict[str, Any]]:
    async with (
        database.acquire() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        await connection.execute("SET LOCAL statement_timeout = 0")
        return [dict(row) for row in await connection.fetch(sql)]
