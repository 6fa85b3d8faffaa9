"""Check the words that send readers somewhere: each text says how soon to act, and nothing weaker.

The words of each tier are data: `tier_words`, `commands`, `softeners`, `allowed` and `says` in
content/emergency.yaml. Invariants: I8 and I23 to I26 in docs/tool-invariants.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from sitebuilder.clinical.decision_tools.counterexample import safety_problem
from sitebuilder.clinical.decision_tools.phrases import (
    blank,
    blank_tails,
    compile_phrases,
    normalize,
    sentences_of,
)
from sitebuilder.core.decision_tool import OUTCOME_TIERS, Outcome, Tool
from sitebuilder.core.passage import Passage
from sitebuilder.core.problems import Problem
from sitebuilder.core.safety_policy import RequiredWording, SafetyPolicy

if TYPE_CHECKING:
    from sitebuilder.clinical.decision_tools.counterexample import Counterexamples
    from sitebuilder.clinical.decision_tools.text_blocks import TextBlock

_NEGATION: Final = re.compile(
    r"\b(?:not|never|no|nor|neither|none|nobody|nothing|cannot|without)\b|n't\b"
)
_CONDITION: Final = re.compile(r"\b(?:if|for|when)\b")
_GUARDS: Final = "content/emergency.yaml"


class TierPhrases:
    """The phrases of the policy, with the emergency number filled in.

    Attributes:
        words: `tier_words` by tier.
        orders: `commands` by tier.
        softeners: By tier, what weakens a text of it: its own softeners and those of milder tiers.
    """

    def __init__(self, policy: SafetyPolicy, emergency_number: str) -> None:
        def of(phrases: Iterable[str]) -> tuple[str, ...]:
            return tuple(phrase.replace("{number}", emergency_number) for phrase in phrases)

        self.number = emergency_number
        self.allowed = of(policy.allowed)
        self.words = {tier: of(policy.tier_words.get(tier, ())) for tier in OUTCOME_TIERS}
        self.commands = {tier: of(policy.commands.get(tier, ())) for tier in OUTCOME_TIERS}
        self.softeners = {
            tier: tuple(w for t in OUTCOME_TIERS[place:] for w in policy.softeners.get(t, ()))
            for place, tier in enumerate(OUTCOME_TIERS)
        }
        self._milder = {
            tier: tuple(w for t in OUTCOME_TIERS[place + 1 :] for w in self.words[t])
            for place, tier in enumerate(OUTCOME_TIERS)
        }

    def command_tier(self, sentence: str) -> str:
        """Return the most urgent tier of the commands in a sentence; empty if it has none.

        Words of milder tiers are no part of a command: "call today or tomorrow" is of tier `days`.
        """
        for tier in OUTCOME_TIERS:
            if compile_phrases(self.commands[tier]).search(blank(sentence, self._milder[tier])):
                return tier
        return ""

    def find_weakness(self, sentence: str, tier: str, *, is_command: bool) -> str:
        """Return what makes a sentence of a tier less urgent than that; empty if nothing does."""
        rest = blank_tails(blank(sentence, self.allowed), self.words[tier])
        match = compile_phrases(self.softeners[tier]).search(rest)
        match = match or (_NEGATION.search(rest) if is_command else None)
        return match[0] if match else ""

    def find_claim(self, sentence: str, tier: str) -> str:
        """Return the words of a more urgent tier in a title; empty if it has none."""
        place = OUTCOME_TIERS.index(tier)
        rest = blank(sentence, (*self.words[tier], *self._milder[tier]))
        urgent = tuple(w for t in OUTCOME_TIERS[:place] for w in self.words[t])
        match = compile_phrases(urgent).search(rest)
        return match[0] if match else ""

    def asserts(self, passages: Iterable[Passage], words: str) -> bool:
        """Whether a sentence has these words, with no negation before them."""
        pattern = re.compile(rf"(?<!\w){re.escape(normalize(words))}(?!\w)")
        for _, sentence in sentences_of(passages):
            match = pattern.search(sentence)
            if match and not _NEGATION.search(blank(sentence, self.allowed)[: match.start()]):
                return True
        return False


def check_commands(block: TextBlock, phrases: TierPhrases) -> Iterator[Problem]:
    """Report sentences that weaken a command or the tier of their result, or exceed it."""
    own = block.outcome.tier if block.outcome else OUTCOME_TIERS[-1]
    for passage, sentence in sentences_of(block.passages):
        commanded = phrases.command_tier(sentence)
        tier = min(own, commanded or own, key=OUTCOME_TIERS.index)
        weak = phrases.find_weakness(sentence, tier, is_command=bool(commanded))
        if weak:
            message = f"{block.label} says '{weak}' where a reader has to act: {tier}"
            hint = (
                "Take it out, or end the sentence before it. Words that are right in it stand "
                f"under 'allowed:' in {_GUARDS}."
            )
            yield safety_problem(block.path, passage.line, message, hint, block.example)
        if block.outcome and commanded and tier != own and not _CONDITION.search(sentence):
            message = f"{block.label} is of the tier '{own}' and sends everybody on at once: {tier}"
            hint = "Say when: 'Call 911 if ...'."
            yield safety_problem(block.path, passage.line, message, hint, block.example)


def check_tier_wording(outcome: Outcome, phrases: TierPhrases, example: str) -> Iterator[Problem]:
    """Report a title that does not say its tier, or says another; and a missing 911 line."""
    title, tier = outcome.title, outcome.tier
    words = phrases.words[tier]
    if words and not any(phrases.asserts([title], each) for each in words):
        listed = " or ".join(f"'{each}'" for each in words)
        message = f"the title of {outcome.name} does not say how soon to act"
        hint = f"It is of the tier '{tier}': say {listed}."
        yield safety_problem(outcome.path, title.line, message, hint, example)
    for _, sentence in sentences_of([title]):
        claim = phrases.find_claim(sentence, tier)
        if claim:
            message = f"the title of {outcome.name} says '{claim}', and its tier is '{tier}'"
            hint = "Change the tier or the title, with a clinician."
            yield safety_problem(outcome.path, title.line, message, hint, example)
    always = [line.text for line in outcome.body if line.shown_if.is_always]
    if not phrases.asserts(always, f"call {phrases.number}"):
        line = outcome.lines.get("body", outcome.line)
        message = f"{outcome.name} does not say when to call {phrases.number}"
        hint = f"Add a line without conditions: 'Call {phrases.number} if ...'."
        yield safety_problem(outcome.path, line, message, hint, example)


# -- required of single outcomes ------------------------------------------------------------------


def check_required_wording(
    tool: Tool, policy: SafetyPolicy, phrases: TierPhrases, examples: Counterexamples
) -> Iterator[Problem]:
    """Report what outcomes have to say and do not, and outcomes of which nothing is required."""
    for required in policy.says.values():
        outcomes = tool.own_outcomes if required.own else tool.safety.outcomes
        outcome = outcomes.get(required.name)
        if outcome is not None:
            example = examples.for_outcome(outcome.name)
            yield from _check_outcome(outcome, required, phrases, example)
        elif not required.own:
            message = f"there is no result '{required.name}'"
            hint = f"{_GUARDS} asks for it under 'says:'."
            yield safety_problem(tool.safety.path, 1, message, hint, "")
    for outcome in tool.safety.outcomes.values():
        if outcome.name not in policy.says:
            message = f"nothing says what {outcome.name} has to say"
            hint = f"Add it under 'says:' in {_GUARDS}, with a clinician."
            yield safety_problem(outcome.path, outcome.line, message, hint, "")


def _check_outcome(
    outcome: Outcome, required: RequiredWording, phrases: TierPhrases, example: str
) -> Iterator[Problem]:
    def report(field: str, message: str, hint: str = "Say it, word for word.") -> Problem:
        line = outcome.lines.get(field, outcome.line)
        return safety_problem(outcome.path, line, message, hint, example)

    name = outcome.name
    if outcome.tier != required.tier:
        message = f"{name} is of the tier '{outcome.tier}'"
        yield report("tier", message, f"Write 'tier: {required.tier}'.")
    if required.links == "none" and outcome.links:
        message = f"{name} links to {', '.join(outcome.links)}"
        yield report("links", message, "Write 'links: []': help comes first.")
    first = outcome.body[0] if outcome.body else None
    opening = [first.text] if first and first.shown_if.is_always else []
    body = [line.text for line in outcome.body]
    places: tuple[tuple[str, str, tuple[str, ...], list[Passage]], ...] = (
        ("title", f"the title of {name}", required.title, [outcome.title]),
        ("body", f"the first line of {name}", required.first, opening),
        ("body", name, required.body, body),
    )
    for field, where, wanted, passages in places:
        for template in wanted:
            words = template.replace("{number}", phrases.number)
            if not phrases.asserts(passages, words):
                yield report(field, f"{where} does not say '{words}'")
    for template in required.first[:1]:
        words = template.replace("{number}", phrases.number)
        if opening and not normalize(opening[0].text).startswith(normalize(words)):
            yield report("body", f"the first line of {name} does not begin with '{words}'")
