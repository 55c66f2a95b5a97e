"""`susa audit ledger`: charges, journals, months, balances and commissions against each other.

Recounted in SQL from the items' rows, the journals and the ledger, not by the consumer's rules, so
that it can fail. The consumers have to have caught up. Reads everything: never for a request.
"""

import json
from dataclasses import asdict, dataclass
from typing import Any, Final

from services.parcels.audit import snapshot
from services.parcels.postage.domain import Kind
from services.parcels.postage.repository import USUAL_PAYER
from services.parcels.vocabulary import Payer, Status
from shared.database import Database

_CHARGES: Final = f"{int(Kind.BOOKED)}, {int(Kind.CANCELLED)}, {int(Kind.REPRICED)}"
_NAME: Final = f"""
'partner:' || partner || CASE payer WHEN {int(Payer.PARTNER_PREPAID)} THEN ':prepaid'
    ELSE ':credit' END
"""
_AUDIT_SQL: Final = f"""
WITH moved AS (
    SELECT account, sum(rials)::bigint AS rials FROM (
        SELECT t.debit_account AS account,
            CASE WHEN t.pending THEN coalesce(o.amount, 0) ELSE t.amount END AS rials
        FROM ledger_transfer t LEFT JOIN ledger_outcome o ON o.transfer_id = t.id
        UNION ALL
        SELECT t.credit_account,
            -CASE WHEN t.pending THEN coalesce(o.amount, 0) ELSE t.amount END
        FROM ledger_transfer t LEFT JOIN ledger_outcome o ON o.transfer_id = t.id
    ) m GROUP BY account
), ledger AS (
    SELECT a.code, coalesce(m.rials, 0) AS rials
    FROM ledger_account a LEFT JOIN moved m ON m.account = a.id
), month AS (
    SELECT partner, payer, sum(amount_rials)::bigint AS rials FROM partner_month
    WHERE payer IN ({int(Payer.PARTNER_PREPAID)}, {int(Payer.PARTNER_CREDIT)})
    GROUP BY partner, payer
), item AS (
    SELECT p.item_id, p.partner, coalesce(t.drawn_rials, 0) AS drawn_rials,
        coalesce(t.payer, {USUAL_PAYER}) AS payer, p.price_rials,
        CASE WHEN p.status = {int(Status.CANCELLED)} THEN 0 ELSE p.price_rials END AS rials
    FROM parcel p LEFT JOIN parcel_terms t USING (item_id) WHERE p.tariff IS NOT NULL
), entry AS (
    SELECT item_id,
        sum(amount_rials) FILTER (WHERE kind IN ({_CHARGES}))::bigint AS charged,
        coalesce(sum(amount_rials) FILTER (WHERE kind = {int(Kind.REFUNDED)}), 0)::bigint
            AS refunded
    FROM partner_entry GROUP BY item_id
), unposted AS (
    SELECT i.partner, i.payer, sum(i.drawn_rials)::bigint AS rials
    FROM item i LEFT JOIN entry e USING (item_id) WHERE e.item_id IS NULL
    GROUP BY i.partner, i.payer
), compared AS (
    SELECT 'item' AS what, i.item_id::text AS key, coalesce(e.charged, 0) AS kept,
        i.rials - CASE WHEN i.rials = 0 AND i.price_rials > 0 THEN coalesce(e.refunded, 0)
            ELSE 0 END AS recounted
    FROM item i LEFT JOIN entry e USING (item_id)
    UNION ALL
    SELECT 'ledger', coalesce(l.code, m.code), coalesce(l.rials, 0), coalesce(m.rials, 0)
    FROM (SELECT * FROM ledger WHERE code LIKE 'partner:%') l
    FULL JOIN (SELECT {_NAME} AS code, rials FROM month) m USING (code)
    UNION ALL
    SELECT 'month', coalesce(r.key, j.key), coalesce(r.rials, 0), coalesce(j.rials, 0)
    FROM (
        SELECT concat_ws('/', partner, payer, kind) AS key, sum(amount_rials)::bigint AS rials
        FROM partner_month GROUP BY 1
    ) r FULL JOIN (
        SELECT concat_ws('/', partner, payer, kind) AS key, sum(amount_rials)::bigint AS rials
        FROM partner_entry GROUP BY 1
        UNION ALL
        SELECT concat_ws('/', partner, account,
                CASE WHEN reverses IS NULL THEN {int(Kind.PAYMENT)}
                    ELSE {int(Kind.PAYMENT_REVERSED)} END),
            sum(CASE WHEN reverses IS NULL THEN -amount_rials ELSE amount_rials END)::bigint
        FROM postage_payment GROUP BY 1
    ) j USING (key)
    UNION ALL
    SELECT 'balance', a.partner || '/' || a.kind, a.balance_rials,
        -coalesce(m.rials, 0) - coalesce(u.rials, 0)
    FROM postage_account a
    LEFT JOIN month m ON m.partner = a.partner AND m.payer = a.kind
    LEFT JOIN unposted u ON u.partner = a.partner AND u.payer = a.kind
    UNION ALL
    SELECT 'commission', o.code, -coalesce(l.rials, 0),
        coalesce((SELECT sum(gross_rials) FROM commission_statement s WHERE s.office = o.id), 0)
        - coalesce((SELECT sum(amount_rials) FROM commission_deduction d WHERE d.office = o.id), 0)
    FROM office o LEFT JOIN ledger l ON l.code = 'commission_due:' || o.code
)
SELECT count(*) FILTER (WHERE what = 'item') AS items,
    count(*) FILTER (WHERE what = 'ledger') AS accounts,
    coalesce(sum(kept) FILTER (WHERE what = 'item'), 0)::bigint AS charged_rials,
    (SELECT coalesce(sum(rials), 0)::bigint FROM ledger) AS sum_rials,
    (SELECT coalesce(json_agg(w), '[]') FROM (SELECT * FROM compared WHERE kept <> recounted
        ORDER BY what, key LIMIT 100) w)::text AS wrong
FROM compared
"""


@dataclass(frozen=True, slots=True)
class LedgerAudit:
    """`sum_rials`: of all accounts, which is zero; `wrong`: up to 100 that differ."""

    items: int
    accounts: int
    charged_rials: int
    sum_rials: int
    wrong: list[dict[str, Any]]

    @property
    def clean(self) -> bool:
        return not self.wrong and self.sum_rials == 0

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "clean": self.clean}


async def audit_ledger(database: Database) -> LedgerAudit:
    async with snapshot(database) as connection:
        found = dict(await connection.fetchrow(_AUDIT_SQL))
    return LedgerAudit(**found | {"wrong": json.loads(found["wrong"])})
