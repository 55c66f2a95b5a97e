"""The one table of roles, as it is shown."""

from services.gateway.roles.domain import ROLES
from services.gateway.roles.schemas import RoleBody, RolesBody


def every_role() -> RolesBody:
    return RolesBody(
        items=[
            RoleBody(
                name=name,
                title=role.title,
                title_fa=role.title_fa,
                sign_in=role.sign_in,
                second_factor=role.second_factor,
                at_office=role.at_office,
                of_partner=role.of_partner,
                scopes=sorted(role.scopes),
            )
            for name, role in ROLES.items()
        ]
    )
