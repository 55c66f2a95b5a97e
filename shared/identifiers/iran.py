"""Iranian identifiers. The rules are in wide use but unofficial, except Sheba (ISO 13616)."""

import re
from collections.abc import Callable
from contextlib import suppress

import phonenumbers
from phonenumbers import NumberParseException, PhoneMetadata, PhoneNumberFormat, PhoneNumberType

from shared.identifiers.invalid import IdentifierError, Reason
from shared.text import fold_code, fold_digits

_LEGAL_WEIGHTS = (29, 27, 23, 19, 17, 29, 27, 23, 19, 17)


def _digits(text: str, length: int, what: str) -> str:
    code = fold_code(text)
    if not (code.isascii() and code.isdigit()):
        raise IdentifierError(Reason.WRONG_CHARACTERS, f"{what} has digits only")
    if len(code) != length:
        raise IdentifierError(
            Reason.WRONG_LENGTH, f"{what} has {length} digits; keep zeros at the start"
        )
    return code


def _check(*, fits: bool, what: str) -> None:
    if not fits:
        raise IdentifierError(
            Reason.BAD_CHECK_DIGIT, f"The check digit of {what} does not fit: read it again"
        )


def parse_national_id(text: str) -> str:
    """A person's ten digits."""
    code = _digits(text, 10, "A national id")
    if len(set(code)) == 1:
        raise IdentifierError(
            Reason.NOT_ISSUED, "A national id of one repeated digit was never issued"
        )
    rest = sum(int(digit) * (10 - i) for i, digit in enumerate(code[:9])) % 11
    _check(fits=int(code[9]) == (rest if rest < 2 else 11 - rest), what="a national id")
    return code


def parse_legal_id(text: str) -> str:
    """A firm's eleven digits."""
    code = _digits(text, 11, "A legal entity's id")
    shift = int(code[9]) + 2
    total = sum(
        (int(digit) + shift) * weight
        for digit, weight in zip(code[:10], _LEGAL_WEIGHTS, strict=True)
    )
    _check(fits=int(code[10]) == total % 11 % 10, what="a legal entity's id")
    return code


def parse_sheba(text: str) -> str:
    """An Iranian IBAN: IR and 24 digits."""
    code = fold_code(text)
    if not code.startswith("IR"):
        raise IdentifierError(Reason.WRONG_CHARACTERS, "A Sheba number begins with IR")
    digits = _digits(code[2:], 24, "A Sheba number, after IR,")
    remainder = int(digits[2:] + "1827" + digits[:2]) % 97  # I is 18, R is 27
    _check(fits=remainder == 1 and 2 <= int(digits[:2]) <= 98, what="a Sheba number")
    return code


def mask_sheba(sheba: str) -> str:
    """The country, the bank's number and the last four digits: whose it is, it does not tell."""
    return f"{sheba[:2]}**{sheba[4:7]}{'*' * (len(sheba) - 11)}{sheba[-4:]}"


def parse_postal_code(text: str) -> str:
    """Ten digits; a hyphen or space after the fifth is usual."""
    code = _digits(text, 10, "A postal code")
    if "0" in code[:5] or "2" in code[:5]:
        raise IdentifierError(
            Reason.NOT_ISSUED, "The first five digits of a postal code are never 0 or 2"
        )
    return code


def postal_code_warnings(code: str) -> tuple[str, ...]:
    """What is doubtful about a postal code that parse_postal_code let through."""
    if "2" in code[5:]:
        return ("The last five digits of a postal code rarely have a 2: look again",)
    return ()


def _mobile_pattern() -> re.Pattern[str]:
    metadata = PhoneMetadata.metadata_for_region("IR")
    if metadata is None or metadata.mobile is None:
        raise RuntimeError("phonenumbers came without its data for Iran")
    return re.compile(rf"(?:\+98|0098|0)?({metadata.mobile.national_number_pattern})")


# phonenumbers' own pattern, met directly: 50 times faster for the usual spellings, and a batch
# of bookings has two thousand numbers.
_MOBILE = _mobile_pattern()


def parse_mobile(text: str) -> str:
    """An Iranian mobile number in E.164: +989123456789."""
    usual = _MOBILE.fullmatch(fold_digits(text))
    if usual is not None:
        return f"+98{usual[1]}"
    return _parse_phone(
        text,
        lambda number: (
            number.country_code == 98 and phonenumbers.number_type(number) == PhoneNumberType.MOBILE
        ),
        "Write an Iranian mobile number, such as 09123456789",
    )


def parse_phone(text: str) -> str:
    """Any valid telephone number in E.164, of Iran where no country is named."""
    usual = _MOBILE.fullmatch(fold_digits(text))
    if usual is not None:
        return f"+98{usual[1]}"
    return _parse_phone(
        text,
        phonenumbers.is_valid_number,
        "Write a telephone number with its area code, such as 06133334444, or with + and country",
    )


def _parse_phone(
    text: str, accepts: Callable[[phonenumbers.PhoneNumber], bool], message: str
) -> str:
    number = None
    # phonenumbers would find a number inside a sentence, and read letters as keys.
    if not any(c.isalpha() for c in text):
        with suppress(NumberParseException):
            number = phonenumbers.parse(fold_digits(text), "IR")
    if number is None or not accepts(number):
        raise IdentifierError(Reason.WRONG_CHARACTERS, message)
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)
