"""Use cases of the maps: offices and places as GeoJSON, a page at a time."""

from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from services.offices.coverage.repository import Wanted, check_service
from services.offices.maps import domain, repository
from services.offices.maps.domain import Box
from services.offices.maps.repository import PlaceOnMap
from services.offices.maps.schemas import FeatureCollection, OfficeProperties, PlaceProperties
from services.offices.registry.models import Office
from shared import pagination
from shared.errors import Invalid
from shared.pagination import Page

OFFICES_MAX: Final = 99_999


async def offices(
    session: AsyncSession, wanted: Wanted, county: str | None, bbox: str | None, page: Page
) -> FeatureCollection[OfficeProperties]:
    """Active offices by number."""
    after = min(page.after_int() or 0, OFFICES_MAX)
    box = _box(bbox)
    await check_service(session, wanted.service)
    rows = await repository.offices(session, wanted, county, box, after=after, limit=page.limit + 1)
    shown, following = pagination.cut(rows, page, lambda office: [office.id])
    return FeatureCollection[OfficeProperties].model_validate(
        _collection([_office(office) for office in shown], following)
    )


async def towns(
    session: AsyncSession, wanted: Wanted, county: str | None, bbox: str | None, page: Page
) -> FeatureCollection[PlaceProperties]:
    """Places by slug."""
    after = page.after_text() or ""
    box = _box(bbox)
    await check_service(session, wanted.service)
    rows = await repository.towns(session, wanted, county, box, after=after, limit=page.limit + 1)
    shown, following = pagination.cut(rows, page, lambda place: [place.town.slug])
    return FeatureCollection[PlaceProperties].model_validate(
        _collection([_place(place) for place in shown], following)
    )


def _box(text: str | None) -> Box | None:
    try:
        return None if text is None else domain.parse_box(text)
    except ValueError as error:
        raise Invalid.field("query.bbox", str(error)) from None


def _collection(features: list[dict[str, Any]], following: str | None) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": features, "next": following}


def _feature(
    key: str, latitude: float, longitude: float, properties: dict[str, Any]
) -> dict[str, Any]:
    return {
        "type": "Feature",
        "id": key,
        "geometry": {"type": "Point", "coordinates": (longitude, latitude)},
        "properties": properties,
    }


def _office(office: Office) -> dict[str, Any]:
    names = OfficeProperties.model_fields
    properties = {name: getattr(office, name) for name in names}
    return _feature(office.code, office.latitude, office.longitude, properties)


def _place(place: PlaceOnMap) -> dict[str, Any]:
    town = place.town
    properties = {
        "name": town.name,
        "name_en": town.name_en,
        "county": town.county,
        "population": town.population,
        "seat": town.seat,
        "nearest_office": place.office,
        "distance_m": None if place.metres is None else round(place.metres),
    }
    return _feature(town.slug, town.latitude, town.longitude, properties)
