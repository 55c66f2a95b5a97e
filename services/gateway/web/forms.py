"""What a form sent, bounded: its fields as text, its files apart."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from shared.errors import BadRequest, TooLarge
from shared.settings import BODY_MAX_BYTES
from shared.text import storable

FIELDS_MAX: Final = 500
FILES_MAX: Final = 10
KEY: Final = "key"
"""The hidden field that a double click sends twice: the Idempotency-Key of what it asks."""


@dataclass(frozen=True, slots=True)
class File:
    name: str
    media_type: str
    body: bytes


class Form(dict[str, str]):
    """Fields by name, stripped; the last of several. A field that was not sent is empty."""

    def __init__(
        self,
        values: Mapping[str, str] | None = None,
        several: Mapping[str, list[str]] | None = None,
        files: Mapping[str, File] | None = None,
    ) -> None:
        super().__init__(values or {})
        self._several = several or {name: [value] for name, value in self.items()}
        self.files = dict(files or {})

    def __missing__(self, name: str) -> str:
        return ""

    def all(self, name: str) -> list[str]:
        """Every value of a field that may come several times, empty ones left out."""
        return [value for value in self._several.get(name, []) if value]

    def or_none(self, name: str) -> str | None:
        return self[name] or None

    @property
    def key(self) -> str:
        """The form's own UUID; a new one where it has none, so that nothing is lost."""
        try:
            return str(uuid.UUID(self[KEY]))
        except ValueError:
            return str(uuid.uuid4())


async def read_form(request: Request) -> Form:
    """Urlencoded or multipart; BadRequest for neither, TooLarge beyond the bounds."""
    try:
        async with request.form(
            max_files=FILES_MAX, max_fields=FIELDS_MAX, max_part_size=BODY_MAX_BYTES
        ) as sent:
            return await _form_of(sent)
    except HTTPException as error:
        raise TooLarge(str(error.detail)) from error


async def _form_of(sent: FormData) -> Form:
    several: dict[str, list[str]] = {}
    files: dict[str, File] = {}
    for name, value in sent.multi_items():
        if isinstance(value, UploadFile):
            if value.filename:
                media_type = value.content_type or "application/octet-stream"
                files[name] = File(value.filename, media_type, await value.read())
        else:
            several.setdefault(name, []).append(_text(value))
    return Form({name: values[-1] for name, values in several.items()}, several, files)


def _text(value: str) -> str:
    try:
        return storable(value).strip()
    except ValueError as error:
        raise BadRequest("a field has characters that are none") from error
