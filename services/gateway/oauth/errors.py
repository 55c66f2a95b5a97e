"""Refusals of the token endpoint: RFC 6749, 5.2, with our problem's members beside its own."""

from typing import Any, ClassVar

from typing_extensions import override

from shared.errors import Problem


class TokenProblem(Problem):
    """As JSON, since libraries of clients look for that and nothing else."""

    status: ClassVar[int] = 400
    media_type: ClassVar[str] = "application/json"

    def __init__(self, detail: str, **headers: str) -> None:
        super().__init__(detail, headers={"Cache-Control": "no-store", **headers})

    @override
    def as_dict(self) -> dict[str, Any]:
        return {**super().as_dict(), "error": self.code, "error_description": self.detail}


class InvalidRequest(TokenProblem):
    code, title = "invalid_request", "The request for a token is not as agreed"


class UnsupportedGrant(TokenProblem):
    code, title = "unsupported_grant_type", "No such grant"


class InvalidScope(TokenProblem):
    code, title = "invalid_scope", "The client may not have this scope"


class InvalidClient(TokenProblem):
    status, code, title = 401, "invalid_client", "The client is not accepted"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, **{"WWW-Authenticate": "Basic"})
