"""Use cases of contracts. A contract's office is locked first: so its gate is decided in order."""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from services.offices.contracts import domain, repository
from services.offices.contracts.domain import Action, Commission, Product
from services.offices.contracts.errors import ContractsOverlap, PartyNotFound
from services.offices.contracts.models import Contract, ContractParty, ContractVersion
from services.offices.contracts.repository import Filters, Sort
from services.offices.contracts.schemas import (
    Amendment,
    CommissionTerm,
    ContractOut,
    NewContract,
    Party,
    Renewal,
    Termination,
)
from services.offices.gate import service as gates
from services.offices.registry import repository as registry
from services.offices.registry.errors import OfficeNotFound
from services.offices.registry.models import Office
from services.offices.registry.service import save_all
from services.offices.states import states
from shared import idempotency, outbox, pagination
from shared.auth import Caller
from shared.calendar import tehran_date
from shared.errors import Invalid
from shared.idempotency import Answer, Once
from shared.pagination import Page

_NUMBER: Final = re.compile(r"C[0-9]{6}")


async def regate(session: AsyncSession, office: Office, now: datetime) -> None:
    """After a change to the papers of an office that the caller has locked: its gate follows."""
    await regate_all(session, [office], now)


async def regate_all(session: AsyncSession, offices: Sequence[Office], now: datetime) -> None:
    if changed := await gates.refresh(session, offices, now):
        await save_all(session, "office.changed", changed, now)


async def sign(
    session: AsyncSession,
    wanted: NewContract,
    *,
    caller: Caller,
    once: Once | None,
    now: datetime,
) -> Answer:
    """A new contract; with a key, the same answer however often it is sent."""

    async def work() -> Answer:
        return _answer(await _signed(session, wanted, caller, now))

    return await (work() if once is None else idempotency.once(session, once, work))


async def _signed(
    session: AsyncSession, wanted: NewContract, caller: Caller, now: datetime
) -> Contract:
    on_paper = wanted.paper_reference is not None
    office = await _lock_office(session, wanted.office)
    domain.check_office(office.kind, office.status, on_paper=on_paper)
    domain.check_new(wanted.valid_until, tehran_date(now), on_paper=on_paper)
    contract = Contract(
        site=office,
        **wanted.model_dump(include={"valid_from", "valid_until", "products", "weight_max_g"}),
        commission=_stored(wanted.commission),
        paper_reference=wanted.paper_reference,
    )
    await _add(session, contract, "signed", caller, now)
    if wanted.party is not None:
        await repository.set_party(session, contract.id, wanted.party.model_dump())
    return contract


async def renew(
    session: AsyncSession,
    number: str,
    wanted: Renewal,
    *,
    caller: Caller,
    once: Once | None,
    now: datetime,
) -> Answer:
    """The contract that goes on from this one; what is not sent stays as it was."""

    async def work() -> Answer:
        return _answer(await _renewed(session, number, wanted, caller, now))

    return await (work() if once is None else idempotency.once(session, once, work))


async def _renewed(
    session: AsyncSession, number: str, wanted: Renewal, caller: Caller, now: datetime
) -> Contract:
    office, old = await _lock(session, number)
    domain.check_renewable(old.terminated_on)
    domain.check_office(office.kind, office.status, on_paper=False)
    domain.check_new(wanted.valid_until, tehran_date(now), on_paper=False)
    start = domain.renewal_start(old.valid_until, wanted.valid_from)
    domain.check_days(start, wanted.valid_until)
    limits = {"products": old.products, "weight_max_g": old.weight_max_g}
    limits |= wanted.model_dump(include=set(limits), exclude_unset=True)
    contract = Contract(
        site=office,
        valid_from=start,
        valid_until=wanted.valid_until,
        **limits,
        commission=old.commission if wanted.commission is None else _stored(wanted.commission),
        renews=old.id,
    )
    await _add(session, contract, "renewed", caller, now)
    await repository.copy_party(session, old.id, contract.id)
    return contract


async def amend(
    session: AsyncSession, number: str, wanted: Amendment, *, caller: Caller, now: datetime
) -> Contract:
    """The terms sent take effect at once; where none differs there is no new version."""
    _, contract = await _lock(session, number)
    domain.check_amendable(contract.status)
    changes = {k: v for k, v in wanted.changes().items() if getattr(contract, k) != v}
    if not changes:
        return contract
    if "valid_until" in changes:
        await _check_extent(session, contract, changes["valid_until"], now)
    for field, value in changes.items():
        setattr(contract, field, value)
    await keep(session, contract, "changed", wanted.reason, caller.id, now)
    return contract


async def _check_extent(
    session: AsyncSession, contract: Contract, until: date, now: datetime
) -> None:
    domain.check_extent(contract.valid_from, until, contract.valid_until, tehran_date(now))
    await _check_free(session, contract, contract.valid_from, until)


async def terminate(
    session: AsyncSession, number: str, wanted: Termination, *, caller: Caller, now: datetime
) -> Contract:
    """From a day on, today or later; one that lies ahead can be set anew until it has come."""
    _, contract = await _lock(session, number)
    today = tehran_date(now)
    domain.check_amendable(contract.status)
    domain.check_termination(contract.valid_until, wanted.on, today)
    contract.terminated_on, contract.termination_reason = wanted.on, wanted.reason
    contract.status = domain.terminated(contract.status, wanted.on, today)
    action: Action = "ending" if contract.status == "active" else "terminated"
    await keep(session, contract, action, wanted.reason, caller.id, now)
    return contract


async def set_party(
    session: AsyncSession, number: str, wanted: Party, *, caller: Caller, now: datetime
) -> ContractParty:
    """Whom the contract is with; the event says that it changed, not to whom."""
    _, contract = await _lock(session, number)
    await repository.set_party(session, contract.id, wanted.model_dump())
    await keep(session, contract, "party_changed", None, caller.id, now)
    return await party(session, number)


async def party(session: AsyncSession, number: str) -> ContractParty:
    contract = await repository.get(session, number)
    found = await repository.party(session, contract.id)
    if found is None:
        raise PartyNotFound(f"contract {number} has no party on record")
    return found


async def commission(
    session: AsyncSession, number: str, product: Product, price_rials: int, on: date
) -> Commission:
    """What the contract pays the office for one item accepted on a day."""
    contract = await repository.get(session, number)
    terms = [CommissionTerm.model_validate(term) for term in contract.commission]
    return domain.commission(terms, product, price_rials, on)


async def listing(
    session: AsyncSession, wanted: Filters, sort: Sort, page: Page
) -> tuple[list[Contract], str | None]:
    rows = await repository.listing(session, wanted, sort, _after(page, sort), page.limit + 1)
    return pagination.cut(rows, page, lambda contract: _key(contract, sort))


def _key(contract: Contract, sort: Sort) -> list[str]:
    if sort == "number":
        return [contract.number]
    return [contract.valid_until.isoformat(), contract.number]


def _after(page: Page, sort: Sort) -> Sequence[Any] | None:
    match page.after, sort:
        case None, _:
            return None
        case [str(number)], "number" if _NUMBER.fullmatch(number):
            return [number]
        case [str(day), str(number)], "valid_until" if _NUMBER.fullmatch(number):
            with suppress(ValueError):
                return [date.fromisoformat(day), number]
        case _:
            pass
    raise Invalid.field("query.cursor", "not a cursor that this list gave out")


async def versions(
    session: AsyncSession, number: str, page: Page
) -> tuple[list[ContractVersion], str | None]:
    contract = await repository.get(session, number)
    after = min(page.after_int() or 0, 2**31 - 1)
    rows = await repository.versions(session, contract.id, after, page.limit + 1)
    return pagination.cut(rows, page, lambda row: [row.version])


async def _lock_office(session: AsyncSession, code: str) -> Office:
    locked = await registry.lock(session, [code])
    if code not in locked:
        raise OfficeNotFound(f"there is no office {code}")
    return locked[code]


async def _lock(session: AsyncSession, number: str) -> tuple[Office, Contract]:
    office = await _lock_office(session, await repository.office_of(session, number))
    return office, await repository.lock(session, number)


async def _check_free(session: AsyncSession, contract: Contract, first: date, last: date) -> None:
    other = await repository.clashing(session, contract.site.id, first, last, contract.id)
    if other is not None:
        raise ContractsOverlap(
            f"contract {other.number} of this office holds from {other.valid_from} to"
            f" {other.terminated_on or other.valid_until}: end it before, or take other days"
        )


async def _add(
    session: AsyncSession, contract: Contract, action: Action, caller: Caller, now: datetime
) -> None:
    await _check_free(session, contract, contract.valid_from, contract.valid_until)
    (number,) = await repository.next_numbers(session, 1)
    contract.number = domain.contract_number(number)
    contract.status, contract.version = "active", 0
    contract.created_at = now
    session.add(contract)
    await keep(session, contract, action, None, caller.id, now)


EVENTS: Final[Mapping[Action, str]] = {
    "signed": "contract.signed",
    "renewed": "contract.renewed",
    "changed": "contract.changed",
    "party_changed": "contract.changed",
    "ending": "contract.changed",
    "terminated": "contract.terminated",
}


async def keep(
    session: AsyncSession,
    contract: Contract,
    action: Action,
    reason: str | None,
    by: str,
    now: datetime,
) -> None:
    """The next version of a contract whose office is locked: kept, told, and the gate after it."""
    contract.version += 1
    contract.updated_at = now
    await session.flush()
    event = states(contract=contract)
    session.add(
        ContractVersion(
            contract_id=contract.id,
            version=contract.version,
            action=action,
            terms=event["contract"],
            reason=reason,
            changed_by=by,
            changed_at=now,
        )
    )
    await outbox.append(session, EVENTS[action], event, time=now, subject=contract.number)
    await regate(session, contract.site, now)


def _stored(terms: Sequence[CommissionTerm]) -> list[dict[str, Any]]:
    return [term.model_dump(mode="json") for term in terms]


def _answer(contract: Contract) -> Answer:
    body = ContractOut.model_validate(contract).model_dump_json().encode()
    return Answer(201, body, {"Location": f"/v1/contracts/{contract.number}"})
