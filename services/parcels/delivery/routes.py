"""HTTP of deliveries, attempts and proofs."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Request, Response

from services.parcels.caches import Desk
from services.parcels.delivery import service
from services.parcels.delivery.domain import ImageKind
from services.parcels.delivery.schemas import (
    AttemptIn,
    AttemptOut,
    AttemptsOut,
    CodeOut,
    DeliveryIn,
    ProofOut,
    ProofView,
    VocabularyOut,
)
from services.parcels.dependencies import Command, Effect, Page, Session, answer_once, desk
from shared.errors import responses
from shared.pagination import PageBody, link_next

router = APIRouter(tags=["delivery"])

Courier = Annotated[Desk, Depends(desk("delivery:write"))]
Owner = Annotated[Desk, Depends(desk("parcels:read"))]
Decider = Annotated[Desk, Depends(desk("custody:decide"))]
BarcodePath = Annotated[str, Path(max_length=40)]
WRITE: Final[dict[str, Any]] = {
    "responses": responses(400, 401, 403, 404, 409, 413, 422, 503),
    "openapi_extra": {"x-scope": "delivery:write"},
}
READ: Final[dict[str, Any]] = {
    "responses": responses(401, 403, 404, 422, 503),
    "openapi_extra": {"x-scope": "parcels:read"},
}
IMAGE: Final[dict[str, Any]] = {"schema": {"type": "string", "format": "binary"}}


@router.get(
    "/v1/delivery-reasons",
    operation_id="list_delivery_reasons",
    openapi_extra={"x-scope": "public"},
)
async def list_delivery_reasons() -> VocabularyOut:
    """Why a delivery may fail and what may follow, in Persian and English."""
    return service.vocabulary()


@router.post(
    "/v1/parcels/{barcode}/deliveries",
    status_code=201,
    operation_id="deliver_parcel",
    response_model=ProofOut,
    **WRITE,
)
async def deliver_parcel(
    barcode: BarcodePath, body: DeliveryIn, at: Courier, session: Session, command: Command
) -> Response:
    """Handed over, with its proof; or the proof of a delivery that was scanned without one."""
    return (await service.deliver(session, at, barcode, body, command)).response()


@router.post(
    "/v1/parcels/{barcode}/attempts",
    status_code=201,
    operation_id="record_attempt",
    response_model=AttemptOut,
    **WRITE,
)
async def record_attempt(
    barcode: BarcodePath, body: AttemptIn, at: Courier, session: Session, once: Effect
) -> Response:
    """Tried in vain: why, and what follows; after the last notice it is held at the office."""
    return await answer_once(session, once, lambda: service.attempt(session, at, barcode, body))


@router.post(
    "/v1/parcels/{barcode}/delivery-code",
    status_code=201,
    operation_id="renew_delivery_code",
    response_model=CodeOut,
    **WRITE,
)
async def renew_delivery_code(
    barcode: BarcodePath, at: Courier, session: Session, once: Effect
) -> Response:
    """A new code is sent to the recipient; the one before no longer opens."""
    return await answer_once(session, once, lambda: service.reissue(session, at, barcode))


@router.get("/v1/parcels/{barcode}/attempts", operation_id="list_attempts", **READ)
async def list_attempts(barcode: BarcodePath, at: Owner, session: Session) -> AttemptsOut:
    """The attempts in vain on a parcel of yours."""
    return await service.attempts(session, at, barcode)


@router.get("/v1/parcels/{barcode}/proof", operation_id="get_proof", **READ)
async def get_proof(barcode: BarcodePath, at: Owner, session: Session) -> ProofView:
    """How the delivery of a parcel of yours was proved."""
    return await service.proof(session, at, barcode)


@router.get(
    "/v1/parcels/{barcode}/proof/images/{kind}",
    operation_id="get_proof_image",
    response_class=Response,
    responses={
        200: {
            "description": "The image, as its `ETag` (SHA-256) names it.",
            "content": {"image/png": IMAGE, "image/jpeg": IMAGE},
        },
        **responses(401, 403, 404, 422, 503),
    },
    openapi_extra={"x-scope": "parcels:read"},
)
async def get_proof_image(
    barcode: BarcodePath, kind: ImageKind, at: Owner, session: Session
) -> Response:
    """The recipient's signature, or the photo."""
    image = await service.image(session, at, barcode, kind)
    headers = {"ETag": f'"{image.sha256}"', "X-Content-Type-Options": "nosniff"}
    return Response(image.content, media_type=image.media_type, headers=headers)


@router.get(
    "/v1/proofs",
    operation_id="list_proofs",
    responses=responses(401, 403, 422, 503),
    openapi_extra={"x-scope": "parcels:read"},
)
async def list_proofs(
    request: Request, response: Response, page: Page, at: Owner, session: Session
) -> PageBody[ProofOut]:
    """The proofs of your parcels, as they were recorded, the newest first."""
    found, cursor = await service.proofs(session, at, page)
    link_next(request, response, cursor)
    return PageBody[ProofOut](items=found, next=cursor)


@router.post(
    "/v1/parcels/{barcode}/proof/erase",
    status_code=204,
    operation_id="erase_proof",
    responses=responses(401, 403, 404, 422, 503),
    openapi_extra={"x-scope": "custody:decide"},
)
async def erase_proof(barcode: BarcodePath, at: Decider, session: Session) -> None:
    """Forget who took it, and its images; that and how it was proved stays."""
    await service.erase(session, at, barcode)
