"""How a recipient says who they are."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from shared.text import fold_digits


def _folded(value: Any) -> Any:
    return fold_digits(value) if isinstance(value, str) else value


PhoneEnd = Annotated[
    str,
    BeforeValidator(_folded),
    Field(pattern=r"^[0-9]{4}$", description="The last four digits of the recipient's phone."),
]
