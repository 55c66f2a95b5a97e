"""Parcels' tables can be spread over shards by item id, as Citus does it.

The catalogue of the migrated database is read, so that what stands is judged, not what was meant.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import asyncpg
import pytest

from tests.conftest import Templates

pytestmark = pytest.mark.anyio

DISTRIBUTED: Final = frozenset(
    [
        "addressee",
        "bag_member",
        "bag_packing",
        "cod_taking",
        "delivery_attempt",
        "delivery_code",
        "delivery_image",
        "delivery_person",
        "delivery_proof",
        "delivery_terms",
        "destruction",
        "discrepancy",
        "event_declaration",
        "flagged_ruling",
        "holding",
        "instruction",
        "instruction_party",
        "item_contribution",
        "item_direction",
        "manifest_item",
        "measurement",
        "message",
        "office_acceptance",
        "parcel",
        "parcel_party",
        "parcel_terms",
        "partner_entry",
        "promise_breach",
        "promise_due",
        "recipient_try",
        "refund_decision",
        "refund_proposal",
        "repriced_charge",
        "return_leg",
        "run_stop",
        "scan_event",
        "unseen_watch",
    ]
)
"""By item id and co-located: a row an item, event, leg or taking; the key begins with the item."""

LISTED: Final = {
    "recomputed_charge": "a recomputation is read worst first along the key",
}
"""Distributed likewise, but with the item id inside the key: it is read as a list, for a reason."""

REFERENCE: Final = frozenset(
    [
        "alembic_version",
        "bank_branch",
        "billing_profile",
        "clock",
        "county_population",
        "courier",
        "courier_person",
        "custody_term",
        "feeder_rule",
        "flow_count",
        "holding_rule",
        "holiday_said",
        "line",
        "message_template",
        "next_hop",
        "office",
        "office_contract",
        "office_day",
        "office_week",
        "operator",
        "promise_calendar",
        "promise_pause",
        "promise_target",
        "promise_version",
        "quiet_hours",
        "routing_version",
        "target",
        "trip",
        "trip_call",
        "vat_rate",
        "vehicle",
    ]
)
"""On every node: small, changed by staff or by other services' events, joined with items."""

SMALL: Final = "small, and read by itself"
LOCAL: Final = {
    "bag": "a bag in some thirty items; a dispatch and counted mail refer to it",
    "bag_discrepancy": "of bags, with them",
    "bag_event": "of bags, with them: what items need of it is read by bag, in one query",
    "bank_statement": "a row a bank and day; its lines refer to it",
    "bank_statement_line": "a row a transfer: settlements pay many items at once",
    "bank_trace": "a bank's trace number is used once, whatever the order",
    "cash_holder": "a row a courier, office and shop, locked before cash moves",
    "cod_settlement": "a row a transfer to a shop",
    "commission_deduction": "a deduction's reference is used once",
    "commission_statement": "a row an office and month",
    "compensation_order": "a claim's transfer is ordered once, whatever the order",
    "counted_consignment": "mail without items, by day; an office's reference is used once",
    "counted_daily": "a roll-up: a row an office, day and product",
    "courier_run": "a row a courier and day; a courier is out once at a time",
    "credit_limit": SMALL,
    "customer_return": "look-up: an item comes back by one return only, whatever the new item's id",
    "dispatch": "a row a despatch of many bags; numbers and receipts are used once",
    "drawer_close": "a row an office and day",
    "feed": "queue: partitions are dropped when they are old",
    "feed_consumer": "queue",
    "feed_cursor": "queue",
    "feed_head": "queue",
    "flow_daily": "a roll-up of a month: a row a day and pair of centres",
    "hand_in": "a row a courier and day; an office's receipt is used once",
    "idempotency": "look-up of a caller's keys; rows expire",
    "invoice": "a row a partner and month, numbered without gaps",
    "invoice_buyer": "of invoices, with them",
    "invoice_counter": SMALL,
    "item_alias": "look-up: a foreign barcode is one item's; found before its item is known",
    "ledger_account": "the books are kept in one place: a transfer binds two holders' accounts",
    "ledger_outcome": "of transfers, with them",
    "ledger_transfer": "two accounts of different holders a row; a reference is used once",
    "manifest": "a row a shop and day; pickups refer to it",
    "manifest_surplus": "barcodes of which no item may be known",
    "outbox": "queue: rows leave it at once",
    "partner_month": "a roll-up: a row a partner, month and product",
    "partner_reference": "look-up: a partner's reference is one live item's",
    "payee": "a row a partner and Sheba, with dates",
    "payment_order": "a row a transfer that pays many items; a reference is used once",
    "payment_order_step": "of payment orders, with them",
    "pickup": "a row a call at a shop",
    "pickup_place": "of pickups, with them",
    "postage_account": "a row a partner, drawn on in the booking",
    "postage_payment": "a row a payment into an account; a method's reference is used once",
    "pre_advice": "a row an announced dispatch, announced once",
    "pre_advice_item": "foreign barcodes of which no item is known yet",
    "promise_sweep": SMALL,
    "quarantine": "queue",
    "quote": "prices held for a time; rows expire",
    "recomputation": SMALL,
    "return_code": "look-up: found before its item is known",
    "statistics_state": SMALL,
    "tariff_rate": "small, in every process's memory; a trigger keeps published versions",
    "tariff_surcharge": "small, in every process's memory; a trigger keeps published versions",
    "tariff_version": "small, in every process's memory; a trigger keeps published versions",
    "task_daily": "a roll-up: a row a day, task and kind of office",
    "transit_daily": "a roll-up: a row a day, dimension and key",
    "transit_monthly": "a roll-up: a row a month, dimension and key",
    "unmatched_scan": "queue: scans of which no item is known yet",
    "unseen_sweep": SMALL,
}
"""On the coordinator alone, and why that may grow or need not."""

BY_ITEM: Final = DISTRIBUTED | LISTED.keys()

_TABLES: Final = """
SELECT relname FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
"""
_UNIQUE: Final = """
SELECT c.relname AS table, i.relname AS index, x.indisprimary AS primary,
    array(SELECT a.attname::text FROM unnest(x.indkey) WITH ORDINALITY AS k (attnum, n)
        JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = k.attnum
        WHERE k.n <= x.indnkeyatts ORDER BY k.n) AS columns
FROM pg_index AS x JOIN pg_class AS c ON c.oid = x.indrelid JOIN pg_class AS i ON i.oid = indexrelid
WHERE c.relnamespace = 'public'::regnamespace AND (x.indisunique OR x.indisexclusion)
ORDER BY c.relname, i.relname
"""
_FOREIGN: Final = """
SELECT a.relname AS from, b.relname AS to, k.conname AS name
FROM pg_constraint AS k JOIN pg_class AS a ON a.oid = k.conrelid
    JOIN pg_class AS b ON b.oid = k.confrelid
WHERE k.contype = 'f' AND a.relnamespace = 'public'::regnamespace
ORDER BY a.relname, k.conname
"""
_TRIGGERS: Final = """
SELECT c.relname AS table, t.tgname AS name
FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid
WHERE NOT t.tgisinternal AND c.relnamespace = 'public'::regnamespace
"""


def undeclared(tables: set[str]) -> Iterator[str]:
    declared = [*BY_ITEM, *REFERENCE, *LOCAL]
    for table in sorted(tables - set(declared)):
        yield (
            f"{table} is not declared: if it has a row an item, begin its key with item_id and add"
            " it to DISTRIBUTED; if it is small and joined with items, to REFERENCE; else to LOCAL"
            " with the reason why one node can hold it"
        )
    for table in sorted(set(declared) - tables):
        yield f"{table} is declared and does not exist: delete its line"
    for table in sorted({table for table in declared if declared.count(table) > 1}):
        yield f"{table} is declared twice: decide"


def keys(unique: list[Mapping[str, Any]]) -> Iterator[str]:
    keyed = {row["table"] for row in unique if row["primary"]}
    for table in sorted(BY_ITEM - keyed):
        yield f"{table} has no primary key: give it one that begins with item_id"
    for row in unique:
        table, index, columns = row["table"], row["index"], row["columns"]
        if table in BY_ITEM and "item_id" not in columns:
            yield f"{index} of {table} is unique without item_id: keep it in a look-up table"
        if table in DISTRIBUTED and row["primary"] and columns[0] != "item_id":
            yield f"{index} of {table} does not begin with item_id"


def references(foreign: list[Mapping[str, Any]]) -> Iterator[str]:
    for row in foreign:
        what = f"{row['name']} ({row['from']} to {row['to']})"
        if {row["from"], row["to"]} & BY_ITEM:
            yield f"{what}: no foreign key from or to a distributed table; check it in the service"
        elif row["from"] in REFERENCE and row["to"] not in REFERENCE:
            yield f"{what}: a reference table refers to reference tables only"


def triggers(found: list[Mapping[str, Any]]) -> Iterator[str]:
    for row in found:
        if row["table"] not in LOCAL:
            yield f"{row['name']} of {row['table']}: triggers stand on local tables only"


async def faults(connection: asyncpg.Connection) -> list[str]:
    tables = {row["relname"] for row in await connection.fetch(_TABLES)}
    return [
        *undeclared(tables),
        *keys(await connection.fetch(_UNIQUE)),
        *references(await connection.fetch(_FOREIGN)),
        *triggers(await connection.fetch(_TRIGGERS)),
    ]


async def test_the_tables_of_parcels_fit_their_distribution(templates: Templates) -> None:
    connection = await asyncpg.connect(templates.of("parcels").owner_dsn)
    try:
        found = await faults(connection)
    finally:
        await connection.close()
    assert not found, "\n".join(found)


async def test_each_rule_can_fail(templates: Templates) -> None:
    made = await templates.copy("parcels")
    connection = await asyncpg.connect(made.owner_dsn)
    try:
        await connection.execute("""
            CREATE TABLE surprise (id bigint PRIMARY KEY, item_id bigint REFERENCES parcel);
            CREATE UNIQUE INDEX ix_twice ON holding (office, until);
            ALTER TABLE courier ADD COLUMN bag bigint REFERENCES bag (id);
            CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
            CREATE TRIGGER looks BEFORE INSERT ON parcel FOR EACH ROW EXECUTE FUNCTION nothing();
            ALTER TABLE run_stop DROP CONSTRAINT pk_run_stop, ADD PRIMARY KEY (run, item_id);
        """)
        found = await faults(connection)
    finally:
        await connection.close()
    assert [fault.split(":")[0].split(" is ")[0] for fault in found] == [
        "surprise",
        "ix_twice of holding",
        "run_stop_pkey of run_stop does not begin with item_id",
        "courier_bag_fkey (courier to bag)",
        "surprise_item_id_fkey (surprise to parcel)",
        "looks of parcel",
    ]
