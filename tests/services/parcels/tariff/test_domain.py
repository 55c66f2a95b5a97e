"""What holds of every price."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import cast

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.parcels.tariff import domain
from services.parcels.tariff.domain import (
    Consignment,
    Distance,
    Place,
    Rate,
    Size,
    Surcharge,
    SurchargeKind,
    Version,
)
from services.parcels.vocabulary import Product

TIMELESS = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
RIALS = st.integers(0, 10**10)
VALUED = st.builds(Surcharge, RIALS, st.integers(0, 10_000), RIALS, st.none(), st.none())
LIMITED = st.builds(
    Surcharge, RIALS, st.just(0), st.just(0), st.integers(1, 6_000), st.integers(1, 20_000)
)
SURCHARGES = st.fixed_dictionaries(
    {},
    optional={
        "declared_value": VALUED,
        "cod": VALUED,
        "advice_of_delivery": LIMITED,
        "pickup": LIMITED,
        "oversize": LIMITED,
    },
)
SIZES = st.none() | st.builds(Size, *(st.integers(1, 5_000),) * 3)
CONSIGNMENTS = st.builds(
    Consignment,
    st.just(Product.PISHTAZ),
    st.integers(1, 30_000),
    st.sampled_from([Distance.URBAN, Distance.INTRA_PROVINCE]),
    RIALS,
    RIALS,
    st.booleans(),
    st.booleans(),
    SIZES,
)


@st.composite
def versions(draw: st.DrawFn) -> Version:
    """Steps in order of weight and price, the heaviest with a price per further kilogram."""
    weights = sorted(draw(st.sets(st.integers(1, 30_000), min_size=1, max_size=5)))
    prices = sorted(draw(st.lists(RIALS, min_size=len(weights), max_size=len(weights))))
    rates = [Rate(g, p, None) for g, p in zip(weights, prices, strict=True)]
    rates[-1] = Rate(weights[-1], prices[-1], draw(st.integers(1, 10**6)))
    keys = draw(
        st.sampled_from([(Distance.INTRA_PROVINCE,), (Distance.URBAN, Distance.INTRA_PROVINCE)])
    )
    return Version(
        "v",
        datetime(2019, 1, 1, tzinfo=UTC),
        draw(st.booleans()),
        {(Product.PISHTAZ, key): rates for key in keys},
        cast("Mapping[SurchargeKind, Surcharge]", draw(SURCHARGES)),
    )


@settings(TIMELESS, max_examples=60)
@given(versions(), CONSIGNMENTS, st.integers(0, 2_000))
def test_a_price_is_the_sum_of_its_lines_and_vat_is_its_share(
    version: Version, wanted: Consignment, vat: int
) -> None:
    price = domain.price(version, wanted, vat)
    amounts = {line.code: line.amount_rials for line in price.lines}
    assert len(amounts) == len(price.lines)
    assert price.rials == sum(amounts.values())
    assert min(amounts.values()) >= 0
    net = price.rials - amounts.get("vat", 0)
    assert abs(amounts.get("vat", 0) * 10_000 - net * vat * version.adds_vat) <= 5_000


@settings(TIMELESS, max_examples=60)
@given(versions(), CONSIGNMENTS, st.integers(1, 30_000), RIALS, RIALS)
def test_more_never_costs_less(
    version: Version, wanted: Consignment, weight_g: int, declared: int, cod: int
) -> None:
    """Neither a heavier item, nor one declared dearer, nor one with more to collect."""
    more = Consignment(
        wanted.product,
        max(wanted.weight_g, weight_g),
        wanted.distance,
        max(wanted.declared_value_rials, declared),
        max(wanted.cod_rials, cod),
        wanted.advice_of_delivery,
        wanted.pickup,
        wanted.size,
    )
    assert domain.price(version, more, 900).rials >= domain.price(version, wanted, 900).rials


@settings(TIMELESS, max_examples=40)
@given(st.permutations([120, 340, 900]), st.integers(900, 1_500), st.integers(1_500, 2_500))
def test_oversize_does_not_ask_how_the_item_is_turned(
    sides: list[int], longest: int, girth: int
) -> None:
    limits = Surcharge(1, 0, 0, longest, girth)
    assert domain.is_oversize(limits, Size(*sides)) == (girth < 900 + 2 * (120 + 340))


def test_distance_classes() -> None:
    ahvaz = Place("khuzestan", "ahvaz")
    for destination, expected in (
        (ahvaz, Distance.URBAN),
        (Place("khuzestan", "dezful"), Distance.INTRA_PROVINCE),
        (Place("khuzestan"), Distance.INTRA_PROVINCE),
        (Place("ilam", "ahvaz"), Distance.ADJACENT),
        (Place("tehran"), Distance.OTHER),
        (Place(None), Distance.INTERNATIONAL),
    ):
        assert domain.distance_class(ahvaz, destination) is expected
    assert domain.distance_class(Place("khuzestan"), Place("khuzestan")) is Distance.INTRA_PROVINCE
