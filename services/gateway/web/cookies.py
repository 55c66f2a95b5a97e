"""The cookie that holds a session on the portal's paths, and on no other. Pure."""

from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie
from typing import Final

from services.gateway.traffic.domain import Header

SESSION: Final = "susa_session"
LANGUAGE: Final = "lang"
PORTAL: Final = "/portal"
"""Only here a cookie speaks for anyone: what other sites make a browser ask of the API does not."""
_NAME: Final = SESSION.encode() + b"="


def authorization_of(path: str, headers: Iterable[Header]) -> bytes | None:
    """`Bearer` and the session's token (or a partner's key), on a page of the portal that has one.

    Its value is base64url, so it needs no unquoting.
    """
    if not path.startswith(PORTAL):
        return None
    for name, value in headers:
        if name == b"cookie":
            for one in value.split(b";"):
                pair = one.strip()
                if pair.startswith(_NAME) and len(pair) > len(_NAME):
                    return b"Bearer " + pair[len(_NAME) :]
    return None


def kept(
    name: str, value: str, *, secure: bool, age_s: int | None = None, path: str | None = None
) -> str:
    """A `Set-Cookie` header; without `age_s` it goes when the browser is closed, 0 erases it."""
    jar = SimpleCookie()
    try:
        jar[name] = value
    except CookieError as error:  # only names of ours come here
        raise ValueError(name) from error
    jar[name]["path"] = path or (PORTAL if name == SESSION else "/")
    jar[name]["httponly"] = True
    jar[name]["samesite"] = "Lax" if name == LANGUAGE else "Strict"
    if secure:
        jar[name]["secure"] = True
    if age_s is not None:
        jar[name]["max-age"] = age_s
    return jar[name].OutputString()
