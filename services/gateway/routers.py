"""Every slice's router, in the order in which they are tried."""

from services.gateway.aggregation import routes as aggregation
from services.gateway.audit import routes as audit
from services.gateway.citizens import routes as citizens
from services.gateway.clocks import routes as clocks
from services.gateway.deliveries import routes as deliveries
from services.gateway.devices import routes as devices
from services.gateway.documentation import routes as documentation
from services.gateway.enrolments import routes as enrolments
from services.gateway.feed import routes as feed
from services.gateway.health import routes as health
from services.gateway.oauth import routes as oauth
from services.gateway.overviews import routes as overviews
from services.gateway.pages import routes as pages
from services.gateway.partners import routes as partners
from services.gateway.portal import routes as portal
from services.gateway.portal_cases import routes as portal_cases
from services.gateway.portal_claims import routes as portal_claims
from services.gateway.portal_floor import routes as portal_floor
from services.gateway.portal_keys import routes as portal_keys
from services.gateway.portal_meetings import routes as portal_meetings
from services.gateway.portal_partner import routes as portal_partner
from services.gateway.portal_province import routes as portal_province
from services.gateway.portal_sandbox import routes as portal_sandbox
from services.gateway.portal_webhooks import routes as portal_webhooks
from services.gateway.roles import routes as roles
from services.gateway.second_factor import routes as second_factor
from services.gateway.sessions import routes as sessions
from services.gateway.shebas import routes as shebas
from services.gateway.sign_in import routes as sign_in
from services.gateway.staff import routes as staff
from services.gateway.traffic import routes as traffic
from services.gateway.usage import routes as usage
from services.gateway.web import routes as web
from services.gateway.webhooks import routes as webhooks

SLICES = (
    partners,
    shebas,
    oauth,
    roles,
    sign_in,
    sessions,
    second_factor,
    enrolments,  # literal paths before the staff's `/{staff_id}`
    staff,
    devices,
    citizens,
    audit,
    aggregation,
    overviews,
    usage,
    clocks,
    feed,
    webhooks,
    deliveries,
    documentation,
    health,
    traffic,
    web,
    portal,
    portal_claims,  # literal paths before a case's number
    portal_cases,
    portal_meetings,
    portal_province,
    portal_keys,
    portal_webhooks,
    portal_sandbox,
    portal_partner,
    portal_floor,
    pages,
)
ROUTERS = tuple(routes.router for routes in SLICES)
