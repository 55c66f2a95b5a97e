"""Sharing a whole number out exactly: apportionment by largest remainders (Hamilton's method)."""

from collections.abc import Sequence


def apportion(total: int, weights: Sequence[int]) -> list[int]:
    """Parts that sum to `total` and each lie within one of their exact quota.

    Integer arithmetic throughout; equal remainders go to the earlier part, so the answer never
    depends on floating point or on the order of a dict.
    """
    whole = sum(weights)
    if total < 0 or whole <= 0 or min(weights) < 0:
        raise ValueError("a non-negative total and non-negative weights with a positive sum")
    parts = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: -(total * weights[i] % whole))
    for i in by_remainder[: total - sum(parts)]:
        parts[i] += 1
    return parts
