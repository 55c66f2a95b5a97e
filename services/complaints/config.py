"""Settings of complaints, from the environment."""

import os
from pathlib import Path

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    model_config = SettingsConfigDict(env_prefix="SUSA_COMPLAINTS_", extra="ignore")

    attachments: Path = Field(
        default_factory=lambda: Path(os.environ.get("SUSA_HOME", ".susa")) / "attachments",
        description="The folder of the files of cases, a folder a world in it",
    )
    jurisdiction: str = Field("khuzestan", description="The jurisdiction_id of Open311")
    contact: str = Field("", description="Whom Open311's discovery names for questions")
