"""Numbers of our own containers and lists: two letters, 12 digits, 2 check digits.

ISO 7064 MOD 97-10 over the whole, letters as in an IBAN (A is 10); unlike any item's barcode.
"""

from typing import Final

from shared.text import fold_code

_SERIAL_DIGITS: Final = 12
_CHECK_DIGITS: Final = 2


def numbered(prefix: str, serial: int) -> str:
    """As in `numbered("MF", 7)`: MF00000000000772."""
    digits = str(serial).zfill(_SERIAL_DIGITS)
    letters = "".join(str(ord(letter) - ord("A") + 10) for letter in prefix)
    return f"{prefix}{digits}{98 - int(f'{letters}{digits}00') % 97:02d}"


def serial_of(prefix: str, text: str) -> int | None:
    """The serial of a number as typed or scanned; None where it is none of this kind."""
    code = fold_code(text)
    digits = code.removeprefix(prefix)
    whole = len(digits) == _SERIAL_DIGITS + _CHECK_DIGITS and digits.isascii() and digits.isdigit()
    if digits == code or not whole:
        return None
    serial = int(digits[:_SERIAL_DIGITS])
    return serial if numbered(prefix, serial) == code else None
