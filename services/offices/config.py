"""Settings of offices, from the environment."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    model_config = SettingsConfigDict(env_prefix="SUSA_OFFICES_", extra="ignore")

    code_prefix: str = Field(
        "KZ",
        pattern=r"^[A-Z]{2}$",
        description="Two letters before the number of codes to be issued; issued codes stay",
    )
    grace_days: int = Field(
        30, ge=0, le=365, description="Days that an office may book after a paper of its ran out"
    )
