"""Settings of gateway, from the environment."""

from pydantic import Field, IPvAnyNetwork
from pydantic_settings import SettingsConfigDict

from shared.runtime import Runtime
from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    model_config = SettingsConfigDict(env_prefix="SUSA_GATEWAY_", extra="ignore")

    deadline_s: float = Field(10, gt=0, description="for one request")
    deadline_slow_s: float = Field(60, gt=0, description="for a batch of parcels or scans")
    limit_factor: float = Field(1, gt=0, description="times the usual quotas, for everyone")
    processes: int = Field(
        1,
        ge=1,
        validation_alias="SUSA_WEB_PROCESSES",
        description="web processes that share the clients, and so divide their quotas",
    )
    trusted_proxies: list[IPvAnyNetwork] = Field(
        default=[],
        description="networks of the proxies whose X-Forwarded-For is believed; else nobody's is",
    )
    webhook_allow_private: bool = Field(
        default=False,
        description="webhooks may use http and private addresses; for development and tests only",
    )


def settings_of(runtime: Runtime) -> Settings:
    """The gateway's own settings, out of its runtime."""
    if not isinstance(runtime.settings, Settings):
        raise TypeError(f"the runtime is one of {runtime.service}, not of gateway")
    return runtime.settings
