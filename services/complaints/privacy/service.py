"""Use cases: a complainant's data, told to its owner and erased; the case and its clocks remain.

What staff wrote stays, since it is not the complainant's.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from services.complaints.attachments import repository as attachment_rows
from services.complaints.attachments import service as attachments
from services.complaints.attachments.files import Folder
from services.complaints.attachments.schemas import AttachmentBody
from services.complaints.cases import repository as cases
from services.complaints.cases.domain import CaseId
from services.complaints.cases.models import Case, Complainant
from services.complaints.cases.repository import Access
from services.complaints.cases.service import Step, by_complainant, by_staff, note
from services.complaints.open311.repository import erase_contact
from services.complaints.privacy import repository
from services.complaints.privacy.models import Erasure
from services.complaints.privacy.schemas import (
    AnswerBody,
    ErasedBody,
    PartBody,
    PersonalDataBody,
    WordsBody,
)
from services.complaints.surveys import service as surveys
from shared.auth import Caller

COMPLAINANT: Final = "complainant"
FILER: Final = 0


async def own(session: AsyncSession, number: CaseId, secret: str | None) -> PersonalDataBody:
    found = await cases.look(session, number, Access(staff=False, secret=secret), lock=False)
    return PersonalDataBody(parts=[await _part(session, found.case, found.party or 0)])


async def of_phone(session: AsyncSession, phone: str) -> PersonalDataBody:
    """Of everyone with this number, the oldest hundred parts."""
    parts = await repository.parts_of(session, phone)
    found = [
        await _part(session, await cases.whole(session, case_id, lock=False), party)
        for case_id, party in parts
    ]
    return PersonalDataBody(parts=found)


def _person(case: Case, party: int) -> Complainant | None:
    return next((one for one in case.complainants if one.party == party), None)


async def _part(session: AsyncSession, case: Case, party: int) -> PartBody:
    person = _person(case, party)
    joined = next((one for one in case.parties if one.party == party), None)
    erased = await repository.erasure(session, case.id, party)
    calls = await repository.calls_about(session, person.phone, [case.id]) if person else []
    files = await attachment_rows.of_party(session, case.id, party)
    return PartBody(
        number=case.number,
        party=party,
        name=person.name if person else None,
        phone=person.phone if person else None,
        category=joined.category if joined else case.category,
        channel=joined.channel if joined else case.channel,
        status=case.status,
        filed_at=joined.joined_at if joined else case.filed_at,
        messages=[
            WordsBody(text=entry.text, occurred_at=entry.occurred_at)
            for entry in case.messages
            if entry.author == COMPLAINANT and entry.party == party
        ],
        attachments=[AttachmentBody.model_validate(file) for file in files],
        calls=[at for _, _, at in calls],
        answers=[
            AnswerBody.model_validate(said)
            for said in (await surveys.said_of_case(session, case.number) if party == FILER else ())
        ],
        erased_at=erased.erased_at if erased else None,
    )


async def erase_own(
    session: AsyncSession, folder: Folder, number: CaseId, secret: str | None, now: datetime
) -> ErasedBody:
    """Asked again, it says the same."""
    found = await cases.look(session, number, Access(staff=False, secret=secret), lock=True)
    case, party = found.case, found.party or 0
    person = _person(case, party)
    about = await repository.calls_about(session, person.phone, [case.id]) if person else []
    calls = [call for call, _, _ in about]
    await repository.forget_calls(session, calls)
    files = await _erase(session, folder, case, party, by_complainant(party, now, now))
    return ErasedBody(numbers=[case.number], attachments=files, calls=len(calls))


async def erase_phone(
    session: AsyncSession, folder: Folder, caller: Caller, phone: str, now: datetime
) -> ErasedBody:
    """Everyone with this number, in a hundred cases at a time, and its calls."""
    parts = await repository.parts_of(session, phone)
    numbers, files = [], 0
    for case_id, party in parts:
        case = await cases.whole(session, case_id)
        files += await _erase(session, folder, case, party, by_staff(caller, now, now))
        numbers.append(case.number)
    # after the cases, as who files during a call locks them
    calls: Sequence[int] = await repository.calls_from(session, phone)
    await repository.forget_calls(session, calls)
    return ErasedBody(numbers=numbers, attachments=files, calls=len(calls))


async def _erase(session: AsyncSession, folder: Folder, case: Case, party: int, step: Step) -> int:
    if await repository.erasure(session, case.id, party) is not None:
        return 0
    session.add(
        Erasure(
            case_id=case.id,
            party=party,
            account=step.account or COMPLAINANT,
            erased_at=step.at,
        )
    )
    await repository.forget(session, case.id, party)
    if party == FILER:  # who is asked in the end, and who may have come by Open311
        await surveys.erase_words_of_case(session, case.number, step.now)
        await erase_contact(session, case.id)
    await note(session, case, "case.erased", step)
    return await attachments.erase(session, folder, case, party, step.at)
