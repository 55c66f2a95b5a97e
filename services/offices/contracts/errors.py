"""Why a contract is refused."""

from shared.errors import Conflict, NotFound


class ContractNotFound(NotFound):
    code, title = "contract_not_found", "No such contract"


class PartyNotFound(NotFound):
    code, title = "contract_party_not_found", "No party on record"


class NeedsNoContract(Conflict):
    code, title = "needs_no_contract", "The office needs no contract"


class OfficeClosed(Conflict):
    code, title = "office_closed", "The office is closed"


class ContractsOverlap(Conflict):
    code, title = "contracts_overlap", "Another contract of the office holds in these days"


class ContractTerminated(Conflict):
    code, title = "contract_terminated", "The contract is terminated"


class AlreadyEnded(Conflict):
    code, title = "contract_ended", "The contract has ended"


class DaysPassed(Conflict):
    code, title = "days_passed", "These days have passed"


class OutsideContract(Conflict):
    code, title = "outside_contract", "The day is outside the contract"
