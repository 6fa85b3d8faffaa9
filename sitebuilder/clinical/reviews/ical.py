"""Format the due dates of reviews as an iCalendar file (RFC 5545)."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final
from urllib.parse import quote

from sitebuilder.clinical.reviews.status import sheet_command

_ALARM_DAYS: Final = 30
_MAX_LINE_OCTETS: Final = 75
_URL_SAFE_CHARS: Final = ":/?#[]@!$&'()*+,;=%~"


def format_ical(rows: Sequence[tuple[str, str, date, str]], stamp: date) -> str:
    """Format an all-day event on the last day of each review.

    Equal rows, in any order, give equal bytes. The UID of an event stays the same when its day
    moves, so calendars move the event. Lines end in CRLF: write the text with newline="".

    Args:
        rows: Page id, title, last day of the review and URL of each page. The URL may be
            empty.
        stamp: The day on which the file is made.
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//sitebuilder//Page reviews//EN",
        "CALSCALE:GREGORIAN",
    ]
    for page_id, title, until, url in sorted(rows, key=lambda row: (row[2], row[0])):
        lines += _event_lines(page_id, title, until, url, stamp)
    lines.append("END:VCALENDAR")
    return "".join(part + "\r\n" for line in lines for part in _fold_line(line))


def _event_lines(page_id: str, title: str, until: date, url: str, stamp: date) -> Iterator[str]:
    # The URL of the site is part of it, so that the calendars of two sites do not share a UID.
    uid = uuid.uuid5(uuid.NAMESPACE_URL, f"{url}#review-of-{page_id}")
    summary = _escape_text(f"Review due: {title}")
    yield "BEGIN:VEVENT"
    yield f"UID:{uid}"
    yield f"DTSTAMP:{_format_date(stamp)}T000000Z"
    yield f"DTSTART;VALUE=DATE:{_format_date(until)}"  # without DTEND it lasts one day
    yield f"SUMMARY:{summary}"
    description = f"This is the last day of the review of {page_id}. Run: {sheet_command(page_id)}"
    yield f"DESCRIPTION:{_escape_text(description)}"
    if url:
        yield f"URL:{quote(url, safe=_URL_SAFE_CHARS)}"
    yield "TRANSP:TRANSPARENT"  # does not block out the day
    yield "BEGIN:VALARM"
    yield "ACTION:DISPLAY"
    yield f"DESCRIPTION:{summary}"
    yield f"TRIGGER:-P{_ALARM_DAYS}D"
    yield "END:VALARM"
    yield "END:VEVENT"


def _format_date(day: date) -> str:
    return day.isoformat().replace("-", "")


def _escape_text(text: str) -> str:
    """Escape a TEXT value (RFC 5545, 3.3.11). Other controls than line ends become spaces."""
    text = re.sub(r"\r\n|[\r\n\u2028\u2029]", "\n", text)
    text = re.sub(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", " ", text)
    return re.sub(r"([\\;,])", r"\\\1", text).replace("\n", "\\n")


def _fold_line(line: str) -> Iterator[str]:
    """Fold a line into parts of at most 75 octets, without splitting a character."""
    part, octets = "", 0
    for character in line:
        size = len(character.encode())
        if octets + size > _MAX_LINE_OCTETS:
            yield part
            part, octets = " ", 1
        part, octets = part + character, octets + size
    yield part
