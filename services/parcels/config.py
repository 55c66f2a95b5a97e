"""Settings of parcels, from the environment."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    model_config = SettingsConfigDict(env_prefix="SUSA_PARCELS_", extra="ignore")

    sms: str = Field("", description="empty, `console`, a file's path or an http(s) address")
    survey_page: str = Field(
        "", description="address of the page that answers surveys; empty: none is texted"
    )
    sms_token: str | None = Field(None, description="bearer token of that address")
