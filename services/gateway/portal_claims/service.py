"""Use cases of the pages of compensation."""

import asyncio
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

from fastapi import Response
from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.portal_claims import domain
from services.gateway.portal_claims.domain import Act
from services.gateway.portal_claims.schemas import ClaimsAsked
from services.gateway.staff import service as staff
from services.gateway.web.asking import Trouble
from services.gateway.web.forms import Form
from services.gateway.web.pages import Page
from services.gateway.web.signed_in import may
from shared.errors import NotFound
from shared.text import fold_digits

CLAIMS: Final = "/v1/claims"
CHARGE_BACKS: Final = "/v1/charge-backs"


async def claims(page: Page, asked: ClaimsAsked) -> Response:
    query = {
        "status": asked.status or None,
        "barcode": asked.barcode or None,
        "cursor": asked.cursor,
        "limit": 50,
    }
    found = await page.ask("GET", "complaints", CLAIMS, query=query)
    return page.render(
        "portal_claims/list.html",
        found=found,
        rows=found.get("items", []),
        cursor=found.get("next"),
        asked=asked,
        statuses=domain.STATUSES,
    )


async def open_claim(page: Page) -> Response:
    """From a case's page; what is wrong with it is said there in place of a claim."""
    form = await page.form()
    body = domain.said(form, "barcode", "case", "cause", "contents", "loss_rials", "liable_office")
    made = await page.ask("POST", "complaints", CLAIMS, json=body, key=form.key)
    if made.problem is not None:
        back = f"/portal/cases/{quote(form['case'], safe='')}"
        return page.render(
            "portal_claims/refused.html", made.problem.status, problem=made.problem, back=back
        )
    return page.redirect(f"/portal/cases/claims/{made.body['id']}")


async def claim(
    page: Page,
    session: AsyncSession,
    claim_id: UUID,
    failed: str = "",
    form: Form | None = None,
    problem: Trouble | None = None,
) -> Response:
    """A claim, how its amount was worked out, who approved it and who may still."""
    at = f"{CLAIMS}/{claim_id}"
    found, payouts, rules = await asyncio.gather(
        page.ask("GET", "complaints", at),
        page.ask("GET", "complaints", f"{at}/payouts"),
        page.ask("GET", "complaints", "/v1/compensation-rules/in-force"),
    )
    if found.problem is not None:
        return page.trouble(found.problem)
    known: dict[str, Any] = found.body
    accounts = [known["opened_by"], known["proposed_by"]]
    accounts += [one["decided_by"] for one in known["steps"]]
    accounts += [one["approver"] for one in known["approvals"]]
    terms = rules.get("terms") or {}
    return page.render(
        "portal_claims/claim.html",
        status=problem.status if problem else 200,
        claim=known,
        payouts=payouts,
        approvals=domain.in_force(known),
        needed=domain.needed(known["amount_rials"], terms.get("two_approvals_above_rials")),
        why_not=domain.why_not(known, page.caller.id),
        names=await staff.names(session, accounts),
        may_decide=may(page, domain.DECIDE),
        may_answer=may(page, domain.ANSWER),
        contents=domain.CONTENTS,
        failed=failed,
        form=form or Form(),
        problem=problem,
        done=page.request.query_params.get("done", ""),
    )


async def act(page: Page, session: AsyncSession, claim_id: UUID, act: str) -> Response:
    wanted = _checked(page, domain.ACTS.get(act))
    form = await page.form()
    path = f"{CLAIMS}/{claim_id}/{wanted.path}"
    answer = await page.ask("POST", "complaints", path, json=wanted.body(form), key=form.key)
    if answer.problem is not None:
        return await claim(page, session, claim_id, act, form, answer.problem)
    return page.redirect(f"/portal/cases/claims/{answer.body['id']}?done={act}")


async def charge_backs(page: Page, asked: ClaimsAsked, problem: Trouble | None = None) -> Response:
    query = {
        "status": asked.status or None,
        "office": fold_digits(asked.office).upper() or None,
        "cursor": asked.cursor,
        "limit": 50,
    }
    found = await page.ask("GET", "complaints", CHARGE_BACKS, query=query)
    return page.render(
        "portal_claims/charge_backs.html",
        status=problem.status if problem else 200,
        found=found,
        rows=found.get("items", []),
        cursor=found.get("next"),
        asked=asked,
        may_decide=may(page, domain.DECIDE),
        may_answer=may(page, domain.ANSWER),
        problem=problem,
    )


async def on_charge_back(page: Page, charge_back: UUID, act: str) -> Response:
    wanted = _checked(page, domain.ON_CHARGE_BACKS.get(act))
    form = await page.form()
    path = f"{CHARGE_BACKS}/{charge_back}/{wanted.path}"
    answer = await page.ask("POST", "complaints", path, json=wanted.body(form), key=form.key)
    if answer.problem is not None:
        return await charge_backs(page, ClaimsAsked(), answer.problem)
    return page.redirect("/portal/cases/charge-backs")


def _checked(page: Page, act: Act | None) -> Act:
    """NotFound for what is no act of ours; who may not has it said before anything is asked."""
    if act is None:
        raise NotFound("there is no such act")
    page.caller.require(act.scope)
    return act
