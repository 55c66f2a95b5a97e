class ApiError(Exception):
    """The API did not do what was asked; the run stops and can be resumed."""


class Refused(ApiError):
    """A 4xx, or a refused item, that no repetition will mend; `code` is the problem's."""

    def __init__(self, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.code = code


class Unreachable(ApiError):
    """Still no answer, or only 5xx, after all attempts."""
