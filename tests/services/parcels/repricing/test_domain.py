"""What holds of refunds, whatever is recomputed how often."""

from datetime import UTC, datetime
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.parcels.repricing import domain
from services.parcels.repricing.domain import Booked, Charge
from tests.services.parcels.conftest import SHOP

TIMELESS = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
RIALS = st.integers(0, 10**9)


def charge(item_id: int, price: int, due: int) -> Charge:
    at = datetime(2019, 3, 21, tzinfo=UTC)
    facts = (450, 1, "ilam", None, price, "v", 0, 0, at, False, False, None)
    return Charge(Booked(item_id, UUID(SHOP), 3, *facts), due)


@settings(TIMELESS, max_examples=60)
@given(st.lists(RIALS, min_size=1, max_size=4), st.lists(st.tuples(*(RIALS,) * 4), max_size=4))
def test_all_proposals_of_an_item_sum_to_its_greatest_overcharge(
    prices: list[int], runs: list[tuple[int, ...]]
) -> None:
    proposed: dict[int, int] = {}
    for dues in runs:
        charges = [charge(n, price, dues[n]) for n, price in enumerate(prices)]
        step = domain.refunds(charges, proposed)
        assert all(rials > 0 for rials in step.values())
        totals = domain.totals(len(charges), len(charges), charges, step)
        assert totals.over_rials - totals.under_rials == sum(c.difference for c in charges)
        assert totals.refunds_rials <= totals.over_rials
        for n, rials in step.items():
            proposed[n] = proposed.get(n, 0) + rials
    for n, price in enumerate(prices):
        assert proposed.get(n, 0) == max([0, *(price - dues[n] for dues in runs)])
