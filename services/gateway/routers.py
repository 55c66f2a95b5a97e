"""The routers of the gateway's own slices, in the order in which they are looked through."""

from services.gateway.aggregation import routes as aggregation
from services.gateway.clocks import routes as clocks
from services.gateway.deliveries import routes as deliveries
from services.gateway.documentation import routes as documentation
from services.gateway.feed import routes as feed
from services.gateway.health import routes as health
from services.gateway.overviews import routes as overviews
from services.gateway.partners import routes as partners
from services.gateway.webhooks import routes as webhooks

ROUTERS = (
    partners.router,
    aggregation.router,
    overviews.router,
    clocks.router,
    feed.router,
    webhooks.router,
    deliveries.router,
    documentation.router,
    health.router,
)
