"""The slices' routers, in the order in which their operations are documented and matched."""

from services.complaints.approvals import routes as approvals
from services.complaints.assignment import routes as assignment
from services.complaints.attachments import routes as attachments
from services.complaints.calendars import routes as calendars
from services.complaints.calls import routes as calls
from services.complaints.caseload import routes as caseload
from services.complaints.cases import routes as cases
from services.complaints.chargebacks import routes as chargebacks
from services.complaints.claims import routes as claims
from services.complaints.clocks import routes as clocks
from services.complaints.filing import routes as filing
from services.complaints.interventions import routes as interventions
from services.complaints.liability import routes as liability
from services.complaints.open311 import routes as open311
from services.complaints.payouts import routes as payouts
from services.complaints.privacy import routes as privacy
from services.complaints.rules import routes as rules
from services.complaints.satisfaction import routes as satisfaction
from services.complaints.spending import routes as spending
from services.complaints.surveys import routes as surveys
from services.complaints.targets import routes as targets

ROUTERS = (
    filing.router,
    *(cases.router, cases.statistics, cases.internal),
    *(assignment.router, assignment.officers, liability.router),
    *(attachments.router, calls.router, caseload.router, privacy.router, privacy.people),
    *(clocks.cases, clocks.queue, clocks.statistics, interventions.router, targets.router),
    *(calendars.hours, calendars.days, calendars.calendar),
    *(rules.router, claims.router, claims.own, approvals.router, payouts.router),
    *(chargebacks.router, chargebacks.liability, spending.router),
    *(surveys.router, surveys.given, surveys.of_cases, surveys.rules, surveys.keywords),
    *(satisfaction.router, open311.router),
)
