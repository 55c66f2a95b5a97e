"""A page: its language, what it says, who reads it, what it asks, how it is answered."""

from collections.abc import Mapping
from math import inf
from time import monotonic
from typing import Annotated, Any, Final, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from typing_extensions import Unpack

from services.gateway.config import Settings
from services.gateway.web import asking, cookies, templating
from services.gateway.web.asking import Answer, Options, Trouble
from services.gateway.web.forms import Form, read_form
from services.gateway.web.navigation import Link, links_of
from services.gateway.web.texts import ALL, LANGUAGES, Language, Texts
from shared.auth import Caller
from shared.client import DEADLINE_HEADER
from shared.dependencies import CallerOf

R = TypeVar("R", bound=Response)
YEAR_S: Final = 365 * 24 * 3600
SAY_S: Final = 1.0
"""Of the page's own deadline, for saying what came of it: what was typed is not lost."""
LEAST_S: Final = 0.1
POLICY: Final = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self'; script-src 'self';"
    " object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(self), camera=(self), microphone=(), payment=()",
}


class Page:
    """One request of a page, and its answers.

    What only its reader may see is `private`: kept by nobody on the way, nor by the browser.
    """

    def __init__(self, request: Request, caller: Caller, language: Language) -> None:
        self.request = request
        self.caller = caller
        self.lang: Language = language
        told = request.headers.get(DEADLINE_HEADER, "")
        self._until = monotonic() + int(told) / 1000 if told.isdecimal() else inf

    @property
    def t(self) -> Texts:
        return ALL[self.lang]

    @property
    def signed_in(self) -> bool:
        return self.caller.kind != "anonymous"

    @property
    def links(self) -> list[Link]:
        """Where the portal leads its reader."""
        return links_of(self.caller)

    @property
    def path(self) -> str:
        """With its query, `lang` apart: where the page is to be found again."""
        url = self.request.url
        query = [(k, v) for k, v in parse_qsl(url.query) if k != "lang"]
        return f"{url.path}?{urlencode(query)}" if query else url.path

    @property
    def secure(self) -> bool:
        """Whether readers come over TLS, though a proxy may end it."""
        settings: Settings = self.request.app.state.runtime.settings
        return self.request.url.scheme == "https" or settings.public_url.scheme == "https"

    async def ask(self, method: str, service: str, path: str, **options: Unpack[Options]) -> Answer:
        """As `asking.ask`, as this page's reader.

        However many a page asks, one after another, the last of them leaves it the time to answer.
        """
        asked: Options = {"world": self.caller.world, **options}
        left_s = max(self._until - monotonic() - SAY_S, LEAST_S)
        asked["deadline_s"] = min(options.get("deadline_s", asking.DEADLINE_S), left_s)
        return await asking.ask(self.request, method, service, path, **asked)

    async def form(self) -> Form:
        return await read_form(self.request)

    def render(
        self, template: str, status: int = 200, *, private: bool = False, **context: Any
    ) -> HTMLResponse:
        """`problem` (a Trouble), `form` and `values` are there in every template, if empty."""
        given = {"problem": None, "form": Form(), **context, "page": self}
        body = templating.template(self.lang, template).render(given)
        keep = "no-store" if private or self.signed_in else "no-cache, private"
        return self._marked(
            HTMLResponse(body, status, {**HEADERS, "Cache-Control": keep, "Vary": "Cookie"})
        )

    def trouble(self, problem: Trouble, status: int | None = None) -> HTMLResponse:
        """A page that only says what is wrong."""
        return self.render("trouble.html", status or problem.status, problem=problem, private=True)

    def redirect(self, path: str) -> RedirectResponse:
        """303 to another page of ours."""
        assert path.startswith("/") and not path.startswith("//")  # noqa: S101, PT018 - ours
        return self._marked(RedirectResponse(path, 303, {"Cache-Control": "no-store"}))

    def with_query(self, **changes: str | float | None) -> str:
        """The address of the same page with other parameters; None leaves one out."""
        url = self.request.url
        query: dict[str, Any] = {**dict(parse_qsl(url.query)), **changes}
        kept = {name: value for name, value in query.items() if value is not None}
        return f"{url.path}?{urlencode(kept)}" if kept else url.path

    def in_language(self, language: Language) -> str:
        return self.with_query(lang=language)

    def _marked(self, response: R) -> R:
        """Remembers the language that was just chosen."""
        if self.request.query_params.get("lang") == self.lang:
            cookie = cookies.kept(cookies.LANGUAGE, self.lang, secure=self.secure, age_s=YEAR_S)
            response.headers.append("set-cookie", cookie)
        return response


async def page_of(request: Request, caller: CallerOf) -> Page:
    return Page(request, caller, language_of(request.query_params, request.cookies))


def language_of(query: Mapping[str, str], kept: Mapping[str, str]) -> Language:
    """What was just asked for, else what was last; Persian."""
    wanted = (query.get("lang"), kept.get(cookies.LANGUAGE))
    return next((one for asked in wanted for one in LANGUAGES if one == asked), "fa")


def own_path(text: str, default: str) -> str:
    """A path of ours that a form or link names; `default` for anything else."""
    try:
        parts = urlsplit(text)
    except ValueError:  # half an IPv6 address
        return default
    plain = text.startswith("/") and not text.startswith(("//", "/\\"))
    safe = plain and not parts.netloc and not parts.scheme and text.isprintable()
    return text if safe else default


PageOf = Annotated[Page, Depends(page_of)]
