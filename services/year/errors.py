class ApiError(Exception):
    """The API did not do what was asked; the run stops and can be resumed."""


class Refused(ApiError):
    """A 4xx, or a refused item, that no repetition will mend."""


class Unreachable(ApiError):
    """Still no answer, or only 5xx, after all attempts."""
