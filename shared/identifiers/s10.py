"""UPU S10: the 13 characters of an international item, as an item id in slot 8 and back.

Serial = (country * 676 + service) * 10^8 + number, letters read in base 26; the check digit is
computed, not stored. A number may return after 12 months: its reuses count up in the last four
digits, so that all lives of one number are one index range and the newest is its highest id.
"""

import re
from dataclasses import dataclass

from shared.identifiers.invalid import IdentifierError, Reason
from shared.identifiers.item import RANDOMS, S10_SLOT, compose, split

CYCLES = RANDOMS
_PAIRS = 26 * 26
_NUMBERS = 10**8
_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)
_SHAPE = re.compile(r"([A-Z]{2})([0-9]{8})([0-9])([A-Z]{2})")

# First letters of assignable service indicators. S10 reserves J, K, S, T and W ("cannot be
# assigned") and lists no F, I, O, X or Y. Editions differ about the second letter (AA to AU were
# recorded letters once), and an item that lies on the counter is real: the first letter decides.
SERVICES = frozenset("ABCDEGHLMNPQRUVZ")

# ISO 3166-1 alpha-2, officially assigned.
COUNTRIES = frozenset(
    """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ
    BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM
    DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS
    GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN
    KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ
    MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM
    PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV
    SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI
    VN VU WF WS YE YT ZA ZM ZW
    """.split()  # noqa: SIM905 - a table reads better than 249 quoted items
)


@dataclass(frozen=True, slots=True)
class S10:
    """A valid S10 number; `item_id` is its first life, cycle 0."""

    code: str
    item_id: int


def check_digit(number: str) -> str:
    """Of the eight digits."""
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number, strict=True))
    match 11 - total % 11:
        case 10:
            return "0"
        case 11:
            return "5"
        case digit:
            return str(digit)


def parse_s10(code: str) -> S10:
    """`code` is folded already (see fold_code); IdentifierError says what is wrong with it."""
    shape = _SHAPE.fullmatch(code)
    if shape is None:
        raise IdentifierError(
            Reason.WRONG_CHARACTERS, "Write an S10 code as two letters, nine digits, two letters"
        )
    service, number, check, country = shape.groups()
    if country not in COUNTRIES:
        raise IdentifierError(
            Reason.UNKNOWN_COUNTRY, "The last two letters must be a country code of ISO 3166"
        )
    if service[0] not in SERVICES:
        raise IdentifierError(
            Reason.UNKNOWN_SERVICE, "The first two letters must be a UPU service indicator"
        )
    if check != check_digit(number):
        raise IdentifierError(
            Reason.BAD_CHECK_DIGIT, "The check digit does not fit: read the code again"
        )
    serial = (_pair(country) * _PAIRS + _pair(service)) * _NUMBERS + int(number)
    return S10(code, compose(S10_SLOT, serial, 0))


def s10_code(item_id: int) -> str:
    """The S10 number of an item id of slot 8, whatever its cycle."""
    slot, serial, _ = split(item_id)
    letters, number = divmod(serial, _NUMBERS)
    country, service = divmod(letters, _PAIRS)
    if slot != S10_SLOT or country >= _PAIRS:
        raise ValueError("not the item id of an S10 number")
    digits = f"{number:08d}"
    return f"{_letters(service)}{digits}{check_digit(digits)}{_letters(country)}"


def s10_item_ids(item_id: int) -> range:
    """Every life of the S10 number of this id: search it downwards, the newest comes first."""
    if split(item_id).slot != S10_SLOT:
        raise ValueError("not the item id of an S10 number")
    first = item_id - item_id % CYCLES
    return range(first, first + CYCLES)


def _pair(letters: str) -> int:
    return (ord(letters[0]) - 65) * 26 + ord(letters[1]) - 65


def _letters(pair: int) -> str:
    return chr(65 + pair // 26) + chr(65 + pair % 26)
