"""Use cases of a partner's credentials, as its own people manage them."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from fastapi import Response
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.partners import credentials, service
from services.gateway.partners.schemas import AllowedNetworks, IssuedKey, NewKey, Rotation
from services.gateway.portal_keys import domain
from services.gateway.portal_keys.errors import LabelTaken
from services.gateway.portal_partner.service import Desk, desk_of
from services.gateway.web.asking import of_problem
from services.gateway.web.forms import Form
from services.gateway.web.pages import Page
from shared.errors import Invalid, Problem, field_errors
from shared.text import fold_digits

HERE: Final = "/portal/partner/keys"


async def keys(page: Page, session: AsyncSession, now: datetime) -> Response:
    return await _shown(await desk_of(page), session, now)


async def create(page: Page, session: AsyncSession, pepper: bytes, now: datetime) -> Response:
    """A key, shown once. Sent twice it is made once: a name is in force once."""
    desk = await desk_of(page)
    form = await page.form()
    try:
        async with session.begin_nested():
            made = await _create(desk, session, form, pepper, now)
    except Problem as problem:
        return await _shown(desk, session, now, form=form, problem=problem)
    return await _shown(desk, session, now, issued=made)


async def _create(
    desk: Desk, session: AsyncSession, form: Form, pepper: bytes, now: datetime
) -> IssuedKey:
    await service.locked(session, desk.partner.id)
    known = (await service.get_partner(session, desk.partner.id)).keys
    new = _new_key(form)
    allowed = domain.grantable(known, new.world, now)
    if beyond := sorted(set(new.scopes) - set(allowed)):
        raise Invalid.field("body.scopes", f"your account has no key for {', '.join(beyond)}")
    if any(one.label == new.label and domain.holds(one, now) for one in known):
        raise LabelTaken(f"a key named {new.label} is in force: replace it, or choose another name")
    return await credentials.create_key(session, desk.partner.id, new, pepper, now, by=desk.by)


async def rotate(
    page: Page, session: AsyncSession, key_id: UUID, pepper: bytes, now: datetime
) -> Response:
    """A new key in its place, shown once; a second click finds it replaced."""
    desk = await desk_of(page)
    form = await page.form()
    try:
        wanted = _checked(Rotation, {"overlap_h": fold_digits(form["overlap_h"]) or "24"})
        async with session.begin_nested():
            made = await credentials.rotate_key(
                session, desk.partner.id, key_id, wanted, pepper, now, by=desk.by
            )
    except Problem as problem:
        return await _shown(desk, session, now, form=form, problem=problem)
    return await _shown(desk, session, now, issued=made)


async def networks(page: Page, session: AsyncSession, key_id: UUID, now: datetime) -> Response:
    desk = await desk_of(page)
    form = await page.form()
    try:
        wanted = _checked(AllowedNetworks, {"allowed_networks": form["networks"].split()})
        async with session.begin_nested():
            await credentials.set_networks(
                session, desk.partner.id, key_id, wanted, now, by=desk.by
            )
    except Problem as problem:
        return await _shown(desk, session, now, form=form, problem=problem)
    return page.redirect(HERE)


async def revoke(page: Page, session: AsyncSession, key_id: UUID, now: datetime) -> Response:
    desk = await desk_of(page)
    await credentials.revoke_key(session, desk.partner.id, key_id, now, by=desk.by)
    return page.redirect(HERE)


async def _shown(
    desk: Desk,
    session: AsyncSession,
    now: datetime,
    *,
    form: Form | None = None,
    problem: Problem | None = None,
    issued: IssuedKey | None = None,
) -> Response:
    known = (await service.get_partner(session, desk.partner.id)).keys
    return desk.page.render(
        "portal_keys/keys.html",
        status=problem.status if problem else 200,
        private=True,
        partner=desk.partner,
        keys=[(one, domain.holds(one, now)) for one in known],
        grantable={world: domain.grantable(known, world, now) for world in ("test", "live")},
        form=form or Form(),
        problem=of_problem(problem) if problem else None,
        issued=issued,
    )


def _new_key(form: Form) -> NewKey:
    world = form["world"] or "test"
    wanted = {
        "label": form["label"],
        "world": world,
        "scopes": form.all(f"scopes_{world}"),
        "allowed_networks": form["networks"].split(),
    }
    made: NewKey = _checked(NewKey, wanted)
    return made


def _checked(model: Any, values: dict[str, Any]) -> Any:
    """Invalid, with the fields, where the form does not fit."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        faults = field_errors(error.errors())
        raise Invalid("some fields are not as they must be", errors=faults) from error
