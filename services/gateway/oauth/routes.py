"""OAuth 2.0 for partners: tokens for client credentials, our keys, and where all this is."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request, Response

from services.gateway.dependencies import Now
from services.gateway.oauth import service
from services.gateway.oauth.schemas import Jwks, Metadata, TokenBody
from services.gateway.oauth.service import Authority
from services.gateway.tokens.origin import Origin
from shared.errors import responses

PUBLIC: Final = {"x-scope": "public"}
CACHED: Final = "public, max-age=300"
FORM: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["grant_type"],
    "properties": {
        "grant_type": {"type": "string", "enum": ["client_credentials"]},
        "client_id": {"type": "string", "format": "uuid"},
        "client_secret": {"type": "string", "maxLength": 100},
        "client_assertion_type": {"type": "string", "maxLength": 100},
        "client_assertion": {"type": "string", "maxLength": 8192},
        "scope": {"type": "string", "maxLength": 1000},
    },
}
REFUSED: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["error", "error_description", "code", "status"],
    "properties": {
        "error": {"type": "string"},
        "error_description": {"type": "string"},
        "code": {"type": "string"},
        "status": {"type": "integer"},
    },
}
_CONTENT: Final = {"application/json": {"schema": REFUSED}}
router = APIRouter(tags=["oauth"])


async def get_authority(request: Request) -> Authority:
    state = request.app.state
    return Authority(state.issuer, state.keyring, state.people.database)


async def get_origin(request: Request) -> Origin:
    """As the front said it, which drops what anybody else says so."""
    named = request.headers.get("x-forwarded-for", "unknown")
    return Origin(named, request.headers.get("susa-client-certificate"))


async def get_form(request: Request) -> bytes:
    return await request.body()


@router.post(
    "/oauth/token",
    operation_id="get_token",
    responses={
        400: {"description": "invalid_request, invalid_scope", "content": _CONTENT},
        401: {"description": "invalid_client", "content": _CONTENT},
        **responses(413, 503),
    },
    openapi_extra={
        **PUBLIC,
        "requestBody": {
            "required": True,
            "content": {"application/x-www-form-urlencoded": {"schema": FORM}},
        },
    },
)
async def get_token(
    request: Request,
    response: Response,
    form: Annotated[bytes, Depends(get_form)],
    authority: Annotated[Authority, Depends(get_authority)],
    origin: Annotated[Origin, Depends(get_origin)],
    now: Now,
) -> TokenBody:
    """Client credentials (RFC 6749, 4.4), proved by an assertion, a certificate or an API key."""
    response.headers["Cache-Control"] = "no-store"
    authorization = request.headers.get("susa-client-authorization")
    return await service.give_token(authority, form, authorization, origin, now)


@router.get("/oauth/jwks", operation_id="get_jwks", openapi_extra=PUBLIC)
async def get_jwks(
    authority: Annotated[Authority, Depends(get_authority)], response: Response
) -> Jwks:
    """The keys that our access tokens are verified by; new ones come before they are used."""
    response.headers["Cache-Control"] = CACHED
    return Jwks.model_validate(authority.issuer.public())


@router.get(
    "/.well-known/oauth-authorization-server",
    operation_id="get_oauth_metadata",
    openapi_extra=PUBLIC,
)
async def get_oauth_metadata(
    authority: Annotated[Authority, Depends(get_authority)], response: Response
) -> Metadata:
    """RFC 8414."""
    response.headers["Cache-Control"] = CACHED
    return service.described(authority.issuer)
