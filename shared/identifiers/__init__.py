"""Identifiers of items, people, firms, accounts and places: parsed, checked, normalised."""

from shared.identifiers.barcode import (
    ISSUERS,
    Malformed,
    OtherPost,
    Ours,
    Parsed,
    barcode_of,
    format_barcode,
    item_id_fast,
    parse_barcode,
    valid_issuers,
)
from shared.identifiers.invalid import IdentifierError, Reason
from shared.identifiers.iran import (
    mask_sheba,
    parse_legal_id,
    parse_mobile,
    parse_national_id,
    parse_phone,
    parse_postal_code,
    parse_sheba,
    postal_code_warnings,
)
from shared.identifiers.item import ItemId, compose, split
from shared.identifiers.s9 import (
    DispatchId,
    ReceptacleId,
    parse_exchange_office,
    parse_s8,
    parse_s9,
    receptacle_of,
)
from shared.identifiers.s10 import COUNTRIES, CYCLES, S10, s10_item_ids

__all__ = [
    "COUNTRIES",
    "CYCLES",
    "ISSUERS",
    "S10",
    "DispatchId",
    "IdentifierError",
    "ItemId",
    "Malformed",
    "OtherPost",
    "Ours",
    "Parsed",
    "Reason",
    "ReceptacleId",
    "barcode_of",
    "compose",
    "format_barcode",
    "item_id_fast",
    "mask_sheba",
    "parse_barcode",
    "parse_exchange_office",
    "parse_legal_id",
    "parse_mobile",
    "parse_national_id",
    "parse_phone",
    "parse_postal_code",
    "parse_s8",
    "parse_s9",
    "parse_sheba",
    "postal_code_warnings",
    "receptacle_of",
    "s10_item_ids",
    "split",
    "valid_issuers",
]
