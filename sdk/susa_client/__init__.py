"""Client of Susa, a provincial post."""

from susa_client.auth import Anyone, ApiKey, Auth, CertificateClient, SignedClient, new_key
from susa_client.call import Call
from susa_client.client import AsyncSusa, Susa
from susa_client.errors import (
    BadRequest,
    Conflict,
    FieldError,
    Forbidden,
    Gone,
    Invalid,
    NotFound,
    Problem,
    RateLimited,
    ServerFault,
    SusaError,
    TokenUnavailable,
    TooLarge,
    Unauthenticated,
    UnexpectedAnswer,
    Unreachable,
)
from susa_client.feed import (
    Cursor,
    CursorStore,
    Event,
    FeedGap,
    FeedMoved,
    FileCursor,
    MemoryCursor,
)
from susa_client.retry import Retry

__all__ = [
    "Anyone",
    "ApiKey",
    "AsyncSusa",
    "Auth",
    "BadRequest",
    "Call",
    "CertificateClient",
    "Conflict",
    "Cursor",
    "CursorStore",
    "Event",
    "FeedGap",
    "FeedMoved",
    "FieldError",
    "FileCursor",
    "Forbidden",
    "Gone",
    "Invalid",
    "MemoryCursor",
    "NotFound",
    "Problem",
    "RateLimited",
    "Retry",
    "ServerFault",
    "SignedClient",
    "Susa",
    "SusaError",
    "TokenUnavailable",
    "TooLarge",
    "Unauthenticated",
    "UnexpectedAnswer",
    "Unreachable",
    "new_key",
]
