"""What the token endpoint and its descriptions say."""

from typing import Any, Literal

from pydantic import BaseModel


class TokenBody(BaseModel):
    """RFC 6749, 5.1."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int
    scope: str


class Jwks(BaseModel):
    keys: list[dict[str, Any]]


class Metadata(BaseModel):
    """RFC 8414, 2, and RFC 8705, 3.3."""

    issuer: str
    token_endpoint: str
    jwks_uri: str
    service_documentation: str
    response_types_supported: list[str]
    grant_types_supported: list[str]
    scopes_supported: list[str]
    token_endpoint_auth_methods_supported: list[str]
    token_endpoint_auth_signing_alg_values_supported: list[str]
    tls_client_certificate_bound_access_tokens: bool
