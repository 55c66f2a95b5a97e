"""Use cases of payees."""

from datetime import date, datetime
from typing import Final
from uuid import UUID

from pydantic import TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.payees import repository
from services.parcels.payees.errors import PayeeByTwo, PayeeInForce
from services.parcels.payees.events import REGISTERED, PayeeEvent, PayeeState
from services.parcels.payees.models import Payee
from services.parcels.payees.schemas import NewPayee, PayeeOut
from shared import idempotency, outbox
from shared.auth import Caller
from shared.calendar import tehran_date
from shared.idempotency import Answer, Once
from shared.identifiers import mask_sheba
from shared.pagination import Page, cut, not_a_cursor

_KEY: Final = TypeAdapter(tuple[UUID, date, UUID])


async def register(
    session: AsyncSession, wanted: NewPayee, *, caller: Caller, once: Once
) -> Answer:
    """A partner's account from a day on; orders prepared before keep theirs.

    One person may say the first; others come from the gateway, where two have agreed (`internal`).
    Who loads old data may say that the first held before today, and no second one.
    """

    async def make() -> tuple[str, PayeeOut]:
        if "internal" not in caller.scopes:
            await _check(session, wanted, caller, tehran_date(once.now))
        made = Payee(
            id=await repository.new_id(session),
            registered_by=caller.id,
            registered_at=once.now,
            **wanted.model_dump(),
        )
        session.add(made)
        await session.flush()
        await _tell(session, made, once.now)
        return f"/v1/payees?partner={made.partner}", out(made)

    return await idempotency.created(session, once, make)


async def _check(session: AsyncSession, wanted: NewPayee, caller: Caller, today: date) -> None:
    if wanted.valid_from < today and "backfill" not in caller.scopes:
        raise PayeeInForce(f"valid_from is before today: say {today} or a later day")
    await repository.hold(session, wanted.partner)
    if await repository.listing(session, wanted.partner, None, 1):
        raise PayeeByTwo(
            "this partner has an account: propose another at"
            f" /v1/partners/{wanted.partner}/sheba-changes"
        )


async def _tell(session: AsyncSession, payee: Payee, now: datetime) -> None:
    state = PayeeState(
        id=payee.id,
        partner=payee.partner,
        sheba_masked=mask_sheba(payee.sheba),
        valid_from=payee.valid_from,
    )
    data = PayeeEvent(payee=state).model_dump(mode="json")
    await outbox.append(session, REGISTERED, data, time=now, subject=str(payee.partner))


async def listing(
    session: AsyncSession, partner: UUID | None, page: Page
) -> tuple[list[PayeeOut], str | None]:
    try:
        after = None if page.after is None else _KEY.validate_python(page.after)
    except ValidationError:
        raise not_a_cursor() from None
    rows = await repository.listing(session, partner, after, page.limit + 1)
    shown, cursor = cut(
        rows, page, lambda row: [str(row.partner), row.valid_from.isoformat(), str(row.id)]
    )
    return [out(row) for row in shown], cursor


def out(payee: Payee) -> PayeeOut:
    return PayeeOut(**{name: getattr(payee, name) for name in PayeeOut.model_fields})
