"""Problem details (RFC 9457): every error of every service leaves as `application/problem+json`."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import asyncpg
import sqlalchemy.exc
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"


class FieldError(BaseModel):
    field: str = Field(description="Where in the request, dotted: `body.recipient.phone`.")
    message: str
    code: str = Field(description="Stable: what is wrong, in a word of Pydantic or of ours.")
    limits: dict[str, float | str] | None = Field(
        None, description="What it was held against, such as `max_length`; left out without any."
    )


class ProblemBody(BaseModel):
    """RFC 9457 problem details; `code` is stable, `detail` is for people."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    errors: list[FieldError] | None = None


class Problem(Exception):  # noqa: N818 - RFC 9457 calls it a problem
    """Base of all refusals: a subclass says `status` and `code`, an instance says `detail`."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal"
    title: ClassVar[str] = "Internal error"
    media_type: ClassVar[str] = MEDIA_TYPE

    def __init__(
        self,
        detail: str,
        *,
        errors: Sequence[Mapping[str, Any]] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = list(errors) if errors else None
        self.headers = dict(headers or {})

    def as_dict(self) -> dict[str, Any]:
        return problem_dict(self.status, self.code, self.title, self.detail, self.errors)


class BadRequest(Problem):
    status, code, title = 400, "bad_request", "Bad request"


class Unauthenticated(Problem):
    status, code, title = 401, "unauthenticated", "Not authenticated"

    def __init__(self, detail: str = "a valid API key is required") -> None:
        super().__init__(detail, headers={"WWW-Authenticate": "Bearer"})


class Forbidden(Problem):
    status, code, title = 403, "forbidden", "Forbidden"


class NotFound(Problem):
    status, code, title = 404, "not_found", "Not found"


class Conflict(Problem):
    status, code, title = 409, "conflict", "Conflict"


class Gone(Problem):
    status, code, title = 410, "gone", "Gone"


class TooLarge(Problem):
    status, code, title = 413, "too_large", "Content too large"


class Invalid(Problem):
    status, code, title = 422, "invalid", "Invalid request"

    @classmethod
    def field(cls, field: str, message: str, code: str = "invalid") -> "Invalid":
        error = {"field": field, "message": message, "code": code}
        return cls(f"{field}: {message}", errors=[error])


class Unavailable(Problem):
    status, code, title = 503, "unavailable", "Service unavailable"


class DeadlineExceeded(Problem):
    status, code, title = 504, "deadline_exceeded", "Deadline exceeded"


def problem_dict(
    status: int,
    code: str,
    title: str,
    detail: str,
    errors: Sequence[Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    body: dict[str, Any] = {
        "type": f"urn:susa:problem:{code}",
        "title": title,
        "status": status,
        "code": code,
        "detail": detail,
    }
    if errors:
        body["errors"] = list(errors)
    return body


def problem_response(problem: Problem) -> Response:
    return Response(
        json.dumps(problem.as_dict(), ensure_ascii=False),
        status_code=problem.status,
        media_type=problem.media_type,
        headers=problem.headers,
    )


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """OpenAPI `responses` of a route that may answer these problem statuses."""
    schema = {"$ref": "#/components/schemas/ProblemBody"}
    return {
        status: {
            "description": _TITLES.get(status, "Problem"),
            "content": {MEDIA_TYPE: {"schema": schema}},
        }
        for status in statuses
    }


_TITLES = {
    cls.status: cls.title
    for cls in (
        BadRequest,
        Unauthenticated,
        Forbidden,
        NotFound,
        Conflict,
        Gone,
        TooLarge,
        Invalid,
        Unavailable,
        DeadlineExceeded,
    )
}


async def _on_problem(_: Request, exc: Exception) -> Response:
    assert isinstance(exc, Problem)  # noqa: S101 - registered for Problem only
    return problem_response(exc)


_LIMITS = frozenset(
    {"gt", "ge", "lt", "le", "multiple_of", "min_length", "max_length", "expected", "max_digits"}
)
"""Of what Pydantic tells of an error: what the schema says, nothing of the input."""


def field_errors(errors: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Pydantic's error list as `errors` of a problem; input values stay out (PII)."""
    return [_field_error(error) for error in errors[:100]]


def _field_error(error: Mapping[str, Any]) -> dict[str, Any]:
    told = {
        "field": ".".join(str(part) for part in error["loc"]),
        "message": str(error["msg"]),
        "code": str(error["type"]),
    }
    limits = {
        name: value if isinstance(value, int | float) else str(value)
        for name, value in (error.get("ctx") or {}).items()
        if name in _LIMITS
    }
    return told | {"limits": limits} if limits else told


async def _on_validation(_: Request, exc: Exception) -> Response:
    assert isinstance(exc, RequestValidationError)  # noqa: S101 - registered for it only
    errors = field_errors(exc.errors())
    first = errors[0] if errors else {"field": "body", "message": "invalid", "code": "invalid"}
    return problem_response(Invalid(f"{first['field']}: {first['message']}", errors=errors))


_HTTP_CODES = {400: "bad_request", 404: "not_found", 405: "method_not_allowed", 413: "too_large"}


async def _on_http(_: Request, exc: Exception) -> Response:
    assert isinstance(exc, HTTPException)  # noqa: S101 - registered for it only
    code = _HTTP_CODES.get(exc.status_code, f"http_{exc.status_code}")
    body = problem_dict(exc.status_code, code, str(exc.detail), str(exc.detail))
    return Response(
        json.dumps(body),
        status_code=exc.status_code,
        media_type=MEDIA_TYPE,
        headers=dict(exc.headers or {}),
    )


async def _on_database(request: Request, exc: Exception) -> Response:
    """The database is away, busy or too slow: 503, try again; anything else is our fault."""
    if not is_passing(exc):
        return await _on_crash(request, exc)
    log.warning("database_unavailable", operation=_operation(request), error=repr(exc)[:300])
    problem = Unavailable("the database does not answer now; try again shortly")
    problem.headers["Retry-After"] = "2"
    return problem_response(problem)


def is_passing(exc: BaseException | None) -> bool:
    """Whether trying again later may help: the database is away, busy or too slow."""
    if isinstance(exc, sqlalchemy.exc.DBAPIError):
        if exc.connection_invalidated:
            return True
        while exc is not None and not isinstance(exc, _PASSING):
            exc = exc.__cause__  # of SQLAlchemy, of its dialect, of asyncpg
    return isinstance(exc, _PASSING)


_PASSING = (
    OSError,
    TimeoutError,
    sqlalchemy.exc.TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.exceptions.OperatorInterventionError,
    asyncpg.exceptions.InsufficientResourcesError,
    asyncpg.exceptions.ObjectNotInPrerequisiteStateError,  # locked; or takes no connections now
    asyncpg.exceptions.TransactionRollbackError,
)


def _operation(request: Request) -> str:
    """As it is documented: the path itself names parcels and people's references."""
    return f"{request.method} {getattr(request.scope.get('route'), 'path', '(none)')}"


async def _on_crash(request: Request, exc: Exception) -> Response:
    log.error("request_crashed", operation=_operation(request), exc_info=exc)
    return problem_response(Problem("an unexpected error; it has been logged"))


def install(app: FastAPI) -> None:
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(HTTPException, _on_http)
    for kind in (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, SQLAlchemyError):
        app.add_exception_handler(kind, _on_database)
    app.add_exception_handler(Exception, _on_crash)
