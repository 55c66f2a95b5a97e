"""What all models have in common."""

from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict
from typing_extensions import override

T = TypeVar("T")


class Request(BaseModel):
    """What is sent: only what was set, so the post's own defaults hold."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Tagged(Request):
    """One of several forms, told by its `kind`: that is sent though nobody sets it."""

    kind: str

    @override
    def model_post_init(self, _: object) -> None:
        self.__pydantic_fields_set__.add("kind")


class Answer(BaseModel):
    """What comes back; a field that this version does not know is left out."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Page(Answer, Generic[T]):
    """A part of a list. `next`: the cursor of the part after it; None on the last."""

    items: list[T]
    next: str | None
