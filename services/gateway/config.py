"""Settings of gateway, from the environment."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    model_config = SettingsConfigDict(env_prefix="SUSA_GATEWAY_", extra="ignore")

    deadline_s: float = Field(10, gt=0, description="for one request")
    deadline_slow_s: float = Field(60, gt=0, description="for a batch of parcels or scans")
