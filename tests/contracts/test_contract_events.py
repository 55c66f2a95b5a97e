"""Parcels' copy of the offices' contracts fits what they tell, and pays as they would."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.offices.contracts import domain as theirs
from services.offices.contracts.schemas import CommissionTerm
from services.offices.contracts.service import EVENTS as TOLD
from services.offices.states import ContractState
from services.parcels.commissions import domain as ours
from services.parcels.commissions.following import EVENTS, ContractPayload, on_contract_events
from services.parcels.vocabulary import PRODUCT_WIRE, Product
from tests.conftest import Serve
from tests.contracts.test_gateway_copies import misfits
from tests.factories.contracts import ask, sign
from tests.factories.offices import add_towns, create

FIRST = date(2019, 3, 21)
RATES = st.tuples(st.integers(0, 10_000), st.none()) | st.tuples(st.none(), st.integers(0, 10**6))
TERMS = st.lists(
    st.tuples(
        st.sampled_from(["all", *PRODUCT_WIRE.values()]),
        st.integers(0, 60),
        st.none() | st.integers(0, 60),
        RATES,
    ),
    max_size=5,
)


def as_term(product: str, start: int, length: int | None, rate: Any) -> dict[str, Any]:
    return {
        "product": product,
        "valid_from": FIRST + timedelta(start),
        "valid_until": None if length is None else FIRST + timedelta(start + length),
        "basis_points": rate[0],
        "rials_per_item": rate[1],
    }


def test_the_copy_fits() -> None:
    own = ContractPayload.model_json_schema()
    they = ContractState.model_json_schema(mode="serialization")
    assert misfits(own, own, they, they, "contract") == []
    assert set(EVENTS) == set(TOLD.values())


@settings(max_examples=60)
@given(TERMS, st.sampled_from(Product), st.integers(0, 10**9), st.integers(0, 90))
def test_parcels_pays_what_offices_agreed(
    drawn: list[tuple[Any, ...]], product: Product, price: int, days: int
) -> None:
    terms = [as_term(*term) for term in drawn]
    wanted = [CommissionTerm(**term) for term in terms]
    if theirs.overlapping(wanted) is not None:
        return  # offices refuse such a contract
    day = FIRST + timedelta(days)
    due = theirs.commission(wanted, product.wire, price, day)  # type: ignore[arg-type]  # its Literal
    contract = ours.Contract(
        "C", FIRST, date(2030, 1, 1), None, tuple(ours.Term(**t) for t in terms)
    )
    found = ours.lines([contract], [ours.Accepted(day, int(product), price, 3)])
    assert [line["commission_rials"] for line in found] == [3 * due.rials]


@pytest.mark.anyio
async def test_what_offices_tell_is_followed(serve: Serve) -> None:
    offices, parcels = await serve("offices"), await serve("parcels")
    await add_towns(offices)
    code = (await create(offices, kind="agency"))["code"]
    made = await sign(offices, code)
    ended = {"on": "2019-06-01", "reason": "پایان همکاری"}
    answer = await ask(offices, "POST", f"/{made['number']}/terminate", ended)
    assert answer.status_code == 200, answer.text
    events = await offices.events(*EVENTS)
    async with parcels.database.transaction() as session:
        await on_contract_events(session, events)
        await on_contract_events(session, events[:1])
    row = await parcels.database.hot.fetchrow("SELECT * FROM office_contract")
    assert (row["number"], row["office"]) == (made["number"], code)
    assert row["terminated_on"] == date(2019, 6, 1)
