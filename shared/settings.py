"""What every service is told by its environment; a service adds its own in `config.py`."""

from pathlib import Path
from typing import Final

from pydantic import Field, HttpUrl
from pydantic_settings import BaseSettings

from shared.auth import SERVICES, World

BODY_MAX_BYTES: Final = 5 * 1024 * 1024


class ServiceSettings(BaseSettings):
    """Environment prefix `SUSA_<SERVICE>_`; the sisters' addresses and keys are common."""

    dsn: str = Field(description="postgresql:// of the live database, as the app's role")
    worlds: list[World] = ["live", "test"]
    pool_size: int = Field(4, ge=1, le=100)
    hot_pool_size: int = Field(6, ge=1, le=100)
    keys: Path = Field(Path(".susa/keys"), validation_alias="SUSA_KEYS")
    log_level: str = Field("INFO", validation_alias="SUSA_LOG_LEVEL")
    ready_relay_s: float = Field(30, gt=0, validation_alias="SUSA_READY_RELAY_S")
    ready_consumer_s: float = Field(90, gt=0, validation_alias="SUSA_READY_CONSUMER_S")
    offices_url: HttpUrl | None = Field(None, validation_alias="SUSA_OFFICES_URL")
    parcels_url: HttpUrl | None = Field(None, validation_alias="SUSA_PARCELS_URL")
    complaints_url: HttpUrl | None = Field(None, validation_alias="SUSA_COMPLAINTS_URL")
    gateway_url: HttpUrl | None = Field(None, validation_alias="SUSA_GATEWAY_URL")

    def sister_urls(self) -> dict[str, str]:
        """The sisters that are reached over HTTP."""
        urls = {service: getattr(self, f"{service}_url") for service in SERVICES}
        return {service: str(url).rstrip("/") for service, url in urls.items() if url}

    def pool_sizes(self, world: World) -> tuple[int, int]:
        """Session pool and hot pool; the sandbox gets by with two of each."""
        if world == "test":
            return min(self.pool_size, 2), min(self.hot_pool_size, 2)
        return self.pool_size, self.hot_pool_size

    def pools(self) -> int:
        """The most connections a process opens for this service, the feed's listener included."""
        return sum(sum(self.pool_sizes(world)) + 1 for world in self.worlds)
