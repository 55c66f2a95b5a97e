"""Entity tags (RFC 9110): who has the answer already gets 304 and no body."""

from collections.abc import Mapping
from hashlib import blake2b

from fastapi import Request, Response


def tagged(request: Request, body: bytes, media_type: str, headers: Mapping[str, str]) -> Response:
    """The answer with its tag, or 304 where `If-None-Match` names it."""
    tag = f'"{blake2b(body, digest_size=12).hexdigest()}"'
    sent = {**headers, "ETag": tag}
    known = request.headers.get("if-none-match")
    if known is not None and names(known, tag):
        return Response(status_code=304, headers=sent)
    return Response(body, media_type=media_type, headers=sent)


def names(if_none_match: str, tag: str) -> bool:
    """Whether the header names the tag; compared weakly, as a proxy may have weakened it."""
    listed = if_none_match.split(",")
    return any(one.strip().removeprefix("W/") in {tag, "*"} for one in listed)
