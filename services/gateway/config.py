"""Settings of gateway, from the environment."""

import os
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path

from pydantic import Field, HttpUrl
from pydantic_settings import SettingsConfigDict

from shared.runtime import Runtime
from shared.settings import ServiceSettings


def _on_this_machine() -> HttpUrl:
    """At the port that `susa up` listens on: it hands SUSA_PORT to its processes."""
    return HttpUrl(f"http://127.0.0.1:{os.environ.get('SUSA_PORT', '8000')}")


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
    public_url: HttpUrl = Field(
        default_factory=_on_this_machine,
        description="how partners reach the gateway: the issuer of their tokens",
    )
    trusted_proxies: list[IPv4Network | IPv6Network] = Field(
        default=[],
        description="who may say on whose behalf, and with which certificate, a request comes",
    )
    sheba_delay_h: float = Field(
        48, ge=1, le=720, description="from the approval of a new Sheba until it holds"
    )
    webhook_allow_private: bool = Field(
        default=False,
        description="webhooks may use http and private addresses; for development and tests only",
    )
    sms: str = Field("", description="empty, `console`, a file's path or an http(s) address")
    sms_token: str | None = Field(None, description="bearer token of that address")
    audit_file: Path | None = Field(
        None, description="where checkpoints of the audit are kept beside the database"
    )

    @property
    def issuer(self) -> str:
        return str(self.public_url).rstrip("/")


def settings_of(runtime: Runtime) -> Settings:
    """The gateway's own settings, out of its runtime."""
    if not isinstance(runtime.settings, Settings):
        raise TypeError(f"the runtime is one of {runtime.service}, not of gateway")
    return runtime.settings
