"""Where money goes and where it is sent to, a copied key is not enough; the document says so."""

import copy

from services.gateway.documentation import domain
from services.gateway.documentation.service import cut_to_table
from tests.contracts.documents import document

WANTED = {
    ("POST", "/v1/payees"): "accounts:write",
    ("POST", "/v1/bank/payment-orders/fetch"): "payments:execute",
    ("POST", "/v1/bank/payment-orders/{order_id}/confirm"): "payments:execute",
    ("POST", "/v1/bank/payment-orders/{order_id}/refuse"): "payments:execute",
    ("POST", "/v1/bank/payment-orders/{order_id}/return"): "payments:execute",
    ("POST", "/v1/bank/statements"): "payments:execute",
    ("POST", "/v1/partners/{partner_id}/sheba-changes"): "partners:write",
    ("POST", "/v1/partners/{partner_id}/sheba-changes/{change_id}/approve"): "partners:write",
}


def test_the_document_names_them_and_takes_no_api_key_there() -> None:
    parts = {"gateway": copy.deepcopy(document("gateway"))}
    parts |= {
        sister: cut_to_table(sister, copy.deepcopy(document(sister)))
        for sister in ("offices", "parcels", "complaints")
    }
    merged = domain.merge(parts, {"title": "x", "version": "1"})
    marked = {
        where: operation
        for where, operation in domain.operations(merged)
        if operation.get(domain.CONSTRAINED)
    }
    assert marked.keys() == WANTED.keys()
    for where, operation in marked.items():
        assert operation["security"] == [{"oauth": [WANTED[where]]}]
        assert "403" in operation["responses"]
