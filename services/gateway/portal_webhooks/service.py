"""Use cases of a partner's webhooks: what was sent, what came of it, and once more."""

import asyncio
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from fastapi import Response

from services.gateway.portal_partner.service import Desk, desk_of
from services.gateway.portal_webhooks import domain
from services.gateway.web import numbers
from services.gateway.web.asking import Trouble
from services.gateway.web.forms import Form
from services.gateway.web.pages import Page
from shared.errors import NotFound

WEBHOOKS: Final = "/v1/webhooks"
HERE: Final = "/portal/partner/webhooks"


async def webhooks(page: Page, cursor: str | None) -> Response:
    return await _list(await desk_of(page), cursor)


async def register(page: Page) -> Response:
    """The secret is in this answer and nowhere else."""
    desk = await desk_of(page)
    form = await page.form()
    body = {"url": form["url"], "events": form.all("events")}
    if form["description"]:
        body["description"] = form["description"]
    made = await desk.ask("POST", "gateway", WEBHOOKS, json=body, key=form.key)
    if made.problem is not None:
        return await _list(desk, None, form=form, problem=made.problem)
    return await _one(desk, UUID(made.body["id"]), secret=made.body["secret"])


async def webhook(page: Page, webhook_id: UUID, cursor: str | None, status: str) -> Response:
    return await _one(await desk_of(page), webhook_id, cursor=cursor, status=status)


async def delivery(
    page: Page,
    webhook_id: UUID,
    delivery_id: UUID,
    problem: Trouble | None = None,
) -> Response:
    """The body as it was sent, and what came of every attempt."""
    desk = await desk_of(page)
    path = f"{WEBHOOKS}/{webhook_id}/deliveries/{delivery_id}"
    found = await desk.ask("GET", "gateway", path)
    if found.problem is not None:
        return page.trouble(found.problem)
    return page.render(
        "portal_webhooks/delivery.html",
        status=problem.status if problem else 200,
        partner=desk.partner,
        webhook_id=webhook_id,
        delivery=found.body,
        problem=problem,
    )


async def replay(page: Page, webhook_id: UUID, delivery_id: UUID) -> Response:
    """Twice is once: what is still to be sent is not queued again."""
    desk = await desk_of(page)
    at = f"{webhook_id}/deliveries/{delivery_id}"
    made = await desk.ask("POST", "gateway", f"{WEBHOOKS}/{at}/replay")
    if made.problem is not None and made.problem.code != "delivery_under_way":
        return await delivery(page, webhook_id, delivery_id, made.problem)
    return page.redirect(f"{HERE}/{at}")


async def act(page: Page, webhook_id: UUID, act: str, now: datetime) -> Response:
    if act not in domain.ACTS:
        raise NotFound("there is no such act")
    desk = await desk_of(page)
    form = await page.form()
    method, rest, body = domain.asked(act, form, form.all("events"), now)
    path = f"{WEBHOOKS}/{webhook_id}{rest}"
    made = await desk.ask(method, "gateway", path, json=body, key=form.key)
    if made.problem is not None:
        return await _one(desk, webhook_id, form=form, problem=made.problem, failed=act)
    if act == "rotate":
        return await _one(desk, webhook_id, secret=made.body["secret"])
    done = f"{act}-{made.body['queued']}" if act == "replay" else act
    return page.redirect(f"{HERE}/{webhook_id}?done={done}#deliveries")


async def _list(
    desk: Desk, cursor: str | None, *, form: Form | None = None, problem: Trouble | None = None
) -> Response:
    found = await desk.ask("GET", "gateway", WEBHOOKS, query={"cursor": cursor, "limit": 50})
    return desk.page.render(
        "portal_webhooks/list.html",
        status=problem.status if problem else 200,
        partner=desk.partner,
        found=found,
        rows=found.get("items", []),
        cursor=found.get("next"),
        events=domain.EVENTS,
        form=form or Form(),
        problem=problem,
    )


async def _one(
    desk: Desk,
    webhook_id: UUID,
    *,
    cursor: str | None = None,
    status: str = "",
    secret: str | None = None,
    **more: Any,
) -> Response:
    page, at = desk.page, f"{WEBHOOKS}/{webhook_id}"
    query = {"cursor": cursor, "status": status or None, "limit": 50}
    found, deliveries = await asyncio.gather(
        desk.ask("GET", "gateway", at),
        desk.ask("GET", "gateway", f"{at}/deliveries", query=query),
    )
    if found.problem is not None:
        return page.trouble(found.problem)
    problem: Trouble | None = more.pop("problem", None)
    context: dict[str, Any] = {"form": Form(), "failed": "", "problem": problem, **more}
    return page.render(
        "portal_webhooks/webhook.html",
        status=problem.status if problem else 200,
        private=True,
        partner=desk.partner,
        webhook=found.body,
        deliveries=deliveries,
        cursor=deliveries.get("next"),
        status_asked=status,
        statuses=domain.STATUSES,
        secret=secret,
        events=domain.EVENTS,
        hour_choices=[(n, numbers.duration(n * 3600, page.lang)) for n in domain.HOURS],
        done=page.request.query_params.get("done", ""),
        **context,
    )
