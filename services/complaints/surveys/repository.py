"""SQL of the surveys, and who may see which."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, literal_column, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from services.complaints.cases.models import Snapshot
from services.complaints.satisfaction.domain import UNCODED
from services.complaints.surveys import domain
from services.complaints.surveys.domain import Category, Coder, Kind
from services.complaints.surveys.errors import AnswerUnknown, SurveyUnknown
from services.complaints.surveys.models import Answer, Coded, Invitation, Keyword, Rule, Words
from shared.calendar import Period

_RULES_LOCK: Final = 0x5053_5256
_INVITE: Final = text("""
INSERT INTO survey_invitation (id, kind, subject, office, product, month, occurred_at, invited_at,
    expires_at, secret_hash)
SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:kinds AS text[]), CAST(:subjects AS text[]),
    CAST(:offices AS text[]), CAST(:products AS text[]), CAST(:months AS date[]),
    CAST(:occurred AS timestamptz[]), CAST(:invited AS timestamptz[]),
    CAST(:expires AS timestamptz[]), CAST(:hashes AS bytea[]))
ON CONFLICT (id) DO NOTHING RETURNING id
""")
_LOCK: Final = text("SELECT id FROM survey_invitation WHERE id = ANY(:ids) ORDER BY id FOR UPDATE")
# a statement of its own after the lock, so that it sees an answer that was given meanwhile
_WITHDRAW: Final = text("""
UPDATE survey_invitation i SET withdrawn_at = :now
WHERE i.id = ANY(:ids) AND i.withdrawn_at IS NULL
    AND NOT EXISTS (SELECT FROM survey_answer a WHERE a.invitation_id = i.id)
RETURNING i.id
""")


# invitations


async def invite(session: AsyncSession, made: Sequence[Invitation]) -> set[UUID]:
    """Those that were not invited before."""
    found = await session.execute(
        _INVITE,
        {
            "ids": [one.id for one in made],
            "kinds": [one.kind for one in made],
            "subjects": [one.subject for one in made],
            "offices": [one.office for one in made],
            "products": [one.product for one in made],
            "months": [one.month for one in made],
            "occurred": [one.occurred_at for one in made],
            "invited": [one.invited_at for one in made],
            "expires": [one.expires_at for one in made],
            "hashes": [one.secret_hash for one in made],
        },
    )
    return set(found.scalars())


async def parcel_of(session: AsyncSession, case_id: int) -> Mapping[str, Any] | None:
    """What parcels said of the case's parcel; None where it is about none, or nothing was said."""
    query = select(Snapshot.parcel).where(Snapshot.case_id == case_id)
    found: Mapping[str, Any] | None = (await session.execute(query)).scalar()
    return found


async def withdraw(
    session: AsyncSession, ids: Sequence[UUID], now: datetime
) -> Sequence[Invitation]:
    """Those of them that nobody has answered."""
    await session.execute(_LOCK, {"ids": sorted(ids)})
    gone = (await session.execute(_WITHDRAW, {"ids": list(ids), "now": now})).scalars().all()
    query = select(Invitation).where(Invitation.id.in_(gone)).order_by(Invitation.nth)
    return (await session.execute(query)).scalars().all()


async def find(
    session: AsyncSession, survey: UUID, secret: str | None, *, lock: bool = False
) -> Invitation:
    """An invitation with its answer, for whoever has its secret; to others it is absent."""
    if lock:
        await session.execute(_LOCK, {"ids": [survey]})
    query = select(Invitation).where(Invitation.id == survey)
    whole = joinedload(Invitation.answer)
    query = query.options(whole.joinedload(Answer.said), whole.selectinload(Answer.coded))
    found = (await session.execute(query)).unique().scalar_one_or_none()
    if found is None or secret is None or not domain.opens(secret, found.secret_hash):
        raise SurveyUnknown
    return found


async def of_subject(session: AsyncSession, kind: Kind, subject: str) -> Invitation | None:
    """The newest about it."""
    query = select(Invitation).where(Invitation.subject == subject, Invitation.kind == kind)
    query = query.options(joinedload(Invitation.answer)).order_by(Invitation.nth.desc()).limit(1)
    return (await session.execute(query)).scalar_one_or_none()


@dataclass(frozen=True, slots=True)
class InvitationFilter:
    """Of invitations; None leaves all in."""

    kind: Kind | None
    subject: str | None
    answered: bool | None


async def invitations(
    session: AsyncSession, wanted: InvitationFilter, *, after: int | None, limit: int
) -> Sequence[Invitation]:
    """The oldest first."""
    query = select(Invitation).outerjoin(Invitation.answer).order_by(Invitation.nth).limit(limit)
    query = query.options(joinedload(Invitation.answer))
    if after is not None:
        query = query.where(Invitation.nth > after)
    if wanted.kind is not None:
        query = query.where(Invitation.kind == wanted.kind)
    if wanted.subject is not None:
        query = query.where(Invitation.subject == wanted.subject)
    if wanted.answered is not None:
        given = Answer.invitation_id.is_not(None)
        query = query.where(given if wanted.answered else ~given)
    return (await session.execute(query)).scalars().all()


# answers


async def add_answer(
    session: AsyncSession, answer: Answer, words: str | None, categories: Sequence[Category]
) -> None:
    session.add(answer)
    await session.flush()
    if words is not None:
        folded = domain.folded(words)
        session.add(Words(invitation_id=answer.invitation_id, words=words, folded=folded))
    add_codes(session, answer.invitation_id, categories, "keywords")
    await session.flush()


def add_codes(
    session: AsyncSession, answer: UUID, categories: Sequence[Category], coded_by: Coder
) -> None:
    session.add_all(
        Coded(invitation_id=answer, category=category, coded_by=coded_by) for category in categories
    )


async def answer_of(session: AsyncSession, survey: UUID, *, lock: bool = False) -> Answer:
    """Whole, for staff; raises AnswerUnknown."""
    if lock:
        await session.execute(_LOCK, {"ids": [survey]})
    query = select(Answer).where(Answer.invitation_id == survey).options(*_WHOLE)
    found = (await session.execute(query)).scalar_one_or_none()
    if found is None:
        raise AnswerUnknown
    return found


_WHOLE: Final = (
    joinedload(Answer.invitation),
    joinedload(Answer.said),
    selectinload(Answer.coded),
)


async def recode(session: AsyncSession, answer: UUID, categories: Sequence[Category]) -> None:
    await session.execute(delete(Coded).where(Coded.invitation_id == answer))
    add_codes(session, answer, categories, "staff")
    await session.flush()


async def erase_words(session: AsyncSession, answer: UUID) -> bool:
    """Whether there were any."""
    gone = await session.execute(
        delete(Words).where(Words.invitation_id == answer).returning(Words.invitation_id)
    )
    return gone.scalar() is not None


async def ids_about(session: AsyncSession, kind: Kind, subject: str) -> Sequence[UUID]:
    query = select(Invitation.id).where(Invitation.subject == subject, Invitation.kind == kind)
    return (await session.execute(query)).scalars().all()


async def words_about(session: AsyncSession, kind: Kind, subject: str) -> Sequence[Any]:
    """Scores and words of all answers about a subject, for an export of someone's data."""
    query = (
        select(Answer.score, Answer.answered_at, Words.words)
        .join(Answer.invitation)
        .outerjoin(Answer.said)
        .where(Invitation.subject == subject, Invitation.kind == kind)
        .order_by(Answer.nth)
    )
    return (await session.execute(query)).all()


@dataclass(frozen=True, slots=True)
class AnswerFilter:
    """Of answers; None leaves all in. `words`: all of them, each as the beginning of a word."""

    words: str | None
    category: str | None
    kind: Kind | None
    office: str | None
    product: str | None
    score_max: int | None
    period: Period | None


async def answers(
    session: AsyncSession, wanted: AnswerFilter, *, before: int | None, limit: int
) -> Sequence[Answer]:
    """The newest first."""
    query = select(Answer).join(Answer.invitation).options(*_WHOLE)
    query = query.order_by(Answer.nth.desc()).limit(limit)
    if before is not None:
        query = query.where(Answer.nth < before)
    if wanted.words is not None:
        asked = domain.prefix_query(wanted.words) or ""
        simple: ColumnElement[Any] = literal_column("'simple'::regconfig")
        said = func.to_tsvector(simple, Words.folded).op("@@")(func.to_tsquery(simple, asked))
        query = query.join(Answer.said).where(said)
    if wanted.category is not None:
        query = query.where(_coded_as(wanted.category))
    if wanted.score_max is not None:
        query = query.where(Answer.score <= wanted.score_max)
    if wanted.period is not None:
        query = query.where(
            Invitation.month >= wanted.period.start, Invitation.month < wanted.period.end
        )
    for column, value in (
        (Invitation.kind, wanted.kind),
        (Invitation.office, wanted.office),
        (Invitation.product, wanted.product),
    ):
        if value is not None:
            query = query.where(column == value)
    return (await session.execute(query)).scalars().all()


def _coded_as(category: str) -> Any:
    coded = select(Coded.invitation_id).where(Coded.invitation_id == Answer.invitation_id)
    if category == UNCODED:
        return ~coded.exists() & (Answer.score < domain.SATISFIED)
    return coded.where(Coded.category == category).exists()


# rules and keywords


async def lock_rules(session: AsyncSession) -> None:
    """One at a time changes rules or keywords; readers go on."""
    await session.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": _RULES_LOCK})


async def rules(session: AsyncSession, since: date | None = None) -> Sequence[Rule]:
    """Those that hold on `since` or later."""
    query = select(Rule).order_by(Rule.valid_from, Rule.id)
    if since is not None:
        query = query.where(or_(Rule.valid_until.is_(None), Rule.valid_until >= since))
    return (await session.execute(query)).scalars().all()


async def page_of_rules(session: AsyncSession, after: int | None, limit: int) -> Sequence[Rule]:
    query = select(Rule).order_by(Rule.id).limit(limit)
    if after is not None:
        query = query.where(Rule.id > after)
    return (await session.execute(query)).scalars().all()


async def rule(session: AsyncSession, rule_id: int) -> Rule | None:
    return await session.get(Rule, rule_id)


async def add_rule(session: AsyncSession, made: Rule) -> None:
    session.add(made)
    await session.flush()


async def keywords(session: AsyncSession) -> Mapping[str, Category]:
    rows = await session.execute(select(Keyword).order_by(Keyword.keyword))
    return {one.keyword: one.category for one in rows.scalars()}


async def set_keyword(session: AsyncSession, keyword: str, category: Category) -> None:
    await session.merge(Keyword(keyword=keyword, category=category))
    await session.flush()


async def remove_keyword(session: AsyncSession, keyword: str) -> Category | None:
    """What it stood for; None if there was none."""
    gone = await session.execute(
        delete(Keyword).where(Keyword.keyword == keyword).returning(Keyword.category)
    )
    found: Category | None = gone.scalar()
    return found
