"""Find sentences that name a warning sign and give an order; report orders that are not its own.

How signs are named, and which words carry an order, stands in content/emergency.yaml. A sentence
without an order takes it from the sentence after it, or from what it stands under: the line before
its list, its card, the heading.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final

import msgspec

from sitebuilder.clinical.evidence.phrases import compile_phrases, fold, may_match
from sitebuilder.clinical.plain_language.sentences import split_sentences
from sitebuilder.core.evidence import TIERS, Evidence, SignOrders
from sitebuilder.core.passage import Passage
from sitebuilder.markdown.block_specs import BLOCK_SPECS

CARD_TIERS: Final = {
    "emergency": "911",
    "same-day": "today",
    "soon": "days",
    "watch": "hours",
    "routine": "visit",
}
"""The tier of the signs on each kind of care card."""

UNTIMED: Final = "no time"
"""Stands for an order without a time among the tiers of orders."""

_STRICT_TIERS: Final = TIERS[:2]
"""Tiers whose orders nothing may soften or take back."""

_PRESSING_TIERS: Final = frozenset(TIERS[:3])
"""Tiers of orders that cannot wait for a visit."""

_TAKEN_BACK: Final = re.compile(
    r"\b(?:not|never|no need to|needn't|\w+n't|without)(?: [\w']+){0,2} $"
)


class OrderedSign(msgspec.Struct, frozen=True):
    """A sentence that names signs and gives an order.

    Attributes:
        setting: One of `SETTINGS`.
        signs: Names of the signs.
        orders: Tiers of its orders; `UNTIMED` for one without a time.
        expected: Tiers of its signs in its setting.
        fault: What is wrong with it; empty if nothing is.
    """

    text: str
    line: int
    column: int
    setting: str
    signs: tuple[str, ...]
    orders: tuple[str, ...]
    expected: tuple[str, ...]
    fault: str = ""


class _Sentence(msgspec.Struct):
    text: str
    line: int
    column: int
    signs: tuple[str, ...]
    any_sign: tuple[str, ...]
    orders: tuple[str, ...]
    fault: str
    setting: str = ""

    @property
    def names_signs(self) -> bool:
        return bool(self.signs or self.any_sign)


class _Context(msgspec.Struct):
    """What the next sentences stand under.

    Attributes:
        title_setting: The setting that the title of the page names.
        heading: The last heading.
        lead: The last sentence before a list, if it ends with a colon.
    """

    title_setting: str
    heading: _Sentence | None = None
    lead: _Sentence | None = None


def find_ordered_signs(
    title: str, passages: Iterable[Passage], evidence: Evidence, default_setting: str = "everybody"
) -> Iterator[OrderedSign]:
    """Yield every sentence with a sign and an order, and every order that is taken back.

    Warning signs and lists that come from data are left out: they are checked as data.

    Args:
        title: The title of the page, which may say whom it is about.
        passages: The text of the page, in order.
        evidence: The words of orders, and the signs that the page names.
        default_setting: Whom sentences are about that do not say so; empty if that is not known,
            so that an order may fit in any setting.
    """
    orders = evidence.orders
    if orders is None:
        return
    context = _Context(next(iter(_find_keys(orders.settings, fold(title))), ""))
    for passage, sentences in _read_passages(passages, evidence, orders):
        _complete(sentences, passage, context)
        for sentence in sentences:
            if sentence.fault or (sentence.names_signs and sentence.orders):
                yield _judge(sentence, evidence, default_setting)
        if passage.kind == "heading":
            context.heading, context.lead = sentences[-1], None
        elif passage.kind != "item":
            ends_with_colon = passage.text.rstrip().endswith(":")
            context.lead = sentences[-1] if ends_with_colon else None


def find_watched_sentences(
    passages: Iterable[Passage], evidence: Evidence
) -> Iterator[tuple[str, int, int]]:
    """Yield text, line and column of each sentence that may be about a warning sign.

    It names one, has a word by which one may be named, or gives an order that cannot wait.
    """
    orders = evidence.orders
    if orders is None:
        return
    watched = compile_phrases(orders.watched)
    for _, sentences in _read_passages(passages, evidence, orders):
        for sentence in sentences:
            is_pressing = not _PRESSING_TIERS.isdisjoint(sentence.orders)
            if sentence.names_signs or is_pressing or watched.search(fold(sentence.text)):
                yield " ".join(sentence.text.split()), sentence.line, sentence.column


def _read_passages(
    passages: Iterable[Passage], evidence: Evidence, orders: SignOrders
) -> Iterator[tuple[Passage, list[_Sentence]]]:
    """Yield each passage that has sentences, unless its text comes from the signs or is made."""
    for passage in passages:
        spec = BLOCK_SPECS.get(passage.block)
        if (spec and spec.generated) or any(run.origin == "sign" for run in passage.runs):
            continue
        sentences = [
            _read_sentence(passage, offset, text, evidence, orders)
            for offset, text in split_sentences(passage.text)
        ]
        if sentences:
            yield passage, sentences


# -- reading a sentence ---------------------------------------------------------------------------


def _read_sentence(
    passage: Passage, offset: int, text: str, evidence: Evidence, orders: SignOrders
) -> _Sentence:
    line, column = passage.locate(offset)
    found, fault = read_orders(text, orders)
    folded = fold(text)
    signs, any_sign = _find_signs(folded, evidence), _find_keys(orders.any_sign, folded)
    setting = next(iter(_find_keys(orders.settings, folded)), "")
    return _Sentence(text, line, column, signs, any_sign, found, fault, setting)


def read_orders(sentence: str, orders: SignOrders) -> tuple[tuple[str, ...], str]:
    """Return the tiers of the orders in a sentence, and what takes an order back, if anything."""
    folded = compile_phrases(orders.not_orders).sub(lambda m: "\0" * len(m[0]), fold(sentence))
    every = tuple(phrase for phrases in orders.tiers.values() for phrase in phrases)
    found: dict[str, None] = {}
    for match in compile_phrases(every).finditer(folded):
        tier = next(
            t for t, phrases in orders.tiers.items() if compile_phrases(phrases).fullmatch(match[0])
        )
        before = _TAKEN_BACK.search(folded[: match.start()])
        if before and tier in _STRICT_TIERS:
            return (), f"'{before[0]}{match[0]}' takes back an order"
        found[tier] = None
    for match in compile_phrases(orders.never).finditer(folded):
        if not _TAKEN_BACK.search(folded[: match.start()]):
            return tuple(found), f"'{match[0]}' is what no page may say"
    softener = compile_phrases(orders.softeners).search(folded)
    if softener and set(found) & set(_STRICT_TIERS):
        return tuple(found), f"'{softener[0]}' takes the force out of an order"
    if not found and compile_phrases(orders.untimed).search(folded):
        found[UNTIMED] = None
    return tuple(found), ""


def _find_signs(folded: str, evidence: Evidence) -> tuple[str, ...]:
    named = {
        sign.name
        for sign in evidence.signs.values()
        if may_match(sign.named, folded) and compile_phrases(sign.named).search(folded)
    }
    return tuple(
        name
        for name, sign in evidence.signs.items()
        if name in named and not named & set(sign.unless_named)
    )


def _find_keys(phrases_by_key: Mapping[str, tuple[str, ...]], folded: str) -> tuple[str, ...]:
    return tuple(
        key for key, phrases in phrases_by_key.items() if compile_phrases(phrases).search(folded)
    )


# -- what a sentence stands under -----------------------------------------------------------------


def _complete(sentences: Sequence[_Sentence], passage: Passage, context: _Context) -> None:
    """Give each sentence the setting and, if it has none, the order that it stands under."""
    setting = context.title_setting
    if passage.kind != "heading" and context.heading and context.heading.setting:
        setting = context.heading.setting
    if passage.kind == "item" and context.lead and context.lead.setting:
        setting = context.lead.setting
    for sentence in sentences:
        setting = sentence.setting = sentence.setting or setting
    for sentence, following in pairwise(sentences):
        is_open = sentence.names_signs and not sentence.orders
        if is_open and following.orders and not following.names_signs:
            sentence.orders = following.orders
    card_tier = CARD_TIERS.get(passage.block, "")
    under = (context.lead, context.heading) if passage.kind == "item" else ()
    for sentence in sentences:
        if sentence.names_signs and not sentence.orders:
            if card_tier:
                sentence.orders = (card_tier,)
                continue
            above = next((each.orders for each in under if each and each.orders), ())
            sentence.orders = tuple(tier for tier in above if tier != UNTIMED)


def _judge(sentence: _Sentence, evidence: Evidence, default_setting: str) -> OrderedSign:
    setting = sentence.setting or default_setting
    expected = dict.fromkeys(sentence.any_sign)
    given = {_as_tier(order) for order in sentence.orders}
    wrong = [f"any such sign is '{tier}'" for tier in sentence.any_sign if tier not in given]
    for name in sentence.signs:
        tiers = evidence.signs[name].tiers
        own = {tiers[setting]} if setting in tiers else set(tiers.values())
        expected |= dict.fromkeys(sorted(own))
        if not own & given:
            wrong.append(f"'{name}' is '{', '.join(sorted(own))}'")
    extra = given - set(expected)
    fault = sentence.fault
    if not fault and (wrong or extra):
        orders = ", ".join(sentence.orders)
        what = wrong or [f"named is '{', '.join(expected)}'"]
        fault = f"this sentence orders '{orders}', but the sign {', and '.join(what)}"
        fault += f' ({setting}): "{" ".join(sentence.text.split()[:8])} ..."'
    return OrderedSign(
        text=sentence.text,
        line=sentence.line,
        column=sentence.column,
        setting=setting,
        signs=sentence.signs or tuple(f"any {tier} sign" for tier in sentence.any_sign),
        orders=sentence.orders,
        expected=tuple(expected),
        fault=fault,
    )


def _as_tier(order: str) -> str:
    return "visit" if order == UNTIMED else order
