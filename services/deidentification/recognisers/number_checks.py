# SPDX-License-Identifier: Apache-2.0
"""Checks that a number's digits pass: dates, place codes, check digits, number plans."""

from __future__ import annotations

from datetime import date

import phonenumbers

# Birthplace codes of MyKad that the registration department has given out.
PLACES = frozenset(
    [*range(1, 17), *range(21, 60), *range(60, 69), 71, 72, *range(74, 80), *range(82, 94), 98, 99]
)


def mykad(digits: str) -> bool:
    """Return whether 12 digits hold a date of birth and a birthplace code that exist."""
    if len(digits) != 12:
        return False
    try:
        # 2000 is a leap year: the century is not in the number.
        date(
            2000 + int(digits[:2]) % 4 if digits[2:4] == "02" else 2000,
            int(digits[2:4]),
            int(digits[4:6]),
        )
    except ValueError:
        return False
    return int(digits[6:8]) in PLACES


def luhn(digits: str) -> bool:
    """Return whether the check digit of a payment card is right (ISO/IEC 7812-1)."""
    total = 0
    for place, char in enumerate(reversed(digits)):
        value = int(char) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def malaysian_phone(digits: str) -> bool:
    """Return whether the digits are a number of the Malaysian plan, with or without country
    code.
    """
    local = (
        digits.removeprefix("00").removeprefix("60")
        if digits.startswith(("60", "0060"))
        else digits.removeprefix("0")
    )
    if local == digits or not 8 <= len(local) <= 10 or local[0] in "02":
        return bool(digits.startswith(("1300", "1800")) and len(digits) == 10)
    number = phonenumbers.PhoneNumber(country_code=60, national_number=int(local))
    return bool(phonenumbers.is_possible_number(number))
