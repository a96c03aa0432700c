"""Points in time as milliseconds since the epoch, and their ISO 8601 text as the JVM writes it."""

from __future__ import annotations

import re

_TEXT = re.compile(
    r"(-\d{4}|[+-]\d{5,9}|\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?Z", re.IGNORECASE
)
_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_DAY_MS = 86_400_000


def instant_text(ms: int) -> str:
    """Returns a time such as 2026-01-31T12:00:00.250Z; years may be far beyond those of ``datetime``."""
    days, rest = divmod(ms, _DAY_MS)
    # Civil date of a day count: eras of 400 years that begin on 1 March.
    days += 719_468
    era, day_of_era = divmod(days, 146_097)
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * shifted + 2) // 5 + 1
    month = shifted + 3 if shifted < 10 else shifted - 9
    year = year_of_era + era * 400 + (month <= 2)
    seconds, millis = divmod(rest, 1000)
    clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    fraction = f".{millis:03}" if millis else ""
    label = f"{year:04}" if 0 <= year <= 9999 else f"{year:+05}"
    return f"{label}-{month:02}-{day:02}T{clock}{fraction}Z"


def instant_ms(text: str) -> int | None:
    """Returns the milliseconds of an ISO 8601 time in UTC, or None if it is none; finer parts are cut off."""
    match = _TEXT.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute = (int(match[i]) for i in range(1, 6))
    second = int(match[6] or 0)
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    if not 1 <= month <= 12 or not 1 <= day <= _DAYS[month - 1] + (leap and month == 2):
        return None
    if hour > 23 or minute > 59 or second > 59:
        return None
    shifted_year = year - (month <= 2)
    era, year_of_era = divmod(shifted_year, 400)
    day_of_year = (153 * (month - 3 if month > 2 else month + 9) + 2) // 5 + day - 1
    day_of_era = year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year
    days = era * 146_097 + day_of_era - 719_468
    millis = int((match[7] or "").ljust(3, "0")[:3])
    return ((days * 24 + hour) * 60 + minute) * 60_000 + second * 1000 + millis
