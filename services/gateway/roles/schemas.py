"""Roles on the wire."""

from pydantic import BaseModel

from services.gateway.roles.domain import RoleName, SignIn


class RoleBody(BaseModel):
    """`second_factor`: it may do nothing before one was given. `of_partner`: no staff of ours."""

    name: RoleName
    title: str
    title_fa: str
    sign_in: SignIn
    second_factor: bool
    at_office: bool
    of_partner: bool
    scopes: list[str]


class RolesBody(BaseModel):
    items: list[RoleBody]
