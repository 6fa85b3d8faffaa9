"""Bytes of a text file in, clean text out: UTF-8, plain line ends, nothing that hides."""

from __future__ import annotations

import re
from typing import Final

from sitebuilder.model import File
from sitebuilder.problems import Problem, problem

HIDDEN: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters but tab and line end
    "\u2028\u2029"  # line ends that YAML counts and editors do not
    "\u202a-\u202e\u2066-\u2069"  # what turns the direction of text behind a reader's back
    "\ufeff\ufff9-\ufffb\ue000-\uf8ff]"  # marks with no picture; we use private ones ourselves
)


def decode(file: File) -> tuple[str, list[Problem]]:
    """The text of a file and what is wrong with its characters.

    A file that is not UTF-8 gives empty text. A hidden character is reported and taken out.
    """
    try:
        text = file.data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = file.data.count(b"\n", 0, error.start) + 1
        message = f"not UTF-8 (byte 0x{file.data[error.start]:02X})"
        hint = "Open the file in an editor and save it with the encoding UTF-8."
        return "", [problem("encoding", file.path, message, hint=hint, line=line)]
    text = text.replace("\r\n", "\n")
    if not HIDDEN.search(text):
        return text, []
    problems = []
    for number, row in enumerate(text.split("\n"), 1):
        for found in HIDDEN.finditer(row):
            message = f"control character U+{ord(found.group()):04X}"
            hint = "Delete it. It often comes with text pasted from another program."
            column = found.start() + 1
            problems.append(
                problem(
                    "control-character", file.path, message, hint=hint, line=number, column=column
                )
            )
    return HIDDEN.sub("", text), problems
