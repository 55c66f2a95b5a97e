"""Signing in with a password, on the wire."""

from pydantic import BaseModel, ConfigDict

from services.gateway.enrolments.schemas import Password
from services.gateway.second_factor.schemas import Digits
from services.gateway.staff.schemas import TypedLogin
from shared.auth import World


class SignIn(BaseModel):
    """`code`: of the second factor, where the account has one."""

    model_config = ConfigDict(extra="forbid")

    login: TypedLogin
    password: Password
    code: Digits | None = None
    world: World = "live"
