"""Entity tags (RFC 9110): who has the answer already gets 304 and no body."""

from collections.abc import Sequence
from hashlib import blake2b

from fastapi import Request, Response


def tagged(
    request: Request, body: bytes, media_type: str, headers: Sequence[tuple[bytes, bytes]]
) -> Response:
    """The answer with its tag, or 304 where `If-None-Match` names it.

    Headers are given as they go out, names in lower case: this is for hot routes.
    """
    tag = f'"{blake2b(body, digest_size=12).hexdigest()}"'
    known = request.headers.get("if-none-match")
    same = known is not None and names(known, tag)
    answer = Response(status_code=304) if same else Response(body, media_type=media_type)
    answer.raw_headers += [*headers, (b"etag", tag.encode())]
    return answer


def names(if_none_match: str, tag: str) -> bool:
    """Whether the header names the tag; compared weakly, as a proxy may have weakened it."""
    listed = if_none_match.split(",")
    return any(one.strip().removeprefix("W/") in {tag, "*"} for one in listed)
