"""Keyset pages: an opaque cursor over the sort key, and RFC 8288 `Link` for the next page."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Generic, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel

from shared.errors import Invalid

LIMIT_MAX: Final = 200
CURSOR_MAX: Final = 1_000
CODE_MAX: Final = 100
T = TypeVar("T")


class PageBody(BaseModel, Generic[T]):
    items: list[T]
    next: str | None


@dataclass(frozen=True, slots=True)
class Page:
    """What a list request asks for: at most `limit` rows after the sort key `after`."""

    limit: int
    after: list[Any] | None

    def after_int(self) -> int | None:
        """The sort key, a bigint or its digits; None on the first page; Invalid if made up."""
        match self.after:
            case None:
                return None
            case [int(number)] if not isinstance(number, bool):
                pass
            case [str(digits)] if digits.isascii() and digits.isdecimal():
                number = int(digits)
            case _:
                raise not_a_cursor()
        if not 0 <= number < 2**63:
            raise not_a_cursor()
        return number

    def after_uuid(self) -> UUID | None:
        """The same for a sort key that is a UUID."""
        match self.after:
            case None:
                return None
            case [str(text)]:
                try:
                    return UUID(text)
                except ValueError:
                    raise not_a_cursor() from None
            case _:
                raise not_a_cursor()

    def after_text(self) -> str | None:
        """The same for a sort key that is a short code."""
        match self.after:
            case None:
                return None
            case [str(code)] if len(code) <= CODE_MAX and code.isascii() and code.isprintable():
                return code
            case _:
                raise not_a_cursor()


def not_a_cursor() -> Invalid:
    return Invalid.field("query.cursor", "not a cursor that this list gave out")


def encode_cursor(key: Sequence[Any]) -> str:
    text = json.dumps(list(key), ensure_ascii=False)  # escaped, a Persian name is thrice as long
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> list[Any]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        key = json.loads(base64.urlsafe_b64decode(padded.encode("ascii")))
    except (ValueError, binascii.Error, UnicodeError, RecursionError) as error:
        raise not_a_cursor() from error
    if not isinstance(key, list) or not key:
        raise not_a_cursor()
    return key


async def page(
    limit: Annotated[int, Query(ge=1, le=LIMIT_MAX)] = 50,
    cursor: Annotated[str | None, Query(max_length=CURSOR_MAX)] = None,
) -> Page:
    return Page(limit, decode_cursor(cursor) if cursor else None)


PageQuery = Annotated[Page, Depends(page)]


def cut(
    rows: Sequence[T], asked: Page, key: Callable[[T], Sequence[Any]]
) -> tuple[list[T], str | None]:
    """Of `limit + 1` rows: the page, and the cursor of the next one if a row was left over."""
    if len(rows) <= asked.limit:
        return list(rows), None
    shown = list(rows[: asked.limit])
    return shown, encode_cursor(key(shown[-1]))


def link_next(request: Request, response: Response, cursor: str | None) -> None:
    if cursor is None:
        return
    pairs = [(k, v) for k, v in request.query_params.multi_items() if k != "cursor"]
    query = urlencode([*pairs, ("cursor", cursor)])
    response.headers["Link"] = f'<{request.url.path}?{query}>; rel="next"'
