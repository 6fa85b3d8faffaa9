"""Pages and the last days of their reviews in, an iCalendar file (RFC 5545) out."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Sequence
from datetime import date as Date  # noqa: N812 - as in `model`
from typing import Final
from urllib.parse import quote

from sitebuilder.clinical.reviews.status import sheet_command

_ALARM_DAYS: Final = 30
_MAX_LINE_OCTETS: Final = 75
_URL_SAFE_CHARS: Final = ":/?#[]@!$&'()*+,;=%~"


def format_ical(rows: Sequence[tuple[str, str, Date, str]], stamp: Date) -> str:
    """An all-day event for each (page id, title, last day of the review, address).

    `stamp` is the day that the file speaks for. Equal rows, in any order, give equal bytes. An
    event's UID stays the same when its day moves, so calendars move it too. Lines end in CRLF:
    write the text with newline="".
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


def _event_lines(page_id: str, title: str, until: Date, url: str, stamp: Date) -> Iterator[str]:
    # Made from the site's address too, so that calendars of two sites do not share a UID.
    uid = uuid.uuid5(uuid.NAMESPACE_URL, f"{url}#review-of-{page_id}")
    summary = _escape_text(f"Review due: {title}")
    yield "BEGIN:VEVENT"
    yield f"UID:{uid}"
    yield f"DTSTAMP:{_format_date(stamp)}T000000Z"
    yield f"DTSTART;VALUE=DATE:{_format_date(until)}"  # without an end it lasts that one day
    yield f"SUMMARY:{summary}"
    told = f"This is the last day of the review of {page_id}. Run: {sheet_command(page_id)}"
    yield f"DESCRIPTION:{_escape_text(told)}"
    if url:
        yield f"URL:{quote(url, safe=_URL_SAFE_CHARS)}"
    yield "TRANSP:TRANSPARENT"  # nobody is busy because of it
    yield "BEGIN:VALARM"
    yield "ACTION:DISPLAY"
    yield f"DESCRIPTION:{summary}"
    yield f"TRIGGER:-P{_ALARM_DAYS}D"
    yield "END:VALARM"
    yield "END:VEVENT"


def _format_date(day: Date) -> str:
    return day.isoformat().replace("-", "")


def _escape_text(text: str) -> str:
    """A value of type TEXT (RFC 5545, 3.3.11); line ends are kept, other controls go."""
    text = re.sub(r"\r\n|[\r\n\u2028\u2029]", "\n", text)
    text = re.sub(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", " ", text)
    return re.sub(r"([\\;,])", r"\\\1", text).replace("\n", "\\n")


def _fold_line(line: str) -> Iterator[str]:
    """The parts of a long line, at most 75 octets each, no character cut in two."""
    part, octets = "", 0
    for sign in line:
        size = len(sign.encode())
        if octets + size > _MAX_LINE_OCTETS:
            yield part
            part, octets = " ", 1
        part, octets = part + sign, octets + size
    yield part
