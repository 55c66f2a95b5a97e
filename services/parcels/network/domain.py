"""Which centre sorts for an office, and which office delivers to a town. Pure."""

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from shared.text import fold_search

if TYPE_CHECKING:
    from services.parcels.network.repository import OfficeRow

CENTRE: Final = "sorting_centre"
_DELIVERING: Final = ("post_office", "rural_ict", "agency", "pishkhan")
"""Kinds that deliver in a town, the first that it has: the state's own office before the others."""


class Places:
    """The offices of a replica by what routes ask of them."""

    def __init__(self, offices: Sequence["OfficeRow"]) -> None:
        self.by_code = {office.code: office for office in offices}
        self._codes = {office.id: office.code for office in offices}
        centres = [o for o in offices if o.kind == CENTRE and o.active]
        self.centres = sorted(office.code for office in centres)
        self.centre_of = {
            office.code: centre
            for office in offices
            if office.kind != CENTRE and (centre := self._centre(office, centres)) is not None
        }
        self._delivering = _delivering(offices)

    def _centre(self, office: "OfficeRow", centres: Sequence["OfficeRow"]) -> str | None:
        """The assigned one; where none is known that works, the nearest in the province."""
        assigned = self.by_code.get(office.sorting_centre or "")
        if assigned is not None and assigned.active and assigned.kind == CENTRE:
            return assigned.code
        near = [centre for centre in centres if centre.province == office.province]
        return min(near, key=lambda c: (_apart(c, office), c.code)).code if near else None

    def code_of(self, office_id: int | None) -> str | None:
        return self._codes.get(office_id or 0)

    def centre(self, office: str) -> str | None:
        """The centre that sorts for an office; of a centre, itself."""
        return self.centre_of.get(office) or (office if office in self.centres else None)

    def delivery_office(self, province: str | None, town: str | None) -> str | None:
        """That delivers to a town, written by its slug or its name; None if we have none there."""
        if province is None or town is None:
            return None
        return self._delivering.get((province, fold_search(town)))

    def towns(self) -> list[tuple[str, str, str]]:
        """Province, town as `delivery_office` knows it (folded), its delivery office."""
        return [(*key, code) for key, code in self._delivering.items()]


def _apart(a: "OfficeRow", b: "OfficeRow") -> float:
    """Order of distances as the crow flies (haversine)."""
    lat_a, lon_a, lat_b, lon_b = map(
        math.radians, (a.latitude, a.longitude, b.latitude, b.longitude)
    )
    east = math.cos(lat_a) * math.cos(lat_b) * math.sin((lon_b - lon_a) / 2) ** 2
    return math.sin((lat_b - lat_a) / 2) ** 2 + east


def _delivering(offices: Iterable["OfficeRow"]) -> dict[tuple[str, str], str]:
    able = [office for office in offices if office.active and office.kind in _DELIVERING]
    able.sort(key=lambda office: (_DELIVERING.index(office.kind), office.id))
    found: dict[tuple[str, str], str] = {}
    for office in able:
        for name in (office.town, office.town_name):
            found.setdefault((office.province, fold_search(name)), office.code)
    return found
