"""Settings of parcels, from the environment."""

import os

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.settings import ServiceSettings


def _survey_page() -> str:
    """The gateway's own, where it is said how people reach it."""
    public = os.environ.get("SUSA_GATEWAY_PUBLIC_URL", "").rstrip("/")
    return f"{public}/rate" if public else ""


class Settings(ServiceSettings):
    model_config = SettingsConfigDict(env_prefix="SUSA_PARCELS_", extra="ignore")

    sms: str = Field("", description="empty, `console`, a file's path or an http(s) address")
    survey_page: str = Field(
        default_factory=_survey_page,
        description="address of the page that answers surveys; empty: none is texted",
    )
    sms_token: str | None = Field(None, description="bearer token of that address")
