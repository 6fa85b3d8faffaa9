"""The blocks that editors can write, and what each may contain.

To add a block, add an entry to `BLOCK_SPECS`, a macro to templates/blocks.html and a style. Only
blocks that do more than wrap text are named elsewhere too, such as `compare`, `figure`, `do-not`,
and `emergency`, which precedes a page's contents list.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

import msgspec


class BlockSpec(msgspec.Struct, frozen=True):
    """What blocks of one name may contain.

    Attributes:
        description: What the block holds, for hints.
        min_count: Fewest list items, headings or tables in it, depending on `content`.
        title_lists_files: The title consists of file names, separated by spaces.
        generated: The content comes from data.
        signs: Whether its list has to come from content/emergency.yaml.
    """

    description: str
    title: Literal["none", "optional", "required"] = "optional"
    content: Literal["text", "list", "items", "table", "none"] = "text"
    min_count: int = 0
    fields: tuple[str, ...] = ()
    required_fields: tuple[str, ...] = ()
    integer_fields: tuple[str, ...] = ()
    title_lists_files: bool = False
    generated: bool = False
    signs: Literal["none", "optional", "required"] = "none"


def _care_card(description: str, signs: Literal["optional", "required"] = "required") -> BlockSpec:
    return BlockSpec(description, content="list", min_count=1, fields=("signs",), signs=signs)


BLOCK_SPECS: Final[Mapping[str, BlockSpec]] = {
    "key-facts": BlockSpec("the 3 to 5 points to take away", content="list", min_count=2),
    "emergency": _care_card("who should call an ambulance"),
    "same-day": _care_card("who should call a doctor today"),
    "soon": _care_card("who should see a doctor in 2 or 3 days"),
    "watch": _care_card("what to watch for some hours"),
    "routine": _care_card("who should call in office hours", signs="optional"),
    "weakness": BlockSpec(
        "the one rule for a weak leg", title="none", content="none", generated=True
    ),
    "together": BlockSpec(
        "milder signs that need 911 together, for the people in its title",
        title="required",
        content="none",
        generated=True,
    ),
    "warning": BlockSpec("a common mistake or danger", title="required"),
    "do": BlockSpec("what helps", content="list", min_count=2),
    "do-not": BlockSpec("what harms; each line starts with 'do not'", content="list", min_count=2),
    "steps": BlockSpec(
        "steps in order, each under a heading", title="none", content="items", min_count=2
    ),
    "timeline": BlockSpec(
        "times in order, each under a heading", title="none", content="items", min_count=2
    ),
    "figure": BlockSpec(
        "a picture, its caption, and its long description as the text",
        title="required",
        fields=("alt", "caption", "names"),
        required_fields=("alt", "caption"),
        title_lists_files=True,
    ),
    "chance": BlockSpec(
        "how many of 10, 20 or 100 people something happens to, said in the title and drawn",
        title="required",
        content="none",
        fields=("fact", "count", "of"),
        required_fields=("count", "of"),
        integer_fields=("count", "of"),
    ),
    "option": BlockSpec(
        "one of several choices, told under the same headings as the others",
        title="required",
        content="items",
        min_count=3,
    ),
    "more": BlockSpec("detail that few readers need, closed until asked for", title="required"),
    "compare": BlockSpec(
        "a table of choices side by side", title="required", content="table", min_count=1
    ),
    "glossary": BlockSpec(
        "every word of glossary.yaml", title="none", content="none", generated=True
    ),
    "references": BlockSpec(
        "every source of the site", title="none", content="none", generated=True
    ),
    "facts": BlockSpec(
        "every fact of the site, or of the grade in its title", content="none", generated=True
    ),
}
