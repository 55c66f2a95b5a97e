"""Use cases: add a file to a case, list, fetch and erase; remove what no row knows."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.complaints.attachments import domain, repository
from services.complaints.attachments.errors import (
    AttachmentErased,
    AttachmentUnknown,
    TooManyAttachments,
)
from services.complaints.attachments.files import Folder, Received
from services.complaints.attachments.models import Attachment
from services.complaints.attachments.schemas import AttachmentBody, AttachmentsBody
from services.complaints.cases import repository as cases
from services.complaints.cases.domain import CaseId
from services.complaints.cases.errors import CaseClosed
from services.complaints.cases.models import Case
from services.complaints.cases.repository import Access
from services.complaints.cases.service import by_complainant, by_staff, note
from shared.auth import Caller
from shared.database import Database
from shared.errors import Invalid

ORPHANED_AFTER: Final = timedelta(days=1)


class Sent(NamedTuple):
    """A file on its way in: its bytes, and what its sender says of it."""

    stream: AsyncIterator[bytes]
    declared: str
    name: str | None
    internal: bool
    secret: str | None


class File(NamedTuple):
    path: Path
    about: AttachmentBody

    @property
    def file_name(self) -> str:
        """No path: a browser would take its end, other clients might follow it."""
        name = self.about.name or f"{self.about.id}.{domain.EXTENSIONS[self.about.media_type]}"
        return name.replace("/", "_").replace("\\", "_")


async def add(
    session: AsyncSession,
    database: Database,
    folder: Folder,
    number: CaseId,
    caller: Caller,
    sent: Sent,
    now: datetime,
) -> AttachmentBody:
    """Of one complainant or of staff; the same bytes sent twice are one attachment."""
    staff = "complaints:answer" in caller.scopes
    access = Access(staff, sent.secret)
    async with database.transaction() as first:  # a stranger's bytes are not taken
        await cases.look(first, number, access, lock=False)
    received = await folder.receive(sent.stream)
    try:
        media_type = _type(received, sent)
        found = await cases.look(session, number, access, lock=True)
        case, party = found
        if case.status == "closed":
            raise CaseClosed(f"the case {case.number} is closed: reopen it first")
        mine = [one for one in await repository.visible(session, found) if one.party == party]
        same = [one for one in mine if one.sha256 == received.sha256 and one.erased_at is None]
        if same:
            return AttachmentBody.model_validate(same[0])
        row = Attachment(
            id=await repository.new_id(session),
            party=party,
            account=caller.id if staff else None,
            internal=staff and sent.internal,
            name=sent.name,
            media_type=media_type,
            size_bytes=received.size,
            sha256=received.sha256,
            added_at=now,
        )
        await _keep(session, folder, case, row, received)
        step = by_staff(caller, now, now) if staff else by_complainant(party, now, now)
        await note(session, case, "case.attached", step)
        return AttachmentBody.model_validate(row)
    finally:
        await folder.discard(received)


def _type(received: Received, sent: Sent) -> domain.MediaType:
    found = domain.sniff(received.head)
    if found is None:
        raise Invalid.field("body", f"Send one of {', '.join(domain.MEDIA_TYPES)}")
    if domain.contradicts(sent.declared, found):
        raise Invalid.field("header.Content-Type", f"These bytes are {found}: say so, or nothing")
    return found


async def _keep(
    session: AsyncSession, folder: Folder, case: Case, row: Attachment, received: Received
) -> None:
    if case.attachment_count >= domain.PER_CASE_MAX:
        raise TooManyAttachments(f"a case holds {domain.PER_CASE_MAX} attachments")
    case.attachment_count += 1
    row.case_id = case.id
    await folder.keep(received, row.id)
    session.add(row)
    await session.flush()


async def listing(
    session: AsyncSession, number: CaseId, secret: str | None, caller: Caller
) -> AttachmentsBody:
    access = Access("complaints:read" in caller.scopes, secret)
    found = await cases.look(session, number, access, lock=False)
    rows = await repository.visible(session, found)
    shown = [AttachmentBody.model_validate(row) for row in rows]
    return AttachmentsBody(number=found.case.number, attachments=shown)


async def fetch(
    session: AsyncSession,
    folder: Folder,
    number: CaseId,
    file_id: UUID,
    secret: str | None,
    caller: Caller,
) -> File:
    access = Access("complaints:read" in caller.scopes, secret)
    found = await cases.look(session, number, access, lock=False)
    row = next((one for one in await repository.visible(session, found) if one.id == file_id), None)
    if row is None:
        raise AttachmentUnknown("the case has no such attachment for you")
    if row.erased_at is not None:
        raise AttachmentErased("its owner had it erased")
    return File(folder.path(row.id), AttachmentBody.model_validate(row))


async def erase(
    session: AsyncSession, folder: Folder, case: Case, party: int, now: datetime
) -> int:
    """The bytes and names of one complainant's files; their rows and hashes stay."""
    rows = await repository.of_party(session, case.id, party)
    for row in rows:
        row.erased_at, row.name = now, None
    await session.flush()
    for row in rows:
        await folder.remove(row.id)
    return len(rows)


async def sweep(database: Database, folder: Folder, now: datetime) -> int:
    """Removes what has no row a day after; how many there were. `now` is wall time, as ids are."""
    before = now - ORPHANED_AFTER
    await folder.forget_incoming(before.timestamp())
    last = int(before.timestamp()) // 86_400 - 1
    removed = 0
    for day in (last - 1, last):
        ids = await folder.ids_of(day)
        async with database.transaction() as session:
            known = await repository.known(session, ids) if ids else set()
        for orphan in set(ids) - known:
            await folder.remove(orphan)
            removed += 1
    return removed
