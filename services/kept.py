"""How long every table is kept: those of all services in shared/retention.py, the others here.

What people did is kept: scans, decisions, papers, money and what they follow from. A new table has
to be put into one of these, or a test refuses it.
"""

from collections.abc import Mapping
from typing import Final

from shared.retention import RETENTION


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


SHARED: Final[Mapping[str, str]] = {
    **{kept.table: kept.why for kept in RETENTION},
    "feed": "35 days, in partitions that every consumer has passed",
    "outbox": "until the relay has published it",
    "feed_cursor": "one row a consumer",
    "feed_head": "one row",
    "clock": "one row",
}

SWEPT: Final[Mapping[str, Mapping[str, str]]] = {
    "offices": {},
    "parcels": {
        "quote": "until nobody can need it",
        "promise_sweep": "until its sweep is done",
    },
    "complaints": {},
    "gateway": {
        "client_assertion": "until it would be refused as too old",
        "login_session": "90 days after its end",
        "one_time_code": "a day after it was asked for",
        "throttle": "until it counts no more",
        "usage_daily": "400 days",
        "webhook_delivery": "30 days after its end",
        "webhook_attempt": "with its delivery",
        "partner_event": "30 days",
    },
}
"""A timer of the service deletes them when they are over."""

WORK: Final[Mapping[str, frozenset[str]]] = {
    "offices": frozenset({"decision_due", "search_word"}),
    "parcels": _names(
        "bag_member holding item_contribution item_direction promise_due unseen_sweep"
        " unseen_watch next_hop recipient_try"
    ),
    "complaints": frozenset(),
    "gateway": frozenset({"partner_active"}),
}
"""State of what is under way: goes, or is overwritten, when that ends."""

PERSONAL: Final[Mapping[str, frozenset[str]]] = {
    "offices": _names(
        "applicant contract_party licence_holder member_person owner_person person_detail"
        " representative_detail"
    ),
    "parcels": _names(
        "addressee courier_person delivery_person instruction_party invoice_buyer parcel_party"
        " pickup_place"
    ),
    "complaints": _names(
        "call_person case_complainant case_party claim_payee open311_contact survey_words"
    ),
    "gateway": frozenset({"citizen", "device", "enrolment", "partner_contact", "staff_member"}),
}
"""Of people, apart from what they did: erased on its own, at their word or with their account."""

FOR_GOOD: Final[Mapping[str, frozenset[str]]] = {
    "offices": _names(
        "agenda_item application area area_range assignment association attendance ballot"
        " certificate composition composition_seat contract contract_version course decision"
        " decision_effect delegated_service expiry_notice holiday_override inquiry inquiry_term"
        " kind_rule licence meeting member membership minutes offering office office_address"
        " office_exception office_kind_period office_owner office_plan office_status_change"
        " performed performed_by_office performed_daily person principal representative"
        " rule_breach seat service_price stake town"
    ),
    "parcels": _names(
        "bag bag_discrepancy bag_event bag_packing bank_branch bank_statement"
        " bank_statement_line bank_trace billing_profile cash_holder cod_settlement cod_taking"
        " commission_deduction commission_statement compensation_order counted_consignment"
        " counted_daily county_population courier courier_run credit_limit custody_term"
        " customer_return delivery_attempt delivery_code delivery_image delivery_proof"
        " delivery_terms destruction discrepancy dispatch drawer_close event_declaration"
        " feeder_rule flagged_ruling flow_count flow_daily hand_in holding_rule holiday_said"
        " instruction invoice invoice_counter item_alias ledger_account ledger_outcome"
        " ledger_transfer line manifest manifest_item manifest_surplus measurement message"
        " message_template office office_acceptance office_contract office_day office_week"
        " operator parcel parcel_terms partner_entry partner_month partner_reference payee"
        " payment_order payment_order_step pickup postage_account postage_payment pre_advice"
        " pre_advice_item promise_breach promise_calendar promise_pause promise_target"
        " promise_version quiet_hours recomputation recomputed_charge refund_decision"
        " refund_proposal repriced_charge return_code return_leg routing_version run_stop"
        " scan_event statistics_state target tariff_rate tariff_surcharge tariff_version"
        " task_daily transit_daily transit_monthly trip trip_call unmatched_scan vat_rate"
        " vehicle"
    ),
    "complaints": _names(
        "call_case case_assignment case_attachment case_clock case_erasure case_liability"
        " case_message case_officer case_pause case_pause_end case_sla case_snapshot case_stage"
        " case_watcher charge_back charge_back_step claim claim_approval claim_item claim_step"
        " clock_step compensation_rules complaint_case contact_call desk_calendar desk_day"
        " desk_week holiday_said ledger_account ledger_outcome ledger_transfer open311_request"
        " payout satisfaction_month satisfaction_office satisfaction_reason sla_version"
        " survey_answer survey_category survey_invitation survey_keyword survey_rule"
    ),
    "gateway": _names(
        "account_equipper audit_checkpoint audit_entry audit_head partner partner_feed partner_key"
        " sheba_change sheba_change_step webhook_endpoint"
    ),
}
