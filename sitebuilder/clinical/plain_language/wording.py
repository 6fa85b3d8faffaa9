"""Words that a reader cannot use: of mood instead of figures, passives, and unexplained terms."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from sitebuilder.clinical.plain_language.chances import find_risk_figures
from sitebuilder.clinical.plain_language.location import SentenceSpan
from sitebuilder.clinical.plain_language.sentences import WORD
from sitebuilder.core.evidence import Term
from sitebuilder.core.problems import Problem

# -- words of mood --------------------------------------------------------------------------------

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
"""Words that say no more than a figure does; beside one they are no harm."""


def check_subjective_words(spans: Sequence[SentenceSpan], path: str) -> Iterator[Problem]:
    """Words of mood. A question may hold them, and those of chance may stand beside a figure."""
    for spot in spans:
        if spot.text.rstrip("\"'\u2019\u201d)").endswith("?"):
            continue
        for found in SUBJECTIVE_WORD.finditer(spot.text):
            if QUANTIFIABLE_WORD.match(found.group()) and any(find_risk_figures(spot)):
                continue
            message = f"'{found.group().lower()}' is a word of mood"
            hint = "Say what is known: how many in 100, how long, what happens. Or take it out."
            yield spot.problem("mood-word", path, message, hint, found.start())


# -- the passive ----------------------------------------------------------------------------------

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
"""What looks like a participle and tells how somebody or something is, not what is done to it."""


def check_passive_voice(spans: Sequence[SentenceSpan], path: str) -> Iterator[Problem]:
    """Sentences where something is done, and who does it comes last or not at all: one each."""
    for spot in spans:
        for found in PASSIVE_VOICE.finditer(spot.text):
            participle = found[1].casefold()
            habit = participle == "used" and spot.text.startswith(" to ", found.end())
            if participle not in PARTICIPIAL_ADJECTIVES and not habit:
                message = f"'{' '.join(found.group().split())}' does not say first who acts"
                hint = "Name who acts, then what they do: 'the nurse checks ...', 'you take ...'."
                yield spot.problem("passive", path, message, hint, found.start())
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
"""Words of every day that end like medical ones."""

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
"""Short forms that everybody knows, Roman numbers, and words that writers put in capitals."""

MIN_ALL_CAPS_WORDS: Final = (
    3  # so many words in capitals are a line in capitals, not a row of short forms
)


def _looks_medical(word: str) -> bool:
    if ACRONYM.fullmatch(word):
        return word not in KNOWN_ACRONYMS and word.removesuffix("s") not in KNOWN_ACRONYMS
    small = word.casefold()
    return small in MEDICAL_WORDS or bool(
        MEDICAL_SUFFIX.search(small) and small not in EVERYDAY_WORDS
    )


def _normalize(word: str) -> str:
    """A word as the glossary would hold it: small, without possessive."""
    return word.casefold().replace("\u2019", "'").removesuffix("'s").removesuffix("'")


def _find_medical_words(span: SentenceSpan) -> Iterator[tuple[int, str]]:
    """Words that look medical, and medical parts of hyphenated words, with where they stand."""
    if span.text.isupper() and len(span.text.split()) >= MIN_ALL_CAPS_WORDS:
        return  # a line in capitals: none of its words need be a short form
    for found in WORD.finditer(span.text):
        at = found.start()
        for part in re.split("[-\u2011]", found.group()):
            plain = re.sub("['\u2019]s?$", "", part)
            if _looks_medical(plain):
                yield at, plain
            at += len(part) + 1


def _is_in_phrase(span: SentenceSpan, index: int, word: str, phrases: Sequence[str]) -> bool:
    """Whether a form of more than one word, such as cauda equina, stands here."""
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
    """Medical words and short forms that the glossary does not hold: each once a page."""
    forms = {_normalize(form) for term in terms.values() for form in (term.term, *term.also)}
    long_forms = [form for form in forms if " " in form or "-" in form]
    told: set[str] = set()
    for spot in spans:
        for at, word in _find_medical_words(spot):
            single = _normalize(word)
            stem = single.removesuffix("s")
            if {single, stem} & (forms | told) or _is_in_phrase(spot, at, single, long_forms):
                continue
            told |= {single, stem}
            message = f"the glossary does not explain '{word}'"
            hint = "Use a plainer word, or add it to content/glossary.yaml as a term or under also."
            yield spot.problem("unexplained-term", path, message, hint, at)
