"""Find wording that readers cannot use: subjective words, passives and unexplained terms."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from sitebuilder.clinical.plain_language.chances import find_risk_figures
from sitebuilder.clinical.plain_language.location import SentenceSpan
from sitebuilder.clinical.plain_language.sentences import WORD
from sitebuilder.core.evidence import Term
from sitebuilder.core.problems import Problem

# -- subjective words -----------------------------------------------------------------------------

SUBJECTIVE_WORD: Final = re.compile(
    r"\b(?:good chance|rare(?:ly)?|(?<!in )common(?:ly)?(?! sense)"
    r"|(?<!not )(?:easy|easily|simple|simply|quick|quickly)"
    r"|(?<!not )(?<!how )(?<!if )(?<!keep )(?<!stay )(?<!keep you )safe(?:ly)?(?! to\b)"
    r"|minor|only (?:a )?(?:slight|small|little)|slightly"
    r"|just(?! (?:as|before|after|above|below|under|over|like|in case|outside|inside|behind"
    r"|beside|next)\b))\b(?!-)",
    re.IGNORECASE,
)
QUANTIFIABLE_WORD: Final = re.compile(r"good chance|rare|common|minor", re.IGNORECASE)
"""Words about chance, which are allowed in a sentence that also gives a figure."""


def check_subjective_words(spans: Sequence[SentenceSpan], path: str) -> Iterator[Problem]:
    """Report subjective words.

    Questions may hold them, and words about chance may be next to a figure.
    """
    for span in spans:
        if span.text.rstrip("\"'\u2019\u201d)").endswith("?"):
            continue
        for match in SUBJECTIVE_WORD.finditer(span.text):
            if QUANTIFIABLE_WORD.match(match.group()) and any(find_risk_figures(span)):
                continue
            message = f"'{match.group().lower()}' is a word of mood"
            hint = "Say what is known: how many in 100, how long, what happens. Or remove it."
            yield span.problem("mood-word", path, message, hint, match.start())


# -- passive voice --------------------------------------------------------------------------------

IRREGULAR_PARTICIPLES: Final = """
begun bent bitten blown brought broken built bought caught chosen cut done drawn driven eaten
fed felt fought found forbidden forgiven forgotten frozen given ground grown held hidden hurt kept
known laid led lent lost made meant met paid proven put read rewritten seen sent set sewn shaken
shown shut sold spoken spent split spread stolen struck stuck sung swept sworn taken taught thought
thrown told torn understood undertaken undergone withdrawn woken worn written
""".split()
PASSIVE_VOICE: Final = re.compile(
    r"\b(?:am|is|are|was|were|be|been|being|isn['\u2019]t|aren['\u2019]t|wasn['\u2019]t"
    r"|weren['\u2019]t)\s+(?:(?:not|never|also|often|then|still|now|always|only|sometimes|first"
    rf"|both|all|[a-z]+ly)\s+)*({'|'.join(IRREGULAR_PARTICIPLES)}|[a-z]{{2,}}(?<!e)ed)\b(?!-)",
    re.IGNORECASE,
)
PARTICIPIAL_ADJECTIVES: Final = frozenset(
    """
    advanced aged allowed ashamed associated bed based bored called closed concerned confused
    committed dedicated depressed detailed disabled embarrassed excited experienced frightened
    hundred hurt interested involved known left limited linked located married mixed naked named
    needed padded pleased prepared red related relaxed relieved retired sacred satisfied scared
    set settled shed sled stacked stressed striped stuck supposed surprised tired trained
    upset wicked worn worried
    """.split()
)
"""Words that look like participles but describe a state, not what is done."""


def check_passive_voice(spans: Sequence[SentenceSpan], path: str) -> Iterator[Problem]:
    """Report sentences in the passive voice, each once."""
    for span in spans:
        for match in PASSIVE_VOICE.finditer(span.text):
            participle = match[1].casefold()
            is_used_to = participle == "used" and span.text.startswith(" to ", match.end())
            if participle not in PARTICIPIAL_ADJECTIVES and not is_used_to:
                message = f"'{' '.join(match.group().split())}' does not say first who acts"
                hint = "Name who acts, then what they do: 'the nurse checks ...', 'you take ...'."
                yield span.problem("passive", path, message, hint, match.start())
                break


# -- terms ----------------------------------------------------------------------------------------

MEDICAL_SUFFIX: Final = re.compile(
    r"(?:(?:ectom|otom|ostom|oscop|opath|plast)(?:y|ies)|(?:it|os)is|algias?|omas?|emias?)$"
)
EVERYDAY_WORDS: Final = frozenset(
    """
    academia aroma aromas bohemia coma comas diagnosis dichotomy diploma diplomas hypnosis
    nostalgia oklahoma tacoma
    """.split()
)
"""Everyday words that end like medical ones."""

MEDICAL_WORDS: Final = frozenset(
    """
    anesthetic anesthetics anesthesia analgesic analgesics annulus anterior anticoagulant
    anticoagulants benign bilateral cauda cervical chronic claudication comorbidity
    contraindication contraindicated decompression degenerative dorsal dura dural edema
    endoscopic epidural epidurals equina facet foramen foramina foraminal herniated herniation
    idiopathic intubation intraoperative ischemia lamina laminae lateral lesion lesions ligament
    ligaments ligamentum lumbar lumbosacral medial neurogenic neurologic neurological opioid
    opioids osteophyte osteophytes palliative paresthesia
    percutaneous perioperative posterior postoperative preoperative prognosis prophylaxis radicular
    radiculopathy sacral sacrum sciatica seroma spondylolisthesis stenotic subcutaneous thoracic
    thrombus transfusion unilateral vertebra vertebrae vertebral
    """.split()
)
ACRONYM: Final = re.compile(r"[A-Z]{2,6}s?")
KNOWN_ACRONYMS: Final = frozenset(
    """
    US USA UK EU OK AM PM TV ID II III VI VII AND ALL CALL DO DONT GO IF IN IT MUST NEVER NO NOT
    NOW OFF ON ONLY OR STOP TO WARNING YES YOU
    """.split()
)
"""Acronyms that everybody knows, Roman numerals, and words that writers put in capitals."""

MIN_ALL_CAPS_WORDS: Final = 3
"""At least this many words in capitals are a line in capitals, not a row of acronyms."""


def _looks_medical(word: str) -> bool:
    if ACRONYM.fullmatch(word):
        return word not in KNOWN_ACRONYMS and word.removesuffix("s") not in KNOWN_ACRONYMS
    lowercase = word.casefold()
    return lowercase in MEDICAL_WORDS or bool(
        MEDICAL_SUFFIX.search(lowercase) and lowercase not in EVERYDAY_WORDS
    )


def _normalize(word: str) -> str:
    """The word in lower case, without possessive, as the glossary forms are compared."""
    return word.casefold().replace("\u2019", "'").removesuffix("'s").removesuffix("'")


def _find_medical_words(span: SentenceSpan) -> Iterator[tuple[int, str]]:
    """Yield words, and parts of hyphenated words, that look medical, with their index."""
    if span.text.isupper() and len(span.text.split()) >= MIN_ALL_CAPS_WORDS:
        return  # a line in capitals: its words need not be acronyms
    for match in WORD.finditer(span.text):
        index = match.start()
        for part in re.split("[-\u2011]", match.group()):
            word = re.sub("['\u2019]s?$", "", part)
            if _looks_medical(word):
                yield index, word
            index += len(part) + 1


def _is_in_phrase(span: SentenceSpan, index: int, word: str, phrases: Sequence[str]) -> bool:
    """Whether the word at `index` is part of a form of several words, such as cauda equina."""
    text = span.text.casefold()
    for form in phrases:
        if word not in form:
            continue
        start = text.find(form)
        while start >= 0:
            if start <= index < start + len(form):
                return True
            start = text.find(form, start + 1)
    return False


def check_unexplained_terms(
    spans: Sequence[SentenceSpan], terms: Mapping[str, Term], path: str
) -> Iterator[Problem]:
    """Report medical words and acronyms that the glossary does not hold, each once."""
    forms = {_normalize(form) for term in terms.values() for form in (term.term, *term.also)}
    phrases = [form for form in forms if " " in form or "-" in form]
    reported: set[str] = set()
    for span in spans:
        for index, word in _find_medical_words(span):
            normalized = _normalize(word)
            stem = normalized.removesuffix("s")
            if {normalized, stem} & (forms | reported) or _is_in_phrase(
                span, index, normalized, phrases
            ):
                continue
            reported |= {normalized, stem}
            message = f"the glossary does not explain '{word}'"
            hint = "Use a plainer word, or add it to content/glossary.yaml as a term or under also."
            yield span.problem("unexplained-term", path, message, hint, index)
