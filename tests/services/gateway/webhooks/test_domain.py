"""Pure rules: names, patterns, retry times, signatures."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from services.gateway.feed.domain import news_id
from services.gateway.webhooks import domain
from services.gateway.webhooks.domain import Answer, Step

NOW = datetime(2019, 3, 21, 8, 0, tzinfo=UTC)
FAILED = Answer(500, "answered 500")


def test_ids_are_stable_and_differ_by_every_part() -> None:
    ours, other = uuid.UUID(int=1), uuid.UUID(int=2)
    event = uuid.UUID("0192f0c1-7e57-7000-8000-000000000001")
    base = domain.delivery_id(ours, news_id(event, "b", "o"))
    assert base == domain.delivery_id(ours, news_id(event, "b", "o"))
    assert base == uuid.UUID("daa79dfd-40e4-5d38-8086-c28f33ba14ac")
    others = [
        domain.delivery_id(other, news_id(event, "b", "o")),
        domain.delivery_id(ours, news_id(uuid.UUID(int=event.int + 1), "b", "o")),
        domain.delivery_id(ours, news_id(event, "x", "o")),
        domain.delivery_id(ours, news_id(event, "b", "x")),
        domain.delivery_id(ours, news_id(event, "b", "")),
    ]
    assert len({base, *others}) == 6
    assert str(news_id(event, "b", "o")).startswith(str(event)[:13])  # the time of its event


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


def test_each_secret_verifies_while_both_sign() -> None:
    secrets = [bytes(range(32)), bytes(range(32, 64))]
    now = datetime.now(UTC)
    data = '{"reference":"سفارش"}'
    body = domain.payload(2, "parcel.booked", "2019-03-21T08:00:00Z", 7, data)
    headers = domain.signed_headers(uuid.UUID(int=7), secrets, body, now)
    for secret in secrets:
        told = Webhook(domain.secret_text(secret)).verify(body, headers)
        assert (told["sequence"], told["data"]["reference"]) == (7, "سفارش")
    with pytest.raises(WebhookVerificationError):
        Webhook(domain.secret_text(bytes(32))).verify(body, headers)


def test_the_first_version_has_no_number() -> None:
    body = domain.payload(1, "parcel.booked", "2019-03-21T08:00:00Z", 7, "{}")
    assert body == '{"type":"parcel.booked","timestamp":"2019-03-21T08:00:00Z","data":{}}'
