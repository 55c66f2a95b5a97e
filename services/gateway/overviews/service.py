"""Use cases that ask several sisters at once and answer with what came in time."""

import asyncio

from services.gateway import clients
from services.gateway.clients import SisterRefused, if_answered, unless_away
from services.gateway.forwarding.errors import SisterUnavailable
from services.gateway.overviews.errors import OfficeNotFound
from services.gateway.overviews.schemas import OfficeOverview, PartnerOverview
from shared.auth import Caller
from shared.runtime import Runtime


async def of_partner(runtime: Runtime, caller: Caller, period: str) -> PartnerOverview:
    """503 only if no sister answered."""
    parcels, cases = await asyncio.gather(
        if_answered(clients.partner_figures(runtime, caller, period)),
        if_answered(clients.open_counts(runtime, caller.world, partner=str(caller.account))),
    )
    missing = _missing(parcels=(parcels,), complaints=(cases,))
    if len(missing) == 2:
        raise SisterUnavailable("parcels")
    return PartnerOverview(
        period=period,
        parcels=parcels,
        cases=cases,
        partial=bool(missing),
        missing=missing,
    )


async def of_office(runtime: Runtime, caller: Caller, code: str, period: str) -> OfficeOverview:
    """404 for an office that offices does not know; 503 only if no sister answered.

    What is in its drawer is asked for as this service, so who may see it is looked at here.
    """
    caller.require_office(code)
    try:
        card, figures, transit, cases = await asyncio.gather(
            unless_away(clients.office_whole(runtime, caller.world, code)),
            if_answered(clients.office_figures(runtime, caller.world, code)),
            if_answered(
                clients.statistics(
                    runtime, caller, "parcels", "transit", period=period, by="office", office=code
                )
            ),
            if_answered(clients.open_counts(runtime, caller.world, office=code)),
        )
    except SisterRefused as refused:
        raise OfficeNotFound("there is no office with this code") from refused
    missing = _missing(offices=(card,), parcels=(figures, transit), complaints=(cases,))
    if card is None and figures is None and transit is None and cases is None:
        raise SisterUnavailable("offices")
    return OfficeOverview(
        period=period,
        office=card,
        parcels=figures,
        transit=transit and transit.get("total"),
        cases=cases,
        partial=bool(missing),
        missing=missing,
    )


def _missing(**parts: tuple[object, ...]) -> list[str]:
    return [sister for sister, of_sister in parts.items() if None in of_sister]
