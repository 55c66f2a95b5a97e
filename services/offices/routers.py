"""Every slice's routers, in the order in which they are tried."""

from services.offices.applications import routes as applications
from services.offices.catalogue import routes as catalogue
from services.offices.coverage import routes as coverage
from services.offices.hsds import routes as hsds
from services.offices.licensing import routes as licensing
from services.offices.maps import routes as maps
from services.offices.meetings import routes as meetings
from services.offices.offerings import routes as offerings
from services.offices.performance import routes as performance
from services.offices.registry import routes
from services.offices.working_group import routes as working_group

ROUTERS = (
    routes.towns,
    routes.router,
    offerings.router,
    offerings.near,  # before /v1/services/{code}
    performance.performed,
    performance.offices,
    performance.statistics,
    catalogue.principals,
    catalogue.services,
    catalogue.rules,
    coverage.router,
    coverage.applications,
    maps.router,
    hsds.router,
    licensing.offices,
    licensing.router,
    applications.router,
    applications.inquiries,
    applications.terms,
    working_group.router,
    meetings.router,
)
