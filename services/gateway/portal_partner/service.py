"""Use cases of a partner's own pages. Its people see what the account's own credentials would."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from fastapi import Response
from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.dependencies import PERSON
from services.gateway.partners import service as partners
from services.gateway.partners.models import Partner
from services.gateway.portal_partner import domain
from services.gateway.portal_partner.schemas import ParcelsAsked
from services.gateway.staff import service as staff
from services.gateway.traffic.domain import ORDER, PARTNER_PER_MINUTE
from services.gateway.web.asking import Answer, Query
from services.gateway.web.pages import Page
from shared.auth import Caller, World
from shared.calendar import jalali_date
from shared.errors import Forbidden
from shared.runtime import Runtime

HERE: Final = "/portal/partner"


@dataclass(frozen=True, slots=True)
class Desk:
    """A page whose reader acts for a partner's account, in a world."""

    page: Page
    partner: Partner
    caller: Caller

    async def ask(
        self,
        method: str,
        service: str,
        path: str,
        *,
        json: Any = None,
        query: Query | None = None,
        key: str | None = None,
    ) -> Answer:
        """As `Page.ask`, as the account."""
        runtime: Runtime = self.page.request.app.state.runtime
        token = {"authorization": f"Bearer {runtime.minter.token(self.caller)}", PERSON: self.by}
        world = self.caller.world
        return await self.page.ask(
            method, service, path, headers=token, json=json, query=query, key=key, world=world
        )

    @property
    def by(self) -> str:
        """Who does it, for the account's events: the person who signed in."""
        return self.page.caller.id


async def desk_of(page: Page, world: World | None = None) -> Desk:
    """Forbidden for who is no partner's, and while the account is not active.

    A key speaks in its own world and with its own scopes; people, as they chose at the door. Its
    transaction is over before any service is asked.
    """
    where = world or page.caller.world
    runtime: Runtime = page.request.app.state.runtime
    async with runtime.databases["live"].transaction() as session:
        return await _desk_of(session, page, where)


async def _desk_of(session: AsyncSession, page: Page, where: World) -> Desk:
    if page.caller.session is None:
        partner = await partners.found(session, page.caller.account)
        if where != page.caller.world:
            raise Forbidden("sign in with a key of the sandbox, or as a person of the account")
        return Desk(page, partner, page.caller)
    partner = await staff.acting_for(session, page.caller.account)
    products = None if partner.products is None else frozenset(partner.products)
    scopes = domain.scopes_in(where)
    caller = Caller(str(partner.id), partner.kind, scopes, where, products=products)
    return Desk(page, partner, caller)


async def overview(page: Page, period: str) -> Response:
    desk = await desk_of(page)
    asked = period or this_month(_now(page))
    found, account, claims = await asyncio.gather(
        desk.ask("GET", "gateway", "/v1/overview", query={"period": asked}),
        desk.ask("GET", "parcels", "/v1/postage-account"),
        desk.ask("GET", "complaints", "/v1/own-claims", query={"limit": 10}),
    )
    return page.render(
        "portal_partner/overview.html",
        partner=desk.partner,
        period=asked,
        found=found,
        account=account,
        claims=claims,
    )


async def parcels(page: Page, asked: ParcelsAsked) -> Response:
    desk = await desk_of(page)
    query = {
        "reference": asked.reference or None,
        "status": asked.status or None,
        "cursor": asked.cursor,
        "limit": 50,
    }
    found = await desk.ask("GET", "parcels", "/v1/parcels", query=query)
    return page.render(
        "portal_partner/parcels.html",
        partner=desk.partner,
        found=found,
        rows=found.get("items", []),
        cursor=found.get("next"),
        asked=asked,
        statuses=domain.STATUSES,
    )


async def parcel(page: Page, barcode: str) -> Response:
    desk = await desk_of(page)
    at = f"/v1/parcels/{barcode}"
    found, promise, tracking, messages = await asyncio.gather(
        desk.ask("GET", "parcels", at),
        desk.ask("GET", "parcels", f"{at}/promise"),
        desk.ask("GET", "parcels", f"/v1/tracking/{barcode}"),
        desk.ask("GET", "parcels", f"{at}/messages"),
    )
    if found.problem is not None:
        return page.trouble(found.problem)
    return page.render(
        "portal_partner/parcel.html",
        partner=desk.partner,
        parcel=found.body,
        promise=promise,
        tracking=tracking,
        messages=messages,
    )


async def label(page: Page, barcode: str) -> Response:
    desk = await desk_of(page)
    path = f"/v1/parcels/{barcode}/label"
    made = await desk.ask("GET", "parcels", path)
    if made.problem is not None:
        return page.trouble(made.problem)
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return Response(made.content, media_type="application/pdf", headers=headers)


async def settlements(page: Page, cursor: str | None) -> Response:
    desk = await desk_of(page)
    found, cash, invoices = await asyncio.gather(
        desk.ask("GET", "parcels", "/v1/settlements", query={"cursor": cursor, "limit": 50}),
        desk.ask("GET", "parcels", "/v1/cod", query={"limit": 50}),
        desk.ask("GET", "parcels", "/v1/invoices", query={"limit": 24}),
    )
    return page.render(
        "portal_partner/settlements.html",
        partner=desk.partner,
        found=found,
        rows=found.get("items", []),
        cursor=found.get("next"),
        cash=cash,
        invoices=invoices,
    )


async def usage(page: Page) -> Response:
    """What the account may ask a minute, what it asked, its bookings of this month and year."""
    desk = await desk_of(page)
    today = jalali_date(_now(page))
    month, year, hooks, asked = await asyncio.gather(
        desk.ask("GET", "gateway", "/v1/overview", query={"period": today[:7]}),
        desk.ask("GET", "gateway", "/v1/overview", query={"period": today[:4]}),
        desk.ask("GET", "gateway", "/v1/webhooks", query={"limit": 100}),
        desk.ask("GET", "gateway", "/v1/usage"),
    )
    runtime: Runtime = page.request.app.state.runtime
    async with runtime.databases["live"].transaction() as session:
        known = await partners.get_partner(session, desk.partner.id)
    limits = [(kind, known.quotas.get(kind, PARTNER_PER_MINUTE[kind])) for kind in ORDER]
    return page.render(
        "portal_partner/usage.html",
        partner=desk.partner,
        limits=limits,
        agreed=known.quotas,
        month=month,
        year=year,
        hooks=hooks,
        asked=asked,
        keys=known.keys,
    )


def this_month(now: datetime) -> str:
    return jalali_date(now)[:7]


def _now(page: Page) -> datetime:
    runtime: Runtime = page.request.app.state.runtime
    return runtime.clock.now()
