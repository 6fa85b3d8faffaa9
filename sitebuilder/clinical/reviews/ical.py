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
_OCTETS: Final = 75
_IN_ADDRESSES: Final = ":/?#[]@!$&'()*+,;=%~"


def calendar(rows: Sequence[tuple[str, str, Date, str]], stamp: Date) -> str:
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
        lines += _event(page_id, title, until, url, stamp)
    lines.append("END:VCALENDAR")
    return "".join(part + "\r\n" for line in lines for part in _folded(line))


def _event(page_id: str, title: str, until: Date, url: str, stamp: Date) -> Iterator[str]:
    # Made from the site's address too, so that calendars of two sites do not share a UID.
    uid = uuid.uuid5(uuid.NAMESPACE_URL, f"{url}#review-of-{page_id}")
    summary = _escaped(f"Review due: {title}")
    yield "BEGIN:VEVENT"
    yield f"UID:{uid}"
    yield f"DTSTAMP:{_day(stamp)}T000000Z"
    yield f"DTSTART;VALUE=DATE:{_day(until)}"  # without an end it lasts that one day
    yield f"SUMMARY:{summary}"
    told = f"This is the last day of the review of {page_id}. Run: {sheet_command(page_id)}"
    yield f"DESCRIPTION:{_escaped(told)}"
    if url:
        yield f"URL:{quote(url, safe=_IN_ADDRESSES)}"
    yield "TRANSP:TRANSPARENT"  # nobody is busy because of it
    yield "BEGIN:VALARM"
    yield "ACTION:DISPLAY"
    yield f"DESCRIPTION:{summary}"
    yield f"TRIGGER:-P{_ALARM_DAYS}D"
    yield "END:VALARM"
    yield "END:VEVENT"


def _day(day: Date) -> str:
    return day.isoformat().replace("-", "")


def _escaped(text: str) -> str:
    """A value of type TEXT (RFC 5545, 3.3.11); line ends are kept, other controls go."""
    text = re.sub(r"\r\n|[\r\n\u2028\u2029]", "\n", text)
    text = re.sub(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", " ", text)
    return re.sub(r"([\\;,])", r"\\\1", text).replace("\n", "\\n")


def _folded(line: str) -> Iterator[str]:
    """The parts of a long line, at most 75 octets each, no character cut in two."""
    part, octets = "", 0
    for sign in line:
        size = len(sign.encode())
        if octets + size > _OCTETS:
            yield part
            part, octets = " ", 1
        part, octets = part + sign, octets + size
    yield part
