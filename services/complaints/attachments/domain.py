"""Which files a case takes, by what their bytes say they are. Pure."""

from typing import Final, Literal, get_args
from uuid import UUID

MediaType = Literal[
    "image/jpeg", "image/png", "image/webp", "application/pdf", "audio/ogg", "video/mp4"
]
MEDIA_TYPES: Final[tuple[MediaType, ...]] = get_args(MediaType)
EXTENSIONS: Final[dict[MediaType, str]] = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "application/pdf": "pdf",
    "audio/ogg": "ogg",
    "video/mp4": "mp4",
}
HEAD_BYTES: Final = 16
SIZE_BYTES_MAX: Final = 4 * 1024 * 1024
PER_CASE_MAX: Final = 20


def sniff(head: bytes) -> MediaType | None:
    """By the signatures of the formats, whatever the sender calls it; None: none that we take."""
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith(b"%PDF-"):
        return "application/pdf"
    if head.startswith(b"OggS\x00"):
        return "audio/ogg"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return "video/mp4" if head[4:8] == b"ftyp" else None


def contradicts(declared: str, found: MediaType) -> bool:
    """Whether the sender says that it is another of the types that we take."""
    kind = declared.partition(";")[0].strip().lower()
    return kind in MEDIA_TYPES and kind != found


def day_of(file_id: UUID) -> int:
    """Days since 1970 of a UUIDv7 (RFC 9562): files lie in a folder a day."""
    return (file_id.int >> 80) // 86_400_000
