"""Boxes on the map. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Box:
    """RFC 7946, section 5: degrees; `west` above `east` crosses the antimeridian."""

    west: float
    south: float
    east: float
    north: float


def parse_box(text: str) -> Box:
    """`west,south,east,north` in degrees; ValueError says what is wrong."""
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise ValueError("write a box as west,south,east,north in degrees") from None
    if not (-180 <= west <= 180 and -180 <= east <= 180):  # false for NaN too
        raise ValueError("west and east lie between -180 and 180")
    if not -90 <= south <= north <= 90:
        raise ValueError("south and north lie between -90 and 90, the south first")
    return Box(west, south, east, north)
