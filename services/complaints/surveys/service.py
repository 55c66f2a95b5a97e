"""Use cases of surveys: answer, code, search, erase; send links; rules and keywords."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.complaints.cases import repository as cases
from services.complaints.cases.domain import CaseId, case_number
from services.complaints.cases.repository import Access
from services.complaints.satisfaction import repository as satisfaction
from services.complaints.satisfaction.domain import of_score, reasons_of
from services.complaints.surveys import domain, events, inviting, repository
from services.complaints.surveys.domain import Category, State
from services.complaints.surveys.errors import (
    AnswerSatisfied,
    KeywordUnknown,
    RulesOverlap,
    RuleUnknown,
    SurveyAnswered,
    SurveyOver,
    SurveyUnknown,
    TooManyKeywords,
    TooManyRules,
)
from services.complaints.surveys.models import Answer, Invitation, Rule
from services.complaints.surveys.repository import AnswerFilter, InvitationFilter
from services.complaints.surveys.schemas import (
    AnswerBody,
    AnswerRequest,
    CodedBody,
    EndRequest,
    InvitationBody,
    KeywordBody,
    KeywordsBody,
    LinkBody,
    RuleBody,
    RuleRequest,
    SurveyBody,
)
from shared import idempotency, outbox
from shared.auth import Caller
from shared.calendar import tehran_date
from shared.clock import happened_at
from shared.errors import Invalid
from shared.idempotency import Once
from shared.pagination import Page, PageBody, cut
from shared.validity import Span, first_overlap

RULES_MAX: Final = 1_000
KEYWORDS_MAX: Final = 1_000


def state_of(invitation: Invitation, now: datetime) -> State:
    if invitation.answer is not None:
        return "answered"
    if invitation.withdrawn_at is not None:
        return "withdrawn"
    return "open" if now < invitation.expires_at else "expired"


# who was invited


async def read(
    session: AsyncSession, survey: UUID, secret: str | None, now: datetime
) -> SurveyBody:
    return _survey(await repository.find(session, survey, secret), now)


def _survey(found: Invitation, now: datetime) -> SurveyBody:
    state = state_of(found, now)
    return SurveyBody.model_validate(
        {name: getattr(found, name) for name in SurveyBody.model_fields.keys() - {"state"}}
        | {"state": state}
    )


async def answer(
    session: AsyncSession,
    survey: UUID,
    secret: str | None,
    caller: Caller,
    body: AnswerRequest,
    now: datetime,
) -> SurveyBody:
    """The one answer; the same one again changes nothing, so a retry is safe."""
    found = await repository.find(session, survey, secret, lock=True)
    at = happened_at(caller, body.occurred_at, now)
    if found.answer is not None:
        if (found.answer.score, found.answer.words) == (body.score, body.words):
            return _survey(found, now)
        raise SurveyAnswered("this survey was answered, and an answer is not changed")
    _refuse_what_is_over(found, at)
    categories = await _coded(session, body)
    made = Answer(invitation_id=found.id, score=body.score, answered_at=at, recorded_at=now)
    await repository.add_answer(session, made, body.words, categories)
    session.expunge(made)
    given = await repository.answer_of(session, survey)
    await _publish(session, events.ANSWERED, given, at)
    cell = inviting.cell_of(found)
    await satisfaction.add(session, {cell: of_score(body.score)})
    told = reasons_of(domain.is_satisfied(body.score), categories)
    await satisfaction.add_reasons(session, cell, told)
    session.expire(found, ["answer"])
    return _survey(await repository.find(session, survey, secret), now)


def _refuse_what_is_over(found: Invitation, at: datetime) -> None:
    match state_of(found, at):
        case "withdrawn":
            raise SurveyOver("what it asks about did not take place")
        case "expired":
            raise SurveyOver(f"it could be answered until {found.expires_at.isoformat()}")
        case "open" | "answered":
            pass
    if at < found.invited_at:
        raise Invalid.field("body.occurred_at", "Write an instant after the invitation")


async def _coded(session: AsyncSession, body: AnswerRequest) -> list[Category]:
    """What dissatisfied words are about, by the keywords."""
    if body.words is None or domain.is_satisfied(body.score):
        return []
    return sorted(domain.coded(body.words, await repository.keywords(session)))


async def _publish(session: AsyncSession, event_type: str, answer: Answer, at: datetime) -> None:
    invitation = answer.invitation
    state = events.AnswerState(
        id=invitation.id,
        kind=invitation.kind,
        office=invitation.office,
        product=invitation.product,
        score=answer.score,
        categories=list(answer.categories),
        answered_at=answer.answered_at,
    )
    data = {"survey": state.model_dump(mode="json")}
    await outbox.append(session, event_type, data, time=at, subject=str(invitation.id))


async def erase_words(
    session: AsyncSession, survey: UUID, secret: str | None, caller: Caller, now: datetime
) -> None:
    """By who said them, or by staff; the score and what it was about stay."""
    if "surveys:write" in caller.scopes:
        found = await repository.answer_of(session, survey, lock=True)
    else:
        invitation = await repository.find(session, survey, secret, lock=True)
        if invitation.answer is None:
            raise SurveyUnknown
        found = await repository.answer_of(session, survey)
    if await repository.erase_words(session, survey):
        await _publish(session, events.WORDS_ERASED, found, now)


async def erase_words_of_case(session: AsyncSession, number: str, now: datetime) -> None:
    """With the rest of a complainant's data."""
    for survey in await repository.ids_about(session, "case", number):
        if await repository.erase_words(session, survey):
            found = await repository.answer_of(session, survey)
            await _publish(session, events.WORDS_ERASED, found, now)


async def said_of_case(session: AsyncSession, number: str) -> list[dict[str, Any]]:
    """For an export of a complainant's data: scores and words."""
    found = await repository.words_about(session, "case", number)
    return [
        {"score": row.score, "words": row.words, "answered_at": row.answered_at.isoformat()}
        for row in found
    ]


async def of_case(
    session: AsyncSession, case: CaseId, secret: str | None, now: datetime
) -> LinkBody:
    """The survey of a closed case, for whoever has the case's secret."""
    await cases.find(session, case, Access(staff=False, secret=secret))
    found = await repository.of_subject(session, "case", case_number(case))
    if found is None:
        raise SurveyUnknown
    return LinkBody(
        id=found.id,
        secret=inviting.secret_of(session, found.id),
        expires_at=found.expires_at,
        state=state_of(found, now),
    )


# who sends links, and who reads answers


async def invitations(
    session: AsyncSession, wanted: InvitationFilter, page: Page, now: datetime
) -> PageBody[InvitationBody]:
    found = await repository.invitations(
        session, wanted, after=page.after_int(), limit=page.limit + 1
    )
    shown, cursor = cut(found, page, lambda one: [one.nth])
    items = [_with_link(session, one, now) for one in shown]
    return PageBody(items=items, next=cursor)


def _with_link(session: AsyncSession, one: Invitation, now: datetime) -> InvitationBody:
    plain = InvitationBody.model_fields.keys() - {"secret", "state"}
    return InvitationBody.model_validate(
        {name: getattr(one, name) for name in plain}
        | {"secret": inviting.secret_of(session, one.id), "state": state_of(one, now)}
    )


async def answers(session: AsyncSession, wanted: AnswerFilter, page: Page) -> PageBody[AnswerBody]:
    if wanted.words is not None and domain.prefix_query(wanted.words) is None:
        raise Invalid.field("query.words", "Write a word to look for")
    before = page.after_int()
    found = await repository.answers(session, wanted, before=before, limit=page.limit + 1)
    shown, cursor = cut(found, page, lambda one: [one.nth])
    return PageBody(items=[_answer(one) for one in shown], next=cursor)


def _answer(given: Answer) -> AnswerBody:
    asked = given.invitation
    return AnswerBody(
        id=asked.id,
        kind=asked.kind,
        subject=asked.subject,
        office=asked.office,
        product=asked.product,
        occurred_at=asked.occurred_at,
        score=given.score,
        satisfied=domain.is_satisfied(given.score),
        words=given.words,
        categories=[CodedBody.model_validate(one) for one in given.coded],
        answered_at=given.answered_at,
    )


async def code(
    session: AsyncSession, survey: UUID, wanted: Sequence[Category], now: datetime
) -> AnswerBody:
    """What staff say it is about, in place of what was said before."""
    given = await repository.answer_of(session, survey, lock=True)
    if domain.is_satisfied(given.score):
        raise AnswerSatisfied("only answers of 1 to 3 are about something that went wrong")
    before = reasons_of(score_is_satisfied=False, categories=given.categories)
    categories = sorted(set(wanted))
    await repository.recode(session, survey, categories)
    after = reasons_of(score_is_satisfied=False, categories=categories)
    session.expire(given)
    given = await repository.answer_of(session, survey)
    await _publish(session, events.CODED, given, now)
    await satisfaction.add_reasons(
        session, inviting.cell_of(given.invitation), _difference(before, after)
    )
    return _answer(given)


def _difference(before: Mapping[str, int], after: Mapping[str, int]) -> dict[str, int]:
    return {key: after.get(key, 0) - before.get(key, 0) for key in sorted({*before, *after})}


# rules and keywords


async def rules(session: AsyncSession, page: Page) -> PageBody[RuleBody]:
    found = await repository.page_of_rules(session, page.after_int(), page.limit + 1)
    shown, cursor = cut(found, page, lambda rule: [rule.id])
    return PageBody(items=[RuleBody.model_validate(rule) for rule in shown], next=cursor)


async def add_rule(
    session: AsyncSession, wanted: RuleRequest, caller: Caller, effect: Once | None, now: datetime
) -> idempotency.Answer:
    async def make() -> tuple[str, RuleBody]:
        made = await _new_rule(session, wanted, caller, now)
        await _tell_rule(session, events.RULE_SET, made, now)
        return f"/v1/survey-rules/{made.id}", RuleBody.model_validate(made)

    return await idempotency.created(session, effect, make)


async def _new_rule(
    session: AsyncSession, wanted: RuleRequest, caller: Caller, now: datetime
) -> Rule:
    if wanted.valid_from <= tehran_date(now) and "backfill" not in caller.scopes:
        raise Invalid.field("body.valid_from", "Write a day to come: today's sample is drawn")
    await repository.lock_rules(session)
    known = await repository.rules(session)
    if len(known) >= RULES_MAX:
        raise TooManyRules(f"there are {RULES_MAX} rules")
    span = Span(wanted.valid_from, wanted.valid_until)
    same = [r for r in known if (r.office, r.product) == (wanted.office, wanted.product)]
    if first_overlap(span, [Span(r.valid_from, r.valid_until) for r in same]) is not None:
        raise RulesOverlap("a rule of the same office and product holds then: end it before")
    made = Rule(**wanted.model_dump(), recorded_at=now, recorded_by=caller.id)
    await repository.add_rule(session, made)
    return made


async def end_rule(
    session: AsyncSession, rule_id: int, wanted: EndRequest, now: datetime
) -> RuleBody:
    await repository.lock_rules(session)
    found = await repository.rule(session, rule_id)
    if found is None:
        raise RuleUnknown
    today = tehran_date(now)
    if wanted.on < today:
        raise Invalid.field("body.on", "Write today or a day to come: the past's sample is drawn")
    found.valid_until = Span(found.valid_from, found.valid_until).ended(wanted.on, today).last
    await session.flush()
    await _tell_rule(session, events.RULE_ENDED, found, now)
    return RuleBody.model_validate(found)


async def _tell_rule(session: AsyncSession, event_type: str, rule: Rule, now: datetime) -> None:
    data = {"survey_rule": events.RuleState.model_validate(rule).model_dump(mode="json")}
    await outbox.append(session, event_type, data, time=now, subject=str(rule.id))


async def keywords(session: AsyncSession) -> KeywordsBody:
    found = await repository.keywords(session)
    items = [KeywordBody(keyword=keyword, category=found[keyword]) for keyword in found]
    return KeywordsBody(items=items)


async def set_keyword(
    session: AsyncSession, keyword: str, category: Category, now: datetime
) -> KeywordBody:
    """Holds for answers from now on; those given before stay as they were coded."""
    await repository.lock_rules(session)
    known = await repository.keywords(session)
    if keyword not in known and len(known) >= KEYWORDS_MAX:
        raise TooManyKeywords(f"there are {KEYWORDS_MAX} keywords")
    await repository.set_keyword(session, keyword, category)
    await _tell_keyword(session, events.KEYWORD_SET, keyword, category, now)
    return KeywordBody(keyword=keyword, category=category)


async def remove_keyword(session: AsyncSession, keyword: str, now: datetime) -> None:
    await repository.lock_rules(session)
    category = await repository.remove_keyword(session, keyword)
    if category is None:
        raise KeywordUnknown
    await _tell_keyword(session, events.KEYWORD_REMOVED, keyword, category, now)


async def _tell_keyword(
    session: AsyncSession, event_type: str, keyword: str, category: Category, now: datetime
) -> None:
    state = events.KeywordState(keyword=keyword, category=category)
    data = {"survey_keyword": state.model_dump(mode="json")}
    await outbox.append(session, event_type, data, time=now, subject=keyword)
