"""Surveys over HTTP."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response

from services.complaints.cases.domain import parse_number
from services.complaints.cases.routes import Number
from services.complaints.cases.routes import Secret as CaseSecret
from services.complaints.dependencies import (
    Caller,
    Effect,
    Now,
    Page,
    Reader,
    Session,
    SurveySender,
    SurveyWriter,
    answer_once,
)
from services.complaints.satisfaction.schemas import CodeText, ReportPeriod
from services.complaints.surveys import service
from services.complaints.surveys.domain import Kind
from services.complaints.surveys.repository import AnswerFilter, InvitationFilter
from services.complaints.surveys.schemas import (
    AnswerBody,
    AnswerRequest,
    CategoriesRequest,
    EndRequest,
    FilterCategory,
    InvitationBody,
    KeywordBody,
    KeywordRequest,
    KeywordsBody,
    KeywordText,
    LinkBody,
    RuleBody,
    RuleRequest,
    SurveyBody,
)
from shared.calendar import Period
from shared.errors import responses
from shared.fields import OfficeCode
from shared.pagination import PageBody, link_next
from shared.text import text

router = APIRouter(prefix="/v1/surveys", tags=["surveys"])
given = APIRouter(prefix="/v1/survey-answers", tags=["surveys"])
of_cases = APIRouter(prefix="/v1/complaints", tags=["surveys"])
rules = APIRouter(prefix="/v1/survey-rules", tags=["surveys"])
keywords = APIRouter(prefix="/v1/survey-keywords", tags=["surveys"])

Secret = Annotated[
    str | None,
    Header(alias="Susa-Survey-Secret", max_length=100, description="From the link."),
]
RuleId = Annotated[int, Path(ge=1, lt=2**63)]
_BODY: Final = (400, 401, 413, 422, 503)
_NO_STORE: Final = "no-store"


def _scoped(scope: str, *statuses: int) -> dict[str, Any]:
    return {"responses": responses(*statuses, 401, 422, 503), "openapi_extra": {"x-scope": scope}}


async def _invitation_filter(
    kind: Kind | None = None,
    subject: Annotated[str | None, Query(max_length=40), text(1, 40)] = None,
    answered: bool | None = None,  # noqa: FBT001 - a query parameter
) -> InvitationFilter:
    return InvitationFilter(kind, subject, answered)


@router.get("", operation_id="list_survey_invitations", **_scoped("surveys:send", 403))
async def invitations(
    request: Request,
    response: Response,
    session: Session,
    _: SurveySender,
    page: Page,
    now: Now,
    wanted: Annotated[InvitationFilter, Depends(_invitation_filter)],
) -> PageBody[InvitationBody]:
    """The oldest first, each with the secret of its link: for who sends them."""
    response.headers["Cache-Control"] = _NO_STORE
    found = await service.invitations(session, wanted, page, now)
    link_next(request, response, found.next)
    return found


@router.get("/{survey}", operation_id="get_survey", **_scoped("public", 404))
async def read(
    session: Session, survey: UUID, now: Now, response: Response, secret: Secret = None
) -> SurveyBody:
    """A survey and its answer, with the secret of its link."""
    response.headers["Cache-Control"] = _NO_STORE
    return await service.read(session, survey, secret, now)


@router.put(
    "/{survey}/answer",
    operation_id="answer_survey",
    **_scoped("public", *_BODY, 403, 404, 409, 410),
)
async def answer(
    session: Session,
    survey: UUID,
    caller: Caller,
    now: Now,
    body: AnswerRequest,
    secret: Secret = None,
) -> SurveyBody:
    """Answer once, with the secret of the link; the same answer again changes nothing."""
    return await service.answer(session, survey, secret, caller, body, now)


@router.delete(
    "/{survey}/words",
    status_code=204,
    operation_id="erase_survey_words",
    **_scoped("public", 404),
)
async def erase_words(
    session: Session, survey: UUID, caller: Caller, now: Now, secret: Secret = None
) -> None:
    """Erase what was said, with the secret or as staff with `surveys:write`; the score stays."""
    await service.erase_words(session, survey, secret, caller, now)


@of_cases.get("/{number}/survey", operation_id="get_complaint_survey", **_scoped("public", 404))
async def of_case(
    session: Session, number: Number, now: Now, response: Response, secret: CaseSecret = None
) -> LinkBody:
    """The link to the survey about a closed case, with the case's secret."""
    response.headers["Cache-Control"] = _NO_STORE
    return await service.of_case(session, parse_number(number), secret, now)


async def _answer_filter(
    words: Annotated[str | None, Query(max_length=200), text(1, 200)] = None,
    category: FilterCategory | None = None,
    kind: Kind | None = None,
    office: Annotated[OfficeCode | None, Query()] = None,
    product: Annotated[CodeText | None, Query()] = None,
    score_max: Annotated[int | None, Query(ge=1, le=5)] = None,
    period: Annotated[ReportPeriod | None, Query()] = None,
) -> AnswerFilter:
    within = Period.parse(period) if period else None
    return AnswerFilter(words, category, kind, office, product, score_max, within)


@given.get("", operation_id="list_survey_answers", **_scoped("complaints:read", 403))
async def answers(
    request: Request,
    response: Response,
    session: Session,
    _: Reader,
    page: Page,
    wanted: Annotated[AnswerFilter, Depends(_answer_filter)],
) -> PageBody[AnswerBody]:
    """The newest first; `words` finds beginnings of words, however they are spelt in Persian."""
    found = await service.answers(session, wanted, page)
    link_next(request, response, found.next)
    return found


@given.put(
    "/{survey}/categories",
    operation_id="code_survey_answer",
    **_scoped("surveys:write", *_BODY, 403, 404, 409),
)
async def code(
    session: Session, survey: UUID, _: SurveyWriter, now: Now, body: CategoriesRequest
) -> AnswerBody:
    """What an answer that is not satisfied is about, in place of what the keywords found."""
    return await service.code(session, survey, body.categories, now)


@rules.get("", operation_id="list_survey_rules", **_scoped("surveys:write", 403))
async def list_rules(
    request: Request, response: Response, session: Session, _: SurveyWriter, page: Page
) -> PageBody[RuleBody]:
    found = await service.rules(session, page)
    link_next(request, response, found.next)
    return found


@rules.post(
    "",
    status_code=201,
    response_model=RuleBody,
    operation_id="set_survey_rule",
    **_scoped("surveys:write", *_BODY, 403, 409),
)
async def set_rule(
    session: Session, caller: SurveyWriter, now: Now, body: RuleRequest, effect: Effect
) -> Response:
    """What share of deliveries is asked about, from a day on; the closest rule holds."""
    return (await service.add_rule(session, body, caller, effect, now)).response()


@rules.post(
    "/{rule_id}/end",
    operation_id="end_survey_rule",
    response_model=RuleBody,
    **_scoped("surveys:write", *_BODY, 403, 404, 409),
)
async def end_rule(
    session: Session, rule_id: RuleId, _: SurveyWriter, now: Now, body: EndRequest, effect: Effect
) -> Response:
    return await answer_once(
        session, effect, lambda: service.end_rule(session, rule_id, body, now), status=200
    )


@keywords.get("", operation_id="list_survey_keywords", **_scoped("surveys:write", 403))
async def list_keywords(session: Session, _: SurveyWriter) -> KeywordsBody:
    """All, by keyword; at most a thousand."""
    return await service.keywords(session)


@keywords.put(
    "/{keyword}", operation_id="set_survey_keyword", **_scoped("surveys:write", *_BODY, 403, 409)
)
async def set_keyword(
    session: Session,
    keyword: Annotated[KeywordText, Path()],
    _: SurveyWriter,
    now: Now,
    body: KeywordRequest,
) -> KeywordBody:
    """What a word, words in a row, or a beginning with `*` is about, from now on."""
    return await service.set_keyword(session, keyword, body.category, now)


@keywords.delete(
    "/{keyword}",
    status_code=204,
    operation_id="remove_survey_keyword",
    **_scoped("surveys:write", 403, 404),
)
async def remove_keyword(
    session: Session, keyword: Annotated[KeywordText, Path()], _: SurveyWriter, now: Now
) -> None:
    await service.remove_keyword(session, keyword, now)
