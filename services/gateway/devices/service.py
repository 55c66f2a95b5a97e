"""Use cases of devices: enrol by a manager's code, sign in by key and PIN, revoke."""

import uuid
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.devices import domain, repository
from services.gateway.devices.domain import NotAKeyError
from services.gateway.devices.errors import DeviceNotFound, TooManyDevices, refused
from services.gateway.devices.models import Device
from services.gateway.devices.schemas import (
    Challenge,
    DeviceBody,
    DevicesBody,
    DeviceSignIn,
    NewDevice,
)
from services.gateway.enrolments import service as enrolments
from services.gateway.partners.models import Partner
from services.gateway.people import People
from services.gateway.roles.domain import ROLES
from services.gateway.sessions import service as sessions
from services.gateway.sessions.domain import LIFETIMES
from services.gateway.sessions.schemas import OpenedSession
from services.gateway.sessions.service import Opening
from services.gateway.staff import events
from services.gateway.staff import repository as staff
from services.gateway.staff.errors import NoSuchSignIn, not_found
from services.gateway.staff.models import StaffMember
from services.gateway.staff.repository import Found
from services.gateway.staff.service import state_of
from services.gateway.throttles import service as throttles
from shared.auth import Caller
from shared.errors import Invalid


async def enrol(people: People, new: NewDevice, address: str, now: datetime) -> DeviceBody:
    """A device for the account that the code is for. The code's issuer answers for it."""
    await throttles.take(people.database, people.pepper, "enrolment_from_address", address, now)
    public = new.public_key.model_dump(exclude_none=True)
    try:
        domain.key_of(public)
    except NotAKeyError as error:
        raise Invalid.field("body.public_key", str(error)) from None
    if fault := domain.pin_fault(new.pin):
        raise Invalid.field("body.pin", fault)
    pin_hash = await people.hasher.hash(domain.pin_secret(people.pepper, new.pin))
    async with people.database.transaction() as session:
        account_id, by = await enrolments.use(session, people.pepper, "device", new.code, now)
        member, partner = await _member(session, account_id)
        if ROLES[member.role].sign_in != "device":
            raise NoSuchSignIn(f"a {member.role} does not sign in by a device")
        if await repository.usable(session, account_id) >= domain.DEVICES_MAX:
            raise TooManyDevices(f"revoke one first; at most {domain.DEVICES_MAX} may be enrolled")
        device = Device(
            account_id=account_id,
            name=new.name,
            public_key=new.public_key.model_dump_json(exclude_none=True),
            pin_hash=pin_hash,
            failures=0,
            enrolled_at=now,
            enrolled_by=by,
        )
        session.add(device)
        await session.flush()
        told = state_of(member, partner.office, by, device=device.id)
        await events.tell(session, events.DEVICE_ENROLLED, told, now)
    return _body(device)


async def challenge(people: People, device_id: uuid.UUID, now: datetime) -> Challenge:
    """What the device is to sign, once; answered alike for a device that there is not."""
    made, until = domain.new_challenge(), now + domain.CHALLENGE_FOR
    await repository.put_challenge(people.database, device_id, made, until)
    return Challenge(challenge=made, expires_at=until)


async def sign_in(
    people: People, device_id: uuid.UUID, asked: DeviceSignIn, now: datetime
) -> OpenedSession:
    """A session of the person whose device it is, or DeviceRefused.

    A PIN is looked at only under the device's own signature, so nobody else can use its tries up.
    """
    found = await repository.outstanding(people.database, device_id, now)
    if found is None or not domain.signs(found.public_key, asked.assertion, found.challenge):
        raise refused()
    tried = await repository.take_try(people.database, device_id, found.challenge)
    if tried is None:
        raise refused()
    secret = domain.pin_secret(people.pepper, asked.pin)
    right = await people.hasher.matches(tried.pin_hash, secret)
    opened = await _opened(people, device_id, asked, now) if right else None
    if opened is None:
        if tried.last:
            await _tell_locked(people, device_id, now)
        raise refused()
    return opened


async def _opened(
    people: People, device_id: uuid.UUID, asked: DeviceSignIn, now: datetime
) -> OpenedSession | None:
    async with people.database.transaction() as session:
        member, partner, device = await _device(session, device_id)
        role = ROLES[member.role]
        if device.revoked_at is not None or partner.status != "active":
            return None
        if role.sign_in != "device":
            return None
        device.failures = 0
        opening = Opening(
            "staff",
            member.account_id,
            LIFETIMES["device"],
            asked.world,
            device_id=device_id,
            strong=True,
        )
        made, token = await sessions.open_session(session, opening, people.pepper, now)
        told = state_of(member, partner.office, str(member.account_id), device=device_id)
        await events.tell(session, events.SIGNED_IN, told, now)
    return OpenedSession(
        id=made.id,
        token=token,
        expires_at=made.expires_at,
        idle_s=made.idle_s,
        scopes=sorted({"session", "session:staff"} | role.scopes),
        next=None,
    )


async def _tell_locked(people: People, device_id: uuid.UUID, now: datetime) -> None:
    async with people.database.transaction() as session:
        member, partner, _ = await _device(session, device_id)
        await sessions.end_of_device(session, device_id, now)
        told = state_of(member, partner.office, "nobody", device=device_id)
        await events.tell(session, events.DEVICE_LOCKED, told, now)


async def list_devices(session: AsyncSession, account_id: uuid.UUID, caller: Caller) -> DevicesBody:
    await _member(session, account_id, office=caller.office)
    found = await repository.of_account(session, account_id)
    return DevicesBody(items=[_body(device) for device in found])


async def revoke(
    session: AsyncSession,
    account_id: uuid.UUID,
    device_id: uuid.UUID,
    caller: Caller,
    now: datetime,
) -> None:
    """The device and its sessions are refused within seconds, everywhere. Twice changes nothing."""
    member, partner = await _member(session, account_id, office=caller.office)
    device = await repository.find(session, device_id, lock=True)
    if device is None or device.account_id != account_id:
        raise DeviceNotFound("this account has no device with this id")
    if device.revoked_at is not None:
        return
    device.revoked_at = now
    await session.flush()
    ended = await sessions.end_of_device(session, device_id, now)
    told = state_of(member, partner.office, caller.id, device=device_id, sessions=ended)
    await events.tell(session, events.DEVICE_REVOKED, told, now)


async def _member(
    session: AsyncSession, account_id: uuid.UUID, *, office: str | None = None
) -> Found:
    found = await staff.find(session, account_id, office=office, lock=True)
    if found is None:
        raise not_found()
    return found


async def _device(
    session: AsyncSession, device_id: uuid.UUID
) -> tuple[StaffMember, Partner, Device]:
    """Of a device that there is; its person is locked first, as everywhere."""
    device = await repository.find(session, device_id)
    if device is None:
        raise DeviceNotFound("there is no device with this id")
    member, partner = await _member(session, device.account_id)
    await session.refresh(device, with_for_update=True)
    return member, partner, device


def _body(device: Device) -> DeviceBody:
    return DeviceBody(
        id=device.id,
        account_id=device.account_id,
        name=device.name,
        enrolled_at=device.enrolled_at,
        enrolled_by=device.enrolled_by,
        locked=device.failures >= domain.PIN_FAILURES_MAX,
        revoked_at=device.revoked_at,
    )
