"""Where changes of the workforce are made: everybody a request names, loaded and locked at once.

Rows are decided in memory, one by one, so that a bad one leaves nothing behind; `save` writes all.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, Literal

from sqlalchemy.ext.asyncio import AsyncSession

from services.offices.registry.models import Office, OfficeKindPeriod
from services.offices.states import PersonEventType, states
from services.offices.workforce import domain, repository
from services.offices.workforce.domain import Taken
from services.offices.workforce.errors import (
    DiffersFromRecord,
    NationalIdTaken,
    PersonNotFound,
    UnknownOffice,
)
from services.offices.workforce.models import Assignment, Person, PersonDetail
from services.offices.workforce.schemas import NewAssignment, NewPerson
from shared.calendar import tehran_date
from shared.text import fold_search

Result = Literal["hired", "assigned", "changed", "unchanged"]
DETAILS: Final = ("name", "national_id", "mobile")


@dataclass(slots=True)
class Desk:
    """`by` is who asks; `told` what will be published of whom, the weightiest change."""

    by: str
    now: datetime
    people: dict[str, Person]
    held: dict[str, list[Assignment]]
    offices: Mapping[str, Office]
    past: Mapping[int, list[OfficeKindPeriod]]
    holders: dict[str, str]
    new: list[object] = field(default_factory=list)
    told: dict[str, PersonEventType] = field(default_factory=dict)

    @property
    def today(self) -> date:
        return tehran_date(self.now)

    def person(self, number: str) -> Person:
        if number not in self.people:
            raise PersonNotFound(f"there is no person of the number {number}")
        return self.people[number]

    def take(self, row: NewPerson) -> Result:
        """Record a row; the same row again changes nothing, and details are only filled in."""
        number = row.personnel_number
        held = self.held.get(number, [])
        office = self._office(row)
        taken = domain.repeated([one.post for one in held], row.post(office.id))
        details = self._missing(self.people.get(number), row, adds=taken.adds)
        hired = number not in self.people
        if hired:
            self._hire(number)
        self._place(number, row, office, taken)
        self._fill(self.people[number], details)
        if hired:
            return "hired"
        if taken.adds:
            return self._tell(number, "person.assigned", "assigned")
        if taken.ends or details:
            return self._tell(number, "person.changed", "changed")
        return "unchanged"

    def assign(self, number: str, wanted: NewAssignment) -> None:
        """A further post; the open-ended main one ends the day before a main one starts."""
        office = self._office(wanted)
        held = [one.post for one in self.held[number]]
        self._place(number, wanted, office, domain.added(held, wanted.post(office.id)))
        self._tell(number, "person.assigned", "assigned")

    def change(self, number: str, details: Mapping[str, str | None]) -> None:
        """Details as sent, null takes one away; where none differs nothing is told."""
        person = self.person(number)
        differing = {
            name: value
            for name, value in details.items()
            if getattr(person.detail, name, None) != value
        }
        self._check_free(number, differing.get("national_id"))
        self._fill(person, differing)
        if differing:
            self._tell(number, "person.changed", "changed")

    def tell(self, number: str, event: PersonEventType) -> None:
        self.told[number] = event

    async def save(self, session: AsyncSession) -> None:
        for number in self.told:
            person = self.people[number]
            person.version += 1
            person.updated_at = self.now
        await repository.save(session, self.new)
        self.new = []
        await repository.tell(session, self._events(), self.now)

    def _events(self) -> Iterable[tuple[str, str, dict[str, Any]]]:
        for number, event in sorted(self.told.items()):
            version, held = self.people[number].version, self.held.get(number, [])
            person = {"personnel_number": number, "version": version, "assignments": held}
            yield event, number, states(person=person)

    def _tell(self, number: str, event: PersonEventType, result: Result) -> Result:
        """Once hired in this request, a person stays told as hired; once assigned, as assigned."""
        if self.told.get(number) not in {"person.hired", "person.assigned"}:
            self.told[number] = event
        return result

    def _office(self, wanted: NewAssignment) -> Office:
        """The office, which must fit the employment as it was on the first day."""
        office = self.offices.get(wanted.office)
        if office is None:
            raise UnknownOffice(f"there is no office {wanted.office}")
        span = wanted.post(office.id).span
        past = self.past.get(office.id, [])
        kinds = [period.kind for period in past if period.valid_until >= span.first]
        domain.check_place(wanted.employment, kinds[0] if kinds else office.kind)
        domain.check_open(office.status, span, self.today)
        return office

    def _hire(self, number: str) -> None:
        person = Person(
            personnel_number=number,
            detail=None,
            erased_at=None,
            version=0,
            created_at=self.now,
            updated_at=self.now,
        )
        self.people[number] = person
        self.held[number] = []
        self.new.append(person)
        self.told[number] = "person.hired"

    def _place(self, number: str, wanted: NewAssignment, office: Office, taken: Taken) -> None:
        held = self.held[number]
        if taken.ends is not None:
            n, last = taken.ends
            held[n].valid_until = last
        if taken.adds:
            assignment = Assignment(
                personnel_number=number,
                employment=wanted.employment,
                role=wanted.role,
                office_id=office.id,
                place=office,
                main=wanted.main,
                valid_from=wanted.valid_from,
                valid_until=wanted.valid_until,
                end_reason=None,
                voided_at=None,
                void_reason=None,
                recorded_by=self.by,
                created_at=self.now,
            )
            held.append(assignment)
            self.new.append(assignment)

    def _missing(self, person: Person | None, row: NewPerson, *, adds: bool) -> dict[str, str]:
        """The details of a row that are not on record; those that differ are refused.

        Of a person whose details were erased they are taken only with new work: an old file sent
        again must not bring them back.
        """
        sent = {name: getattr(row, name) for name in DETAILS if getattr(row, name) is not None}
        if person is None or (person.erased_at is not None and adds):
            missing = sent
        elif person.erased_at is not None:
            missing = {}
        else:
            missing = {n: v for n, v in sent.items() if getattr(person.detail, n, None) is None}
            for name in sent.keys() - missing.keys():
                if fold_search(getattr(person.detail, name)) != fold_search(sent[name]):
                    raise DiffersFromRecord(
                        f"another {name} is on record: change it at the person first, or send none"
                    )
        self._check_free(row.personnel_number, missing.get("national_id"))
        return missing

    def _check_free(self, number: str, national_id: str | None) -> None:
        holder = self.holders.get(national_id or "", number)
        if holder != number:
            raise NationalIdTaken(
                f"the person of the number {holder} has this national_id: one of the two is wrong"
            )

    def _fill(self, person: Person, details: Mapping[str, str | None]) -> None:
        if not details:
            return
        if person.detail is None:
            person.detail = PersonDetail(
                personnel_number=person.personnel_number, **dict.fromkeys(DETAILS)
            )
            self.new.append(person.detail)
        for name, value in details.items():
            setattr(person.detail, name, value)
        if (national_id := details.get("national_id")) is not None:
            self.holders[national_id] = person.personnel_number
        person.erased_at = None


async def opened(
    session: AsyncSession,
    *,
    numbers: Collection[str],
    offices: Collection[str] = (),
    national_ids: Collection[str] = (),
    by: str,
    now: datetime,
) -> Desk:
    """Everything that these numbers, offices and national ids name; the people are locked."""
    people = await repository.lock(session, numbers)
    places = await repository.offices(session, offices) if offices else {}
    past = await repository.kind_periods(session, [place.id for place in places.values()])
    return Desk(
        by=by,
        now=now,
        people=people,
        held=await repository.assignments(session, people),
        offices=places,
        past=past,
        holders=await repository.holders(session, national_ids) if national_ids else {},
    )
