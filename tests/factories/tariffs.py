"""Tariffs for tests: round prices, so that a reader can sum."""

from typing import Any

PRODUCTS = ("adi", "sefareshi", "pishtaz", "vijeh", "amanat", "matbu")
PRICES = {"intra_province": 50_000, "adjacent": 70_000, "other": 90_000}
SURCHARGES = [
    {
        "kind": "declared_value",
        "fixed_rials": 1_000,
        "basis_points": 50,
        "free_up_to_rials": 8_000_000,
    },
    {"kind": "cod", "fixed_rials": 5_000, "basis_points": 100},
    {"kind": "advice_of_delivery", "fixed_rials": 6_000},
    {"kind": "pickup", "fixed_rials": 20_000},
    {"kind": "oversize", "fixed_rials": 30_000, "longest_mm_max": 1_000, "girth_mm_max": 2_000},
]


def rate(product: str, distance: str, grams: int, price: int, **more: int) -> dict[str, Any]:
    return {
        "product": product,
        "distance_class": distance,
        "max_weight_g": grams,
        "price_rials": price,
        **more,
    }


def rates(*, times: int = 1, products: tuple[str, ...] = PRODUCTS) -> list[dict[str, Any]]:
    """Two steps a product and class, each kilogram beyond at 10,000; all `times` as dear."""
    return [
        step
        for product in products
        for distance, price in PRICES.items()
        for step in (
            rate(product, distance, 500, price * times),
            rate(product, distance, 1000, price * times + 10_000, per_kg_rials=10_000),
        )
    ]


def draft(code: str = "1398-02", valid_from: str = "2019-04-21", **changes: Any) -> dict[str, Any]:
    return {
        "code": code,
        "valid_from": valid_from,
        "source": "تصویب‌نامهٔ آزمایشی",
        "adds_vat": False,
        "rates": rates(),
        "surcharges": [],
    } | changes
