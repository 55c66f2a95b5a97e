"""The operations. Each only says what is asked; `operation.py` makes methods of both clients."""

from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, overload
from uuid import UUID

from susa_client import feed
from susa_client.call import Call
from susa_client.feed import Cursor, CursorStore, Event, EventPage
from susa_client.models import (
    BookingResults,
    Case,
    Confirmation,
    DeliveryDetail,
    FetchedOrders,
    FetchOrders,
    FiledCase,
    NewBatch,
    NewCase,
    NewMessage,
    NewParcel,
    NewQuote,
    NewReplay,
    NewStatement,
    NewWebhook,
    Page,
    Parcel,
    PaymentOrder,
    Promise,
    Quote,
    Refusal,
    Replay,
    ReturnedTransfer,
    Rotation,
    Statement,
    TrackedMany,
    Tracking,
    TrackMany,
    Webhook,
    WebhookChange,
    WebhookDelivery,
    WebhookWithSecret,
)
from susa_client.operation import C, Resource, listing, operation

if TYPE_CHECKING:
    from susa_client.client import AsyncSusa, Susa

Language = Literal["fa", "en"]
Id = UUID | str


class Quotes(Resource[C]):
    """What it costs; public, but for locked prices."""

    @operation
    def ask(self, asked: NewQuote, *, idempotency_key: str | None = None) -> Call[Quote]:
        return Call("POST", "/v1/quotes", Quote, body=asked, keyed=True, key=idempotency_key)

    @operation
    def get(self, quote: Id) -> Call[Quote]:
        """A locked one of yours."""
        return Call("GET", "/v1/quotes/{quote_id}", Quote, at={"quote_id": quote})


class Parcels(Resource[C]):
    """Your parcels: `parcels:book`, `parcels:read`."""

    @operation
    def book(self, order: NewParcel, *, idempotency_key: str | None = None) -> Call[Parcel]:
        """A key of your own, as the order's number, makes it one parcel across restarts too."""
        return Call("POST", "/v1/parcels", Parcel, body=order, keyed=True, key=idempotency_key)

    @operation
    def book_many(
        self, orders: Sequence[NewParcel], *, idempotency_key: str | None = None
    ) -> Call[BookingResults]:
        """Each is booked or refused on its own; the answer has them in this order."""
        body = NewBatch(parcels=list(orders))
        return Call(
            "POST", "/v1/parcels/batch", BookingResults, body=body, keyed=True, key=idempotency_key
        )

    @operation
    def get(self, barcode: str) -> Call[Parcel]:
        return Call("GET", "/v1/parcels/{barcode}", Parcel, at={"barcode": barcode})

    @listing
    def list(
        self,
        *,
        reference: str | None = None,
        status: str | None = None,
        changed_since: datetime | None = None,
        limit: int | None = None,
    ) -> Call[Page[Parcel]]:
        """`limit`: of a page; all pages are read."""
        params = {
            "reference": reference,
            "status": status,
            "changed_since": changed_since,
            "limit": limit,
        }
        return Call("GET", "/v1/parcels", Page[Parcel], params=params)

    @operation
    def cancel(self, barcode: str) -> Call[Parcel]:
        """As long as it is booked and not accepted."""
        return Call("POST", "/v1/parcels/{barcode}/cancel", Parcel, at={"barcode": barcode})

    @operation
    def promise(self, barcode: str) -> Call[Promise]:
        """Until when it is promised, and why."""
        return Call("GET", "/v1/parcels/{barcode}/promise", Promise, at={"barcode": barcode})

    @operation
    def label(self, barcode: str, *, format: Literal["pdf", "zpl"] = "pdf") -> Call[bytes]:  # noqa: A002 - the wire's name
        """The label's file, as a printer takes it."""
        return Call(
            "GET",
            "/v1/parcels/{barcode}/label",
            bytes,
            at={"barcode": barcode},
            params={"format": format},
        )


class TrackingOf(Resource[C]):
    """Where a parcel is; public."""

    @operation
    def get(self, barcode: str, *, lang: Language = "fa") -> Call[Tracking]:
        return Call(
            "GET",
            "/v1/tracking/{barcode}",
            Tracking,
            at={"barcode": barcode},
            params={"lang": lang},
        )

    @operation
    def many(self, barcodes: Sequence[str], *, lang: Language = "fa") -> Call[TrackedMany]:
        """It only reads, but by POST: a barcode in an address would stand in logs."""
        body = TrackMany(barcodes=list(barcodes))
        return Call("POST", "/v1/tracking", TrackedMany, params={"lang": lang}, body=body)


class Complaints(Resource[C]):
    """Complaints; filed by anyone, read with the number and the secret of the filing."""

    @operation
    def file(self, case: NewCase, *, idempotency_key: str | None = None) -> Call[FiledCase]:
        return Call("POST", "/v1/complaints", FiledCase, body=case, keyed=True, key=idempotency_key)

    @operation
    def get(self, number: str, secret: str) -> Call[Case]:
        return Call(
            "GET",
            "/v1/complaints/{number}",
            Case,
            at={"number": number},
            headers={"Susa-Case-Secret": secret},
        )

    @operation
    def write(
        self, number: str, secret: str, message: NewMessage, *, idempotency_key: str | None = None
    ) -> Call[Case]:
        """Add to what was said."""
        return Call(
            "POST",
            "/v1/complaints/{number}/messages",
            Case,
            at={"number": number},
            headers={"Susa-Case-Secret": secret},
            body=message,
            keyed=True,
            key=idempotency_key,
        )

    @operation
    def accept(self, number: str, secret: str, *, idempotency_key: str | None = None) -> Call[Case]:
        """The answer will do; the case is closed."""
        return Call(
            "POST",
            "/v1/complaints/{number}/accept",
            Case,
            at={"number": number},
            headers={"Susa-Case-Secret": secret},
            keyed=True,
            key=idempotency_key,
        )

    @operation
    def contest(
        self, number: str, secret: str, message: NewMessage, *, idempotency_key: str | None = None
    ) -> Call[Case]:
        """The answer will not do: someone else looks at it again."""
        return Call(
            "POST",
            "/v1/complaints/{number}/contest",
            Case,
            at={"number": number},
            headers={"Susa-Case-Secret": secret},
            body=message,
            keyed=True,
            key=idempotency_key,
        )


class PaymentOrders(Resource[C]):
    """A bank's: `payments:execute`, with a token of a client that signs or has a certificate."""

    @operation
    def fetch(
        self, *, limit: int | None = None, idempotency_key: str | None = None
    ) -> Call[FetchedOrders]:
        """Take orders to pay, oldest first. They are yours alone from now on."""
        body = FetchOrders() if limit is None else FetchOrders(limit=limit)
        return Call(
            "POST",
            "/v1/bank/payment-orders/fetch",
            FetchedOrders,
            body=body,
            keyed=True,
            key=idempotency_key,
        )

    @listing
    def list(
        self, *, status: str | None = None, limit: int | None = None
    ) -> Call[Page[PaymentOrder]]:
        """What you fetched; with `fetched` and `unknown` what waits for your answer."""
        params = {"status": status, "limit": limit}
        return Call("GET", "/v1/bank/payment-orders", Page[PaymentOrder], params=params)

    @operation
    def confirm(
        self, order: Id, paid: Confirmation, *, idempotency_key: str | None = None
    ) -> Call[PaymentOrder]:
        return _answer("confirm", order, paid, idempotency_key)

    @operation
    def refuse(
        self, order: Id, refusal: Refusal, *, idempotency_key: str | None = None
    ) -> Call[PaymentOrder]:
        """You did not pay it and will not."""
        return _answer("refuse", order, refusal, idempotency_key)

    @operation
    def give_back(
        self, order: Id, returned: ReturnedTransfer, *, idempotency_key: str | None = None
    ) -> Call[PaymentOrder]:
        """What you paid came back."""
        return _answer("return", order, returned, idempotency_key)


def _answer(what: str, order: Id, body: object, key: str | None) -> Call[PaymentOrder]:
    path = f"/v1/bank/payment-orders/{{order_id}}/{what}"
    return Call("POST", path, PaymentOrder, at={"order_id": order}, body=body, keyed=True, key=key)


class Statements(Resource[C]):
    @operation
    def state(
        self, statement: NewStatement, *, idempotency_key: str | None = None
    ) -> Call[Statement]:
        """Close a day; what does not fit comes back as exceptions and moves nothing."""
        return Call(
            "POST",
            "/v1/bank/statements",
            Statement,
            body=statement,
            keyed=True,
            key=idempotency_key,
        )


class Webhooks(Resource[C]):
    """Places to be told at: `webhooks:write`."""

    @operation
    def register(
        self, webhook: NewWebhook, *, idempotency_key: str | None = None
    ) -> Call[WebhookWithSecret]:
        """Keep the secret: it is shown only now."""
        return Call(
            "POST",
            "/v1/webhooks",
            WebhookWithSecret,
            body=webhook,
            keyed=True,
            key=idempotency_key,
        )

    @listing
    def list(self, *, limit: int | None = None) -> Call[Page[Webhook]]:
        return Call("GET", "/v1/webhooks", Page[Webhook], params={"limit": limit})

    @operation
    def get(self, webhook: Id) -> Call[Webhook]:
        return Call("GET", "/v1/webhooks/{webhook_id}", Webhook, at={"webhook_id": webhook})

    @operation
    def change(self, webhook: Id, change: WebhookChange) -> Call[Webhook]:
        return Call(
            "PATCH", "/v1/webhooks/{webhook_id}", Webhook, at={"webhook_id": webhook}, body=change
        )

    @operation
    def delete(self, webhook: Id) -> Call[None]:
        return Call("DELETE", "/v1/webhooks/{webhook_id}", None, at={"webhook_id": webhook})

    @operation
    def rotate(
        self, webhook: Id, *, overlap_hours: int = 24, idempotency_key: str | None = None
    ) -> Call[WebhookWithSecret]:
        """A new secret; until the overlap ends each delivery is signed by both."""
        return Call(
            "POST",
            "/v1/webhooks/{webhook_id}/rotate",
            WebhookWithSecret,
            at={"webhook_id": webhook},
            body=Rotation(overlap_hours=overlap_hours),
            keyed=True,
            key=idempotency_key,
        )

    @operation
    def test(self, webhook: Id, *, idempotency_key: str | None = None) -> Call[WebhookDelivery]:
        return Call(
            "POST",
            "/v1/webhooks/{webhook_id}/test",
            WebhookDelivery,
            at={"webhook_id": webhook},
            keyed=True,
            key=idempotency_key,
        )

    @listing
    def deliveries(self, webhook: Id, *, limit: int | None = None) -> Call[Page[WebhookDelivery]]:
        return Call(
            "GET",
            "/v1/webhooks/{webhook_id}/deliveries",
            Page[WebhookDelivery],
            at={"webhook_id": webhook},
            params={"limit": limit},
        )

    @operation
    def delivery(self, webhook: Id, delivery: Id) -> Call[DeliveryDetail]:
        """With the body as it was sent, and every attempt."""
        return Call(
            "GET",
            "/v1/webhooks/{webhook_id}/deliveries/{delivery_id}",
            DeliveryDetail,
            at={"webhook_id": webhook, "delivery_id": delivery},
        )

    @operation
    def replay(
        self, webhook: Id, span: NewReplay, *, idempotency_key: str | None = None
    ) -> Call[Replay]:
        """All you were told in a time, again: same ids, same bodies."""
        return Call(
            "POST",
            "/v1/webhooks/{webhook_id}/replays",
            Replay,
            at={"webhook_id": webhook},
            body=span,
            keyed=True,
            key=idempotency_key,
        )


class Events(Resource[C]):
    """Your feed: `parcels:read`."""

    @operation
    def page(
        self, cursor: Cursor | None = None, *, wait_s: float = 0, limit: int = feed.PAGE
    ) -> Call[EventPage]:
        return feed.read(cursor or Cursor(), wait_s, limit)

    @overload
    def follow(
        self: "Events[Susa]",
        store: CursorStore,
        *,
        wait_s: float | None = ...,
        limit: int = ...,
    ) -> Iterator[Event]: ...
    @overload
    def follow(
        self: "Events[AsyncSusa]",
        store: CursorStore,
        *,
        wait_s: float | None = ...,
        limit: int = ...,
    ) -> AsyncIterator[Event]: ...
    def follow(
        self: Any,
        store: CursorStore,
        *,
        wait_s: float | None = feed.WAIT_S,
        limit: int = feed.PAGE,
    ) -> Any:
        """Your events from where the store says, in order, without end.

        An event is done when the next one is asked for, and its cursor is saved then. To stop in
        between, save `event.cursor`. `wait_s` None: until all that there is now was handed out.
        Raises FeedMoved where old events are gone or the feed was restored.
        """
        client = self._client
        return client.iterate(feed.followed(client.core, store, wait_s, limit))


class Sandbox(Resource[C]):
    @operation
    def set_clock(self, at: datetime | None) -> Call[dict[str, Any]]:
        """The test world's time; None: the wall's again. Needs a test key with `backfill`."""
        body = {"mode": "wall"} if at is None else {"mode": "sandbox", "at": at}
        return Call("PUT", "/v1/clock", dict[str, Any], body=body)
