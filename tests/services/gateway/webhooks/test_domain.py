"""Pure rules: names, patterns, retry times, signatures."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook

from services.gateway.webhooks import domain
from services.gateway.webhooks.domain import Answer, Step

NOW = datetime(2019, 3, 21, 8, 0, tzinfo=UTC)
FAILED = Answer(500, "answered 500")


def test_ids_are_stable_and_differ_by_every_part() -> None:
    ours, other = uuid.UUID(int=1), uuid.UUID(int=2)
    base = domain.delivery_id(ours, "e", "b", "o")
    assert base == domain.delivery_id(ours, "e", "b", "o")
    assert base == uuid.UUID("c0dddd78-4f12-52db-ab48-263be59802d3")
    others = [
        domain.delivery_id(other, "e", "b", "o"),
        domain.delivery_id(ours, "x", "b", "o"),
        domain.delivery_id(ours, "e", "x", "o"),
        domain.delivery_id(ours, "e", "b", "x"),
        domain.delivery_id(ours, "e", "b", ""),
    ]
    assert len({base, *others}) == 6


@pytest.mark.parametrize(
    ("patterns", "event_type", "wanted"),
    [
        (["parcel.*"], "parcel.booked", True),
        (["parcel.booked"], "parcel.booked", True),
        (["parcel.booked", "parcel.cancelled"], "parcel.cancelled", True),
        (["parcel.booked"], "parcel.status_changed", False),
        ([], "parcel.booked", False),
    ],
)
def test_wants(patterns: list[str], event_type: str, wanted: bool) -> None:
    assert domain.wants(patterns, event_type) is wanted


def test_schedule_is_the_standards() -> None:
    waits = []
    for attempt in range(1, 12):
        step = domain.after(FAILED, attempt, NOW, 0)
        if step.next_attempt_at is None:
            break
        waits.append((step.next_attempt_at - NOW).total_seconds())
    hours = [h * 3600 for h in (2, 5, 10, 14, 20, 24)]
    assert waits == [5, 300, 1800, *hours]
    assert domain.after(FAILED, 10, NOW, 0) == Step("dead")


@pytest.mark.parametrize(
    ("status", "step"),
    [
        (200, Step("delivered")),
        (299, Step("delivered")),
        (410, Step("dead", gone=True)),
    ],
)
def test_what_ends_a_delivery(status: int, step: Step) -> None:
    assert domain.after(Answer(status), 1, NOW, 0) == step


@pytest.mark.parametrize("status", [None, 101, 199, 300, 304, 400, 404, 409, 500, 599])
def test_what_is_tried_again(status: int | None) -> None:
    step = domain.after(Answer(status, "x"), 1, NOW, 1)
    assert step == Step("pending", NOW + timedelta(seconds=5.5))


def test_retry_after_never_shortens_the_schedule() -> None:
    early = Answer(503, "x", timedelta(seconds=1))
    assert domain.after(early, 2, NOW, 0).next_attempt_at == NOW + timedelta(minutes=5)


def test_signature_verifies_with_the_secret_as_the_partner_has_it() -> None:
    secret = bytes(range(32))
    now = datetime.now(UTC)
    body = domain.payload("parcel.booked", "2019-03-21T08:00:00Z", {"reference": "سفارش"})
    headers = domain.signed_headers(uuid.UUID(int=7), secret, body, now)
    Webhook(domain.secret_text(secret)).verify(body, headers)
