"""Settings of complaints, from the environment."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    model_config = SettingsConfigDict(env_prefix="SUSA_COMPLAINTS_", extra="ignore")

    jurisdiction: str = Field("khuzestan", description="The jurisdiction_id of Open311")
    contact: str = Field("", description="Whom Open311's discovery names for questions")
