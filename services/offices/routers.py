"""Every slice's routers, in the order in which they are tried."""

from services.offices.applications import routes as applications
from services.offices.areas import routes as areas
from services.offices.associations import routes as associations
from services.offices.calendar import routes as calendar
from services.offices.catalogue import routes as catalogue
from services.offices.contracts import routes as contracts
from services.offices.coverage import routes as coverage
from services.offices.exchange import routes as exchange
from services.offices.history import routes as history
from services.offices.hsds import routes as hsds
from services.offices.licensing import routes as licensing
from services.offices.maps import routes as maps
from services.offices.meetings import routes as meetings
from services.offices.offerings import routes as offerings
from services.offices.performance import routes as performance
from services.offices.registry import routes as registry
from services.offices.search import routes as search
from services.offices.training import routes as training
from services.offices.workforce import routes as workforce
from services.offices.working_group import routes as working_group

ROUTERS = (
    registry.towns,
    search.router,  # literal paths before the registry's `/{code}`
    exchange.router,
    registry.router,
    history.router,
    areas.of_office,
    areas.router,
    calendar.of_office,
    calendar.router,
    offerings.router,
    offerings.near,  # before /v1/services/{code}
    performance.performed,
    performance.offices,
    performance.statistics,
    catalogue.principals,
    catalogue.services,
    catalogue.rules,
    contracts.router,
    licensing.offices,
    licensing.router,
    applications.router,
    applications.inquiries,
    applications.terms,
    working_group.router,
    meetings.router,
    associations.router,
    associations.of_office,
    workforce.router,
    workforce.statistics,
    training.router,
    coverage.router,
    coverage.applications,
    maps.router,
    hsds.router,
)
