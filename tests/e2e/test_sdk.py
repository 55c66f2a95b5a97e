"""The client of Python against a running Susa: what partners do, with answers lost on the way."""

import asyncio
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from typing_extensions import override

from susa_client import (
    AsyncSusa,
    Conflict,
    Cursor,
    FileCursor,
    Forbidden,
    Invalid,
    MemoryCursor,
    NotFound,
    Retry,
    SignedClient,
    Susa,
    TokenUnavailable,
    new_key,
)
from susa_client.models import (
    AboutParcel,
    Booked,
    Complainant,
    Confirmation,
    NewCase,
    NewMessage,
    NewParcel,
    NewQuote,
    NewReplay,
    NewStatement,
    NewWebhook,
    ParcelBooked,
    Refused,
    StatementLine,
    WebhookChange,
)
from susa_client.webhooks import verify
from tests.e2e.actors import eventually
from tests.e2e.cash import PAST, RIALS, SHEBA, Till
from tests.e2e.environment import ALL_SCOPES, Environment
from tests.e2e.partners import login
from tests.e2e.receiver import receiving
from tests.factories.parcels import order

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.parametrize("susa", ["one_process"], indirect=True),
    pytest.mark.usefixtures("province"),
]
OFFICE = "KZ00007"
SHOP = ("parcels:book", "parcels:read", "webhooks:write")


def new_parcel(**changes: Any) -> NewParcel:
    return NewParcel.model_validate(order(OFFICE, **changes))


class Staff:
    """Opens accounts, as the post's own staff does."""

    def __init__(self, susa: Environment) -> None:
        headers = {"Authorization": f"Bearer {susa.manager}"}
        self.url = susa.url
        self.http = httpx.Client(base_url=susa.url, headers=headers, trust_env=False, timeout=180)

    def make(self, path: str, body: Any) -> Any:
        return self.http.post(path, json=body).raise_for_status().json()

    def account(self, kind: str) -> str:
        made: str = self.make("/v1/partners", {"kind": kind, "name": "آزمون"})["id"]
        return made

    def key(self, *scopes: str) -> str:
        body = {"label": "sdk", "scopes": list(scopes)}
        made: str = self.make(f"/v1/partners/{self.account('shop')}/keys", body)["key"]
        return made


@pytest.fixture
def staff(susa: Environment) -> Iterator[Staff]:
    made = Staff(susa)
    with made.http:
        yield made


class Losing(httpx.HTTPTransport):
    """What is asked is done, but every second answer is lost on its way back."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    @override
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = super().handle_request(request)
        self.asked += 1
        if self.asked % 2:
            answer.read()
            answer.close()
            raise httpx.ReadError("lost")
        return answer


class TestBlocking:
    def test_a_shops_day(self, susa: Environment, staff: Staff, tmp_path: Path) -> None:
        with Susa(susa.url, staff.key(*SHOP)) as post:
            asked = NewQuote(product="pishtaz", weight_g=450, destination_province="khuzestan")
            quote = post.quotes.ask(asked)
            assert quote.price_rials == sum(line.amount_rials for line in quote.lines)
            mine = [f"sdk-{uuid.uuid4()}" for _ in range(4)]
            first = post.parcels.book(new_parcel(reference=mine[0]), idempotency_key=mine[0])
            again = post.parcels.book(new_parcel(reference=mine[0]), idempotency_key=mine[0])
            assert again == first
            assert first.price_rials == quote.price_rials
            made = post.parcels.book_many(
                [new_parcel(reference=mine[1]), new_parcel(origin_office="KZ99999")]
                + [new_parcel(reference=reference) for reference in mine[2:]]
            )
            assert (made.booked, made.failed) == (3, 1)
            kinds = [isinstance(one, Refused) for one in made.results]
            assert kinds == [False, True, False, False]
            barcodes = [first.barcode]
            barcodes += [one.parcel.barcode for one in made.results if isinstance(one, Booked)]
            found = post.parcels.list(limit=1)  # a page each
            assert sorted(parcel.barcode for parcel in found) == sorted(barcodes)
            (named,) = post.parcels.list(reference=mine[2])
            assert post.parcels.get(named.barcode) == named
            assert post.parcels.label(named.barcode).startswith(b"%PDF")
            assert post.parcels.label(named.barcode, format="zpl").startswith(b"^XA")
            assert post.parcels.promise(named.barcode).steps
            assert post.parcels.cancel(barcodes[3]).status == "cancelled"
            self._refused(post, mine[0])
            self._tracked(susa, barcodes)
            self._told(post, barcodes, tmp_path)

    def _refused(self, post: Susa, taken: str) -> None:
        with pytest.raises(NotFound) as unknown:
            post.parcels.get("064430000000000000000000")
        assert unknown.value.code
        with pytest.raises(Invalid) as invalid:
            post.parcels.book(new_parcel(weight_g=0))
        assert [error.field for error in invalid.value.errors] == ["body.weight_g"]
        with pytest.raises(Conflict):
            post.parcels.book(new_parcel(reference=taken))
        with pytest.raises(Forbidden):
            post.payment_orders.fetch()

    def _tracked(self, susa: Environment, barcodes: list[str]) -> None:
        with Susa(susa.url) as anyone:
            one = anyone.tracking.get(barcodes[0], lang="en")
            assert (one.status, one.barcode) == ("booked", barcodes[0])
            many = anyone.tracking.many([*barcodes, "064430000000000000000000"])
            assert [result.found for result in many.results] == [True] * 4 + [False]

    def _told(self, post: Susa, barcodes: list[str], tmp_path: Path) -> None:
        """Read by three readers, one after the other, that share nothing but a file."""
        store = FileCursor(tmp_path / "cursor.json")
        seen: list[tuple[int, str, str]] = []
        for stop in (2, 4, 5):
            for event in post.events.follow(store, limit=2):
                seen.append((event.sequence, event.type, event.data["barcode"]))
                if len(seen) == stop:
                    store.save(event.cursor)
                    break
        assert [sequence for sequence, _, _ in seen] == [1, 2, 3, 4, 5]
        booked = [barcode for _, type_, barcode in seen if type_ == "parcel.booked"]
        assert sorted(booked) == sorted(barcodes)
        assert seen[4][1:] == ("parcel.cancelled", barcodes[3])
        assert list(post.events.follow(store, wait_s=None)) == []
        whole = list(post.events.follow(MemoryCursor(), wait_s=None))
        assert [event.sequence for event in whole] == [1, 2, 3, 4, 5]
        assert isinstance(whole[0].told(), ParcelBooked)

    def test_lost_answers_book_nothing_twice(self, susa: Environment, staff: Staff) -> None:
        transport = Losing()
        quick = Retry(first_s=0.001)
        with (
            httpx.Client(transport=transport, timeout=180) as http,
            Susa(susa.url, staff.key(*SHOP), retry=quick, http=http) as post,
        ):
            booked = {post.parcels.book(new_parcel()).barcode for _ in range(5)}
            assert transport.asked == 10
            assert {parcel.barcode for parcel in post.parcels.list()} == booked
            assert len(booked) == 5

    def test_a_complaint(self, susa: Environment, staff: Staff) -> None:
        with Susa(susa.url, staff.key(*SHOP)) as post:
            parcel = post.parcels.book(new_parcel())
        case = NewCase(
            about=AboutParcel(barcode=parcel.barcode),
            category="damage",
            text="بسته شکسته رسید",
            complainant=Complainant(name="مریم احمدی", phone="09123456789"),
        )
        with Susa(susa.url) as anyone:
            filed = anyone.complaints.file(case)
            assert filed.secret not in repr(filed)
            message = NewMessage(text="عکس هم دارم")
            anyone.complaints.write(filed.number, filed.secret, message)
            read = anyone.complaints.get(filed.number, filed.secret)
            assert [m.text for m in read.messages] == [case.text, message.text]
            with pytest.raises(NotFound):
                anyone.complaints.get(filed.number, "x" * 43)

    def test_a_banks_day(self, susa: Environment, staff: Staff) -> None:
        """Signed for with a key that never left this process; every answer given once."""
        account = staff.account("bank")
        private, public = new_key()
        wanted = {"label": "sdk", "scopes": ["payments:execute"], "public_keys": [public]}
        client_id = staff.make(f"/v1/partners/{account}/clients", wanted)["id"]
        _order_to_pay(staff)
        with Susa(susa.url, auth=SignedClient(client_id, key=private)) as bank:
            fetched = bank.payment_orders.fetch(idempotency_key=client_id)
            assert bank.payment_orders.fetch(idempotency_key=client_id) == fetched
            order_ = fetched.orders[-1]
            waiting = list(bank.payment_orders.list(status="fetched", limit=1))
            assert order_ in waiting
            trace = f"T-{uuid.uuid4().hex[:12]}"
            paid = Confirmation(trace_number=trace, amount_rials=order_.amount_rials)
            assert bank.payment_orders.confirm(order_.id, paid).status == "paid"
            line = StatementLine(
                kind="paid",
                reference=order_.reference,
                trace_number=trace,
                amount_rials=order_.amount_rials,
            )
            stated = bank.statements.state(NewStatement(day=PAST, lines=[line]))
            assert (stated.lines, stated.exceptions) == (1, [])
        stranger = SignedClient(client_id, key=new_key()[0])
        with (
            Susa(susa.url, auth=stranger) as post,
            pytest.raises(TokenUnavailable, match="invalid_client"),
        ):
            post.payment_orders.fetch()


def _order_to_pay(staff: Staff) -> None:
    account = staff.account("staff")
    auth = login(staff.url, staff.make, account, [*ALL_SCOPES, "backfill"])
    with httpx.Client(base_url=staff.url, auth=auth, trust_env=False, timeout=180) as http:
        office = http.get("/v1/offices", params={"kind": "agency", "limit": 1}).json()["items"][0]
        till = Till(http, office["code"], account)
        payee = {"partner": account, "sheba": SHEBA, "holder_name": "آزمون", "source": "آزمون"}
        till.send("/v1/payees", {**payee, "valid_from": "2012-03-20"})
        till.ordered()
        assert RIALS > 0


class TestAwaited:
    async def test_news_comes_while_it_is_waited_for(self, susa: Environment, staff: Staff) -> None:
        async with AsyncSusa(susa.url, staff.key(*SHOP)) as post:
            first = await post.parcels.book(new_parcel())
            store = MemoryCursor()
            feed = post.events.follow(store)
            assert (await anext(feed)).data["barcode"] == first.barcode
            waiting = asyncio.ensure_future(anext(feed))
            several = await asyncio.gather(*(post.parcels.book(new_parcel()) for _ in range(3)))
            news = [await waiting, await anext(feed), await anext(feed)]
            assert {one.data["barcode"] for one in news} == {one.barcode for one in several}
            assert [one.sequence for one in news] == [2, 3, 4]
            assert store.cursor == Cursor(3, news[0].cursor.epoch)
            listed = [parcel.barcode async for parcel in post.parcels.list(limit=2)]
            assert len(set(listed)) == 4
            with pytest.raises(NotFound):
                await post.parcels.get("064430000000000000000000")

    async def test_a_bank_signs_here_too(self, susa: Environment, staff: Staff) -> None:
        private, public = new_key()
        wanted = {"label": "sdk", "scopes": ["payments:execute"], "public_keys": [public]}
        made = staff.make(f"/v1/partners/{staff.account('bank')}/clients", wanted)
        async with AsyncSusa(susa.url, auth=SignedClient(made["id"], key=private)) as bank:
            assert [one async for one in bank.payment_orders.list()] == []

    async def test_webhooks(self, susa: Environment, staff: Staff) -> None:
        async with (
            receiving() as receiver,
            AsyncSusa(susa.url, staff.key(*SHOP)) as post,
        ):
            wanted = NewWebhook(url=receiver.url, events=["parcel.*"])
            made = await post.webhooks.register(wanted)
            receiver.secret = made.secret
            assert made.secret not in repr(made)
            parcel = await post.parcels.book(new_parcel())
            await post.webhooks.test(made.id)

            async def both() -> None:
                assert {one["type"] for one in receiver.got} == {"parcel.booked", "webhook.test"}

            await eventually(both)
            assert receiver.forged == []

            async def logged() -> None:
                log = [one async for one in post.webhooks.deliveries(made.id)]
                assert [one.status for one in log] == ["delivered"] * 2

            await eventually(logged)
            log = [one async for one in post.webhooks.deliveries(made.id, limit=1)]
            told = next(one for one in log if one.type == "parcel.booked")
            detail = await post.webhooks.delivery(made.id, told.id)
            headers, body = receiver.raw[receiver.ids.index(str(detail.id))]
            found = verify(body, headers, made.secret)
            assert (found.data["barcode"], found.sequence) == (parcel.barcode, 1)
            now = datetime.now(UTC)
            span = NewReplay(since=now - timedelta(hours=1), until=now, only_missing=True)
            assert (await post.webhooks.replay(made.id, span)).queued == 0
            rotated = await post.webhooks.rotate(made.id, overlap_hours=1)
            assert rotated.secret != made.secret
            changed = await post.webhooks.change(made.id, WebhookChange(disabled=True))
            assert changed.disabled_reason == "partner"
            await post.webhooks.delete(made.id)
            (gone,) = [one async for one in post.webhooks.list()]
            assert gone.disabled_reason == "partner"
