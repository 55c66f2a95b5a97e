"""Whatever is taken, counted, ordered and taken back: accounts hold what they should hold."""

import uuid
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from services.parcels.cod import domain
from services.parcels.cod.domain import End, Place, Taking
from services.parcels.drawers.domain import Count, Movement, closed, handed_in
from services.parcels.settlements.domain import left_over
from tests.conftest import START

SHOPS = [uuid.UUID(int=n) for n in (1, 2)]
COURIERS = ("A", "B", None)
OFFICES = (1, 2)


@dataclass
class Post:
    """The rules put together over dictionaries, as the use cases do over tables."""

    takings: dict[tuple[int, int], Taking] = field(default_factory=dict)
    carried: Counter[str] = field(default_factory=Counter)
    balances: Counter[str] = field(default_factory=Counter)
    orders: list[tuple[uuid.UUID, int, list[tuple[int, int]]]] = field(default_factory=list)

    def newest(self) -> dict[int, Taking]:
        found: dict[int, Taking] = {}
        for item, number in sorted(self.takings):
            found[item] = self.takings[item, number]
        return found

    def transfer(self, debit: str, credit: str, amount: int) -> None:
        self.balances[debit] += amount
        self.balances[credit] -= amount

    def at(self, place: Place, holder: str | int | uuid.UUID) -> list[tuple[int, int]]:
        return [
            key
            for key, t in self.takings.items()
            if t.place is place and holder in {t.collector, t.office, t.partner}
        ]

    def put(self, keys: list[tuple[int, int]], place: Place, office: int | None = None) -> int:
        for key in keys:
            taking = self.takings[key]
            self.takings[key] = replace(taking, place=place, office=office or taking.office)
        return sum(self.takings[key].amount_rials for key in keys)

    def follow(self, end: End) -> None:
        plan = domain.plan([end], self.newest())
        before = self.newest().get(end.item_id)
        if end.event_id and before and not before.is_where_taken:
            assert (plan == domain.Plan()) == (before.place is not Place.REVERSED)
        for old in plan.reversals:
            self.transfer(domain.shop_account(old.partner), old.holder, old.amount_rials)
            self.carried.update(domain.carries(old))
            gone = replace(old, place=Place.REVERSED)
            self.takings[old.item_id, old.taking] = gone
        for taken, number in plan.takings:
            assert taken.event_id is not None
            place = Place.COURIER if taken.collector else Place.OFFICE
            made = Taking(
                taken.item_id,
                number,
                taken.partner,
                taken.amount_rials,
                taken.event_id,
                taken.office,
                taken.collector,
                place,
            )
            self.takings[taken.item_id, number] = made
            self.transfer(made.holder, domain.shop_account(made.partner), made.amount_rials)
        assert domain.plan([end], self.newest()) == domain.Plan()

    def moved(self, moves: list[Movement], carries: dict[str, int]) -> None:
        for move in moves:
            assert move.amount_rials > 0
            self.transfer(move.debit, move.credit, move.amount_rials)
        self.carried.update(carries)

    def hand_in(self, courier: str, office: int, lacking: int) -> None:
        account, drawer = domain.courier_account(courier), domain.office_account(office)
        taken = self.put(self.at(Place.COURIER, courier), Place.OFFICE, office)
        counted = max(taken + self.carried[account] - lacking, 0)
        moves, carries = handed_in(Count(taken, self.carried[account], counted), account, drawer)
        self.moved(moves, dict(carries))

    def close(self, office: int, lacking: int) -> None:
        drawer = domain.office_account(office)
        taken = self.put(self.at(Place.OFFICE, office), Place.DUE)
        counted = max(taken + self.carried[drawer] - lacking, 0)
        count = Count(taken, self.carried[drawer], counted)
        moves, carries = closed(count, drawer, domain.COLLECTED, f"difference/{office}")
        self.moved(moves, dict(carries))
        assert self.balances[drawer] == 0

    def order(self, shop: uuid.UUID) -> None:
        account = domain.shop_account(shop)
        keys = self.at(Place.DUE, shop)
        amount = sum(self.takings[key].amount_rials for key in keys) + self.carried[account]
        if amount > 0:
            self.put(keys, Place.ORDERED)
            self.orders.append((shop, amount, keys))
            self.carried[account] = 0

    def day(self, lacking: int) -> None:
        """Everybody counts, and what is due is ordered."""
        for courier in ("A", "B"):
            self.hand_in(courier, 1, lacking)
        for office in OFFICES:
            self.close(office, 0)
        for shop in SHOPS:
            self.order(shop)

    def answer(self, *, paid: bool) -> None:
        if not self.orders:
            return
        shop, amount, keys = self.orders.pop(0)
        standing = [key for key in keys if self.takings[key].place is Place.ORDERED]
        if paid:
            self.put(standing, Place.PAID)
            self.transfer(domain.shop_account(shop), domain.COLLECTED, amount)
        else:
            again = self.put(standing, Place.DUE)
            self.carried[domain.shop_account(shop)] += left_over(amount, again)

    def check(self) -> None:
        """Each account holds its takings and what it carries; all of them sum to nothing."""
        held: defaultdict[str, int] = defaultdict(int)
        for t in self.takings.values():
            if t.place is Place.COURIER:
                held[t.holder] += t.amount_rials
            if t.place is Place.OFFICE:
                held[domain.office_account(t.office)] += t.amount_rials
            if t.place in {Place.COURIER, Place.OFFICE, Place.DUE}:
                held[domain.shop_account(t.partner)] -= t.amount_rials
        for shop, amount, _ in self.orders:
            held[domain.shop_account(shop)] -= amount
        for account, carried in self.carried.items():
            held[account] += -carried if account.startswith("cod/shop") else carried
        ours = {a for a in self.balances if a.startswith(("cod/courier", "cod/office", "cod/shop"))}
        assert {a: self.balances[a] for a in ours} == {a: held[a] for a in ours}
        assert all(held[account] == 0 for account in held.keys() - ours)
        assert sum(self.balances.values()) == 0


def ends() -> st.SearchStrategy[End]:
    """An item's shop and amount are its own; who delivered it when, if at all, may change."""
    return st.builds(
        lambda item, event, office, collector: End(
            item,
            SHOPS[item % 2],
            100 * (item + 1),
            None if event is None else uuid.UUID(int=event),
            START,
            office,
            collector,
        ),
        st.integers(0, 2),
        st.none() | st.integers(1, 3),
        st.sampled_from(OFFICES),
        st.sampled_from(COURIERS),
    )


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("follow"), ends()),
        st.tuples(
            st.just("hand_in"),
            st.sampled_from(("A", "B")),
            st.sampled_from(OFFICES),
            st.integers(-50, 50),
        ),
        st.tuples(st.just("close"), st.sampled_from(OFFICES), st.integers(-50, 50)),
        st.tuples(st.just("order"), st.sampled_from(SHOPS)),
        st.tuples(st.just("day"), st.integers(-50, 50)),
        st.tuples(st.just("answer"), st.booleans()),
    ),
    max_size=30,
)


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_every_rial_is_in_one_place_after_every_step(steps: list[tuple[object, ...]]) -> None:
    post = Post()
    for what, *given_ in steps:
        if what == "answer":
            post.answer(paid=bool(given_[0]))
        else:
            getattr(post, str(what))(*given_)
        post.check()
        live = Counter(
            item for (item, _), t in post.takings.items() if t.place is not Place.REVERSED
        )
        assert all(count == 1 for count in live.values())


def test_whose_delivery_may_have_changed() -> None:
    """A scan that leaves an item undelivered concerns nobody's cash; a correction always may."""
    moved = {"barcode": "1", "event": "arrival", "status": "in_transit", "previous": "accepted"}
    gone = {"barcode": "2", "event": "arrival", "status": "returned", "previous": "delivered"}
    again = {"barcode": "3", "event": "delivered", "status": "returned", "previous": "returned"}
    assert domain.touched([moved, gone, again], corrected=False) == {"2", "3"}
    assert domain.touched([moved, gone, again], corrected=True) == {"1", "2", "3"}
