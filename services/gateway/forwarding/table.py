"""Every operation that the gateway forwards, and how a request finds its own. No catch-all.

`tests/contracts/test_route_table.py` pins this table to the sisters' documents.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

PUBLIC: Final = "public"


@dataclass(frozen=True, slots=True)
class Route:
    """`scope`: what the caller's key must hold, or `public`. `slow`: a batch, given more time."""

    method: str
    template: str
    service: str
    scope: str
    slow: bool = False


def _of(service: str, *operations: tuple[str, str, str]) -> Iterable[Route]:
    return (Route(method, template, service, scope) for method, template, scope in operations)


ROUTES: Final[tuple[Route, ...]] = (
    *_of(
        "offices",
        ("GET", "/v1/towns", PUBLIC),
        ("GET", "/v1/offices", PUBLIC),
        ("POST", "/v1/offices", "offices:write"),
        ("GET", "/v1/offices/nearest", PUBLIC),
        ("GET", "/v1/offices/search", PUBLIC),
        ("GET", "/v1/offices/{code}", PUBLIC),
        ("PATCH", "/v1/offices/{code}", "offices:write"),
        ("POST", "/v1/offices/{code}/suspend", "offices:write"),
        ("POST", "/v1/offices/{code}/reopen", "offices:write"),
        ("POST", "/v1/offices/{code}/close", "offices:write"),
        ("POST", "/v1/offices/{code}/convert", "offices:write"),
        ("POST", "/v1/offices/{code}/relocate", "offices:write"),
        ("POST", "/v1/offices/{code}/transfer", "offices:write"),
        ("DELETE", "/v1/offices/{code}/plans/{change}", "offices:write"),
        ("GET", "/v1/offices/{code}/history", "offices:write"),
        ("GET", "/v1/offices/{code}/holders", "licensing:read"),
        ("GET", "/v1/offices/{code}/area", PUBLIC),
        ("PUT", "/v1/offices/{code}/area", "offices:write"),
        ("GET", "/v1/offices/{code}/opening", PUBLIC),
        ("GET", "/v1/offices/{code}/exceptions", PUBLIC),
        ("PUT", "/v1/offices/{code}/exceptions/{day}", "offices:write"),
        ("DELETE", "/v1/offices/{code}/exceptions/{day}", "offices:write"),
        ("GET", "/v1/holidays", PUBLIC),
        ("GET", "/v1/holidays/{day}", PUBLIC),
        ("PUT", "/v1/holidays/{day}", "offices:write"),
        ("DELETE", "/v1/holidays/{day}", "offices:write"),
        ("GET", "/v1/areas/overlaps", PUBLIC),
        ("GET", "/v1/areas/of/{postal_code}", PUBLIC),
        ("GET", "/v1/coverage", "reports:read"),
        ("GET", "/v1/coverage/worst", "reports:read"),
        ("POST", "/v1/coverage/what-if", "reports:read"),
        ("GET", "/v1/coverage/saturation", "reports:read"),
        ("GET", "/v1/coverage/savings", "reports:read"),
        ("GET", "/v1/applications/{application_id}/saturation", "licensing:read"),
        ("GET", "/v1/offices.geojson", PUBLIC),
        ("GET", "/v1/places.geojson", PUBLIC),
        ("GET", "/hsds/", PUBLIC),
        ("GET", "/hsds/organizations", PUBLIC),
        ("GET", "/hsds/organizations/{organization_id}", PUBLIC),
        ("GET", "/hsds/services", PUBLIC),
        ("GET", "/hsds/services/{service_id}", PUBLIC),
        ("GET", "/hsds/service_at_locations", PUBLIC),
        ("GET", "/hsds/service_at_locations/{service_at_location_id}", PUBLIC),
        ("GET", "/v1/principals", PUBLIC),
        ("POST", "/v1/principals", "catalogue:write"),
        ("GET", "/v1/principals/{slug}", PUBLIC),
        ("PATCH", "/v1/principals/{slug}", "catalogue:write"),
        ("GET", "/v1/services", PUBLIC),
        ("POST", "/v1/services", "catalogue:write"),
        ("GET", "/v1/services/near", PUBLIC),
        ("GET", "/v1/services/{code}", PUBLIC),
        ("PATCH", "/v1/services/{code}", "catalogue:write"),
        ("POST", "/v1/services/{code}/prices", "catalogue:write"),
        ("GET", "/v1/service-rules", PUBLIC),
        ("POST", "/v1/service-rules", "catalogue:write"),
        ("GET", "/v1/service-rules/breaches", "reports:read"),
        ("GET", "/v1/service-rules/{rule_id}", PUBLIC),
        ("POST", "/v1/service-rules/{rule_id}/end", "catalogue:write"),
        ("GET", "/v1/offices/{code}/offerings", PUBLIC),
        ("POST", "/v1/offices/{code}/offerings", "catalogue:write"),
        ("PUT", "/v1/offices/{code}/offerings", "catalogue:write"),
        ("POST", "/v1/offices/{code}/offerings/{offering_id}/end", "catalogue:write"),
        ("GET", "/v1/offices/{code}/performed", "services:record"),
        ("POST", "/v1/services/performed/{record_id}/reverse", "services:record"),
        ("GET", "/v1/statistics/services", "reports:read"),
        ("GET", "/v1/contracts", "licensing:read"),
        ("POST", "/v1/contracts", "licensing:write"),
        ("GET", "/v1/contracts/{number}", "licensing:read"),
        ("PATCH", "/v1/contracts/{number}", "licensing:write"),
        ("POST", "/v1/contracts/{number}/terminate", "licensing:write"),
        ("POST", "/v1/contracts/{number}/renew", "licensing:write"),
        ("GET", "/v1/contracts/{number}/versions", "licensing:read"),
        ("GET", "/v1/contracts/{number}/commission", "licensing:read"),
        ("GET", "/v1/contracts/{number}/party", "licensing:read"),
        ("PUT", "/v1/contracts/{number}/party", "licensing:write"),
        ("GET", "/v1/offices/{code}/membership", PUBLIC),
        ("GET", "/v1/associations", PUBLIC),
        ("POST", "/v1/associations", "associations:write"),
        ("GET", "/v1/associations/{association_id}", PUBLIC),
        ("PATCH", "/v1/associations/{association_id}", "associations:write"),
        ("GET", "/v1/associations/{association_id}/members", PUBLIC),
        ("POST", "/v1/associations/{association_id}/members", "associations:write"),
        (
            "POST",
            "/v1/associations/{association_id}/members/{membership_id}/end",
            "associations:write",
        ),
        ("GET", "/v1/associations/{association_id}/representatives", "associations:write"),
        ("POST", "/v1/associations/{association_id}/representatives", "associations:write"),
        (
            "POST",
            "/v1/associations/{association_id}/representatives/{representative_id}/end",
            "associations:write",
        ),
        (
            "POST",
            "/v1/associations/{association_id}/representatives/{representative_id}/erase",
            "associations:write",
        ),
        ("GET", "/v1/workforce/vocabulary", PUBLIC),
        ("GET", "/v1/workforce/people", "workforce:read"),
        ("POST", "/v1/workforce/people", "workforce:write"),
        ("GET", "/v1/workforce/people/{personnel_number}", "workforce:read"),
        ("PATCH", "/v1/workforce/people/{personnel_number}", "workforce:write"),
        ("POST", "/v1/workforce/people/{personnel_number}/assignments", "workforce:write"),
        (
            "POST",
            "/v1/workforce/people/{personnel_number}/assignments/{assignment_id}/end",
            "workforce:write",
        ),
        (
            "POST",
            "/v1/workforce/people/{personnel_number}/assignments/{assignment_id}/void",
            "workforce:write",
        ),
        ("POST", "/v1/workforce/people/{personnel_number}/end", "workforce:write"),
        ("POST", "/v1/workforce/people/{personnel_number}/erase", "workforce:write"),
        ("GET", "/v1/workforce/people/{personnel_number}/certificates", "workforce:read"),
        ("GET", "/v1/workforce/courses", "workforce:read"),
        ("POST", "/v1/workforce/courses", "workforce:write"),
        ("PATCH", "/v1/workforce/courses/{course}", "workforce:write"),
        ("GET", "/v1/workforce/certificates", "workforce:read"),
        ("POST", "/v1/workforce/certificates", "workforce:write"),
        ("POST", "/v1/workforce/certificates/{certificate_id}/withdraw", "workforce:write"),
        ("GET", "/v1/statistics/workforce", "reports:read"),
        ("GET", "/v1/licences", "licensing:read"),
        ("GET", "/v1/licences/{licence_id}", "licensing:read"),
        ("GET", "/v1/licences/{licence_id}/decisions", "licensing:read"),
        ("POST", "/v1/licences/{licence_id}/decisions", "licensing:decide"),
        ("POST", "/v1/licences/{licence_id}/records", "licensing:write"),
        ("POST", "/v1/licences/{licence_id}/agenda", "licensing:write"),
        ("POST", "/v1/applications", "licensing:write"),
        ("GET", "/v1/applications", "licensing:read"),
        ("GET", "/v1/applications/{application_id}", "licensing:read"),
        ("GET", "/v1/applications/{application_id}/decisions", "licensing:read"),
        ("POST", "/v1/applications/{application_id}/decisions", "licensing:decide"),
        ("POST", "/v1/applications/{application_id}/steps", "licensing:write"),
        ("POST", "/v1/applications/{application_id}/agenda", "licensing:write"),
        ("POST", "/v1/applications/{application_id}/inquiries", "licensing:write"),
        ("GET", "/v1/inquiries", "licensing:read"),
        ("POST", "/v1/inquiries/{inquiry_id}/answer", "licensing:write"),
        ("GET", "/v1/inquiry-terms", "licensing:read"),
        ("PUT", "/v1/inquiry-terms/{kind}", "licensing:write"),
        ("GET", "/v1/working-group/seats", "licensing:read"),
        ("PUT", "/v1/working-group/seats/{seat}", "licensing:write"),
        ("POST", "/v1/working-group/compositions", "licensing:write"),
        ("GET", "/v1/working-group/compositions", "licensing:read"),
        ("GET", "/v1/working-group/compositions/{composition_id}", "licensing:read"),
        ("POST", "/v1/working-group/members", "licensing:write"),
        ("GET", "/v1/working-group/members", "licensing:read"),
        ("POST", "/v1/working-group/members/{member_id}/leave", "licensing:write"),
        ("POST", "/v1/working-group/meetings", "licensing:write"),
        ("GET", "/v1/working-group/meetings", "licensing:read"),
        ("GET", "/v1/working-group/meetings/{meeting_id}", "licensing:read"),
        ("POST", "/v1/working-group/meetings/{meeting_id}/open", "licensing:write"),
        ("POST", "/v1/working-group/meetings/{meeting_id}/close", "licensing:write"),
        ("PUT", "/v1/working-group/meetings/{meeting_id}/attendance/{seat}", "licensing:write"),
        ("POST", "/v1/working-group/meetings/{meeting_id}/minutes", "licensing:write"),
        ("GET", "/v1/working-group/meetings/{meeting_id}/minutes", "licensing:read"),
        ("POST", "/v1/working-group/items/{item_id}/stakes", "licensing:write"),
        ("POST", "/v1/working-group/items/{item_id}/votes", "licensing:decide"),
        ("POST", "/v1/working-group/items/{item_id}/decide", "licensing:decide"),
    ),
    Route("POST", "/v1/services/performed", "offices", "services:record", slow=True),
    Route("POST", "/v1/licences/import", "offices", "licensing:decide", slow=True),
    *_of(
        "parcels",
        ("GET", "/v1/tariffs", PUBLIC),
        ("GET", "/v1/tariffs/{code}", PUBLIC),
        ("GET", "/v1/tariff-drafts", "tariff:write"),
        ("POST", "/v1/tariff-drafts", "tariff:write"),
        ("GET", "/v1/tariff-drafts/{code}", "tariff:write"),
        ("PUT", "/v1/tariff-drafts/{code}", "tariff:write"),
        ("DELETE", "/v1/tariff-drafts/{code}", "tariff:write"),
        ("POST", "/v1/tariff-drafts/{code}/publish", "tariff:write"),
        ("GET", "/v1/vat-rates", PUBLIC),
        ("POST", "/v1/vat-rates", "tariff:write"),
        ("GET", "/v1/quotes", PUBLIC),
        ("POST", "/v1/quotes", PUBLIC),
        ("GET", "/v1/quotes/{quote_id}", "parcels:book"),
        ("GET", "/v1/recomputations", "tariff:write"),
        ("POST", "/v1/recomputations", "tariff:write"),
        ("GET", "/v1/recomputations/{run_id}", "tariff:write"),
        ("GET", "/v1/recomputations/{run_id}/charges", "tariff:write"),
        ("GET", "/v1/refund-proposals", "tariff:write"),
        ("GET", "/v1/parcels", "parcels:read"),
        ("POST", "/v1/parcels", "parcels:book"),
        ("GET", "/v1/parcels/{barcode}", "parcels:read"),
        ("POST", "/v1/parcels/{barcode}/cancel", "parcels:book"),
        ("GET", "/v1/parcels/{barcode}/epcis", "parcels:read"),
        ("GET", "/v1/operators", "scans:write"),
        ("POST", "/v1/operators", "transport:write"),
        ("GET", "/v1/operators/{operator}", "scans:write"),
        ("POST", "/v1/operators/{operator}/end", "transport:write"),
        ("GET", "/v1/dispatches", "scans:write"),
        ("POST", "/v1/dispatches", "scans:write"),
        ("GET", "/v1/dispatches/{dispatch_id}", "scans:write"),
        ("POST", "/v1/dispatches/{dispatch_id}/bags", "scans:write"),
        ("POST", "/v1/dispatches/{dispatch_id}/close", "scans:write"),
        ("POST", "/v1/dispatches/{dispatch_id}/handover", "scans:write"),
        ("GET", "/v1/pre-advices", "scans:write"),
        ("POST", "/v1/pre-advices", "scans:write"),
        ("GET", "/v1/pre-advices/{advice_id}", "scans:write"),
        ("GET", "/v1/pre-advices/{advice_id}/items", "scans:write"),
        ("GET", "/v1/bags", "scans:write"),
        ("POST", "/v1/bags", "scans:write"),
        ("GET", "/v1/bags/{bag}", "scans:write"),
        ("GET", "/v1/bags/{bag}/items", "scans:write"),
        ("GET", "/v1/parcels/{barcode}/label", "parcels:read"),
        ("GET", "/v1/tracking/{barcode}", PUBLIC),
        ("POST", "/v1/tracking", PUBLIC),
        ("GET", "/v1/statistics/volumes", "reports:read"),
        ("GET", "/v1/statistics/tasks", "reports:read"),
        ("GET", "/v1/statistics/counted", "reports:read"),
        ("GET", "/v1/counted", "scans:write"),
        ("GET", "/v1/counted/{consignment_id}", "scans:write"),
        ("POST", "/v1/counted/{consignment_id}/reverse", "scans:write"),
        ("GET", "/v1/statistics/volumes/items", "reports:read"),
    ),
    Route("POST", "/v1/labels", "parcels", "parcels:read", slow=True),
    Route("POST", "/v1/offices/import", "offices", "offices:write", slow=True),
    Route("GET", "/v1/offices/export", "offices", "offices:write", slow=True),
    Route("POST", "/v1/workforce/people/import", "offices", "workforce:write", slow=True),
    Route("POST", "/v1/parcels/batch", "parcels", "parcels:book", slow=True),
    Route("POST", "/v1/scans", "parcels", "scans:write", slow=True),
    Route("POST", "/v1/counted", "parcels", "scans:write", slow=True),
    Route("POST", "/v1/bag-scans", "parcels", "scans:write", slow=True),
    Route("POST", "/v1/bags/{bag}/items", "parcels", "scans:write", slow=True),
    Route("POST", "/v1/bags/{bag}/openings", "parcels", "scans:write", slow=True),
    *_of(
        "complaints",
        ("GET", "/v1/complaints", "complaints:read"),
        ("POST", "/v1/complaints", PUBLIC),
        ("GET", "/v1/complaints/{number}", PUBLIC),
        ("POST", "/v1/complaints/{number}/messages", PUBLIC),
        ("POST", "/v1/complaints/{number}/answers", "complaints:answer"),
        ("POST", "/v1/complaints/{number}/close", "complaints:answer"),
        ("GET", "/v1/statistics/complaints", "reports:read"),
    ),
)

Methods = Mapping[str, Route]


class Table:
    """Finds a path's routes: a dict for literal paths, else a handful of templates to compare."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._literal: dict[str, dict[str, Route]] = {}
        self._templates: dict[tuple[int, str], dict[tuple[str, ...], dict[str, Route]]] = {}
        for route in routes:
            if "{" in route.template:
                parts = tuple(route.template.split("/"))
                same_shape = self._templates.setdefault((len(parts), parts[2]), {})
                same_shape.setdefault(parts, {})[route.method] = route
            else:
                self._literal.setdefault(route.template, {})[route.method] = route

    def find(self, path: str) -> Methods | None:
        """The routes of a path by method; None when the path is not forwarded."""
        methods = self._literal.get(path)
        if methods is not None:
            return methods
        parts = path.split("/", 8)
        if len(parts) < 4:
            return None
        for template, methods in self._templates.get((len(parts), parts[2]), {}).items():
            if all(t == p or (t[:1] == "{" and p) for t, p in zip(template, parts, strict=True)):
                return methods
        return None
