"""The batch's own statement against the fold: rows, versions and events after random batches."""

import asyncio
import random
import uuid
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, get_args

import pytest

from services.parcels.audit import audit_custody
from services.parcels.discrepancies.domain import FOLDED
from services.parcels.scanning import domain, repository
from services.parcels.scanning.schemas import ScannedName
from services.parcels.vocabulary import Custodian, Status
from shared.identifiers import barcode_of
from tests.services.parcels.conftest import Parcels

pytestmark = pytest.mark.anyio

TYPES = ("parcel.status_changed", "parcel.moved", "parcel.corrected", "parcel.cancelled")
FOREIGN = ("RB123456785GB", "113470001234567890123456")


class Devices:
    """Random scans of a few items: ties in time, repeats, clocks ahead, offline, out of order."""

    def __init__(self, parcels: Parcels, barcodes: Sequence[str], seed: int) -> None:
        self._parcels = parcels
        self._barcodes = (*barcodes, *FOREIGN)
        self._rng = random.Random(seed)
        self._sent: list[dict[str, Any]] = []

    def scan(self) -> dict[str, Any]:
        rng = self._rng
        if self._sent and rng.random() < 0.1:
            return rng.choice(self._sent)
        minutes = rng.choice([rng.randrange(-9, 1), rng.randrange(-600, 30), -73 * 60])
        scan = self._parcels.one(
            rng.choice(self._barcodes),
            rng.choice(list(get_args(ScannedName))),
            minutes,
            office=f"KZ{rng.randrange(1, 4):05d}",
            event_id=str(uuid.UUID(int=rng.getrandbits(128))),
        )
        self._sent.append(scan)
        return scan

    def batch(self) -> list[dict[str, Any]]:
        return [self.scan() for _ in range(self._rng.choice([1, 3, 10, 40]))]


async def rows_are_folds(parcels: Parcels) -> dict[str, int]:
    """Every item's row equals a fold of its stored events, and so do its open discrepancies.

    Returns the versions by barcode.
    """
    async with parcels.api.database.hot.acquire() as connection:
        found = await connection.fetch("SELECT * FROM parcel")
        histories = await repository.histories(connection, [row["item_id"] for row in found])
        opened = await connection.fetch(
            "SELECT item_id, event_id, kind, last_custodian, last_custodian_id FROM discrepancy"
            " WHERE closed_at IS NULL AND kind = ANY($1)",
            FOLDED,
        )
    remarks = set()
    for row in found:
        cancelled = row["status"] == Status.CANCELLED
        folded = domain.fold(histories[row["item_id"]], cancelled=cancelled)
        state = folded.state
        for event_id, kind, (who, who_id) in folded.remarks():
            holder = int(who or Custodian.SENDER)
            remarks.add((row["item_id"], event_id, kind, holder, who_id))
        assert (
            row["status"],
            row["custodian"],
            row["custodian_id"],
            row["accepted_at"],
            None if cancelled else row["ended_at"],
        ) == (
            state.status,
            state.custodian,
            state.custodian_id,
            state.accepted_at,
            state.ended_at,
        )
        last = (row["fold_at"], row["fold_event"], row["fold_event_id"])
        assert last == (state.last or (None, None, None))
    assert {tuple(row) for row in opened} == remarks
    return {barcode_of(row["item_id"]): row["version"] for row in found}


async def events_tell_each_version(parcels: Parcels, versions: dict[str, int]) -> None:
    """In the feed's order each item has every version once, and each change begins at the last."""
    told = defaultdict(list)
    for event in await parcels.api.events(*TYPES):
        for item in event["data"]["items"]:
            told[item["barcode"]].append(item)
    for barcode, version in versions.items():
        items = told[barcode]
        assert [item["version"] for item in items] == list(range(2, version + 1)), barcode
        status, accepted_at = "booked", None
        for item in items:
            assert item["previous"] == status
            status = item["status"]
            if "accepted_before" in item:
                assert item["accepted_before"] == accepted_at
                accepted_at = item["accepted_at"]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("at_once", [1, 5])
async def test_rows_versions_and_events_agree_with_the_fold(
    parcels: Parcels, seed: int, at_once: int
) -> None:
    barcodes = await parcels.booked(6)
    devices = Devices(parcels, barcodes, seed)
    await parcels.client.post(f"/v1/parcels/{barcodes[0]}/cancel", headers=parcels.shop())
    for _ in range(12 // at_once + 3):
        batches = [devices.batch() for _ in range(at_once)]
        await asyncio.gather(*(parcels.results(*batch) for batch in batches))
        parcels.api.clock.at += timedelta(minutes=7)
    await events_tell_each_version(parcels, await rows_are_folds(parcels))
    audit = await audit_custody(parcels.api.database)
    assert audit.clean, audit.wrong


async def test_batches_that_overlap_wait_for_each_other(parcels: Parcels) -> None:
    """Late and misfitting scans of items that others hold: no deadlock, so no refused batch."""
    rng = random.Random(1)
    barcodes = await parcels.booked(200)
    events = ("acceptance", "departure", "arrival", "out_for_delivery", "held")
    for n in range(3):
        batches = [
            [
                parcels.one(barcode, rng.choice(events), n + rng.random() * 3 - 2)
                for barcode in rng.sample(barcodes, 100)
            ]
            for _ in range(5)
        ]
        answers = await asyncio.gather(*(parcels.scan(*batch) for batch in batches))
        assert [answer.status_code for answer in answers] == [200] * 5
    await events_tell_each_version(parcels, await rows_are_folds(parcels))
