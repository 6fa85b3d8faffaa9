"""The style sheet and its colours in, one string for every page out.

Colours live once, in `static/inline/tokens.json`: what each is in light and in dark, and which two
may meet as text and ground. The sheet says `/* tokens */` where they belong. A pair with too little
contrast (WCAG 2.2, 1.4.6 and 1.4.11) is a problem at its line, before any page is made.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from sitebuilder.content import schema, yaml
from sitebuilder.content.schema import Field, Wrong
from sitebuilder.content.yaml import Fields, Items, Node
from sitebuilder.core.problems import Problem, problem

SHEET: Final = "site.css"
TOKENS: Final = "tokens.json"
PATH: Final = f"static/inline/{TOKENS}"

_PLACE: Final = "/* tokens */"
_STRING_OR_COMMENT: Final = re.compile(
    r"""("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|/\*.*?\*/)""", re.DOTALL
)


def style_of(inline: Mapping[str, str]) -> tuple[str, list[Problem]]:
    """The sheet with its colours, and what is wrong with them. Empty: there is no sheet."""
    sheet = inline.get(SHEET, "")
    if TOKENS not in inline:
        return squeeze(sheet), []
    schemes, problems = read_tokens(inline[TOKENS])
    return squeeze(sheet.replace(_PLACE, _declarations(schemes, sheet))), problems


def squeeze(css: str) -> str:
    """The same sheet without comments and needless spaces; strings stay as they are."""
    pieces = re.split(_STRING_OR_COMMENT, css)
    return "".join(
        piece if n % 2 and not piece.startswith("/*") else _tight("" if n % 2 else piece)
        for n, piece in enumerate(pieces)
    ).strip()


def tight(script: str) -> str:
    """The same script without lines of comment and without indents; line ends stay."""
    lines = (line.strip() for line in script.split("\n"))
    return "\n".join(line for line in lines if line and not line.startswith("//"))


def _tight(css: str) -> str:
    spaced = re.sub(r"\s*([{};,>])\s*", r"\1", re.sub(r"\s+", " ", css))
    return spaced.replace(": ", ":").replace(";}", "}")


def _declarations(schemes: Mapping[str, Mapping[str, str]], sheet: str) -> str:
    """Custom properties for the colours that the sheet uses; dark ones where browsers can."""
    light, dark = schemes.get("light", {}), schemes.get("dark", {})
    used = set(re.findall(r"var\(--([a-z-]+)\)", sheet))
    plain = "".join(f"--{name}:{light[name]};" for name in light if name in used)
    both = "".join(
        f"--{name}:light-dark({light[name]},{dark[name]});"
        for name in light
        if name in used and dark.get(name, light[name]) != light[name]
    )
    return f":root{{{plain}}}@supports (color:light-dark(#000,#fff)){{:root{{{both}}}}}"


# -- reading --------------------------------------------------------------------------------------


def _colour(node: Node) -> str:
    value = schema.text(node)
    if not re.fullmatch(r"#[0-9a-f]{6}", value):
        raise Wrong(node, f"'{value}' is not a colour", "Write it as #0b4a52, in small letters.")
    return value


def _ratio(node: Node) -> float:
    value = schema.text(node)
    if value not in {"3", "4.5", "7"}:
        raise Wrong(node, f"'{value}' is not a contrast that a rule asks for", "Use 7, 4.5 or 3.")
    return float(value)


_TABLE: Final[Mapping[str, Field]] = {
    "light": Field(schema.as_it_is, "each colour in light", required=True),
    "dark": Field(schema.as_it_is, "each colour in dark", required=True),
    "pairs": Field(schema.as_it_is, "which two may meet", required=True),
}
_PAIR: Final[Mapping[str, Field]] = {
    "text": Field(
        schema.list_of(schema.text), "a colour, or some of which one is enough", required=True
    ),
    "on": Field(schema.text, "the colour behind it", required=True),
    "needs": Field(_ratio, "the contrast it needs", required=True),
    "for": Field(schema.text, "where they meet", required=True),
}


def read_tokens(text: str) -> tuple[dict[str, dict[str, str]], list[Problem]]:
    """Colours by scheme and name, and every mistake and every pair that is too faint."""
    node, problems = yaml.load(text, PATH)
    values, _, found = schema.read(node, _TABLE, PATH, "tokens")
    problems += found
    schemes: dict[str, dict[str, str]] = {}
    for scheme in ("light", "dark"):
        part = values.get(scheme)
        names = [key.value for key, _ in part.entries] if isinstance(part, Fields) else []
        table = {name: Field(_colour, "a colour") for name in names}
        schemes[scheme], _, found = schema.read(part, table, PATH, scheme)
        problems += found
    problems += _missing(schemes)
    pairs = values.get("pairs")
    for pair in pairs.values if isinstance(pairs, Items) else ():
        read, _, found = schema.read(pair, _PAIR, PATH, "pair")
        problems += found
        problems += [] if found else _faint(pair, read, schemes)
    return schemes, problems


def _missing(schemes: Mapping[str, Mapping[str, str]]) -> list[Problem]:
    odd = sorted(schemes["light"].keys() ^ schemes["dark"].keys())
    hint = "Give each colour in light and in dark."
    return [problem("contrast", PATH, f"'{name}' is in one scheme only", hint=hint) for name in odd]


def _faint(
    pair: Node, read: Mapping[str, Any], schemes: Mapping[str, Mapping[str, str]]
) -> list[Problem]:
    """What is wrong with one pair: unknown names, too little contrast."""
    found = []
    for scheme, colours in schemes.items():
        unknown = [name for name in (*read["text"], read["on"]) if name not in colours]
        if unknown:
            message, hint = f"there is no colour '{unknown[0]}'", "Add it, or mend the name."
        else:
            best = max(contrast(colours[name], colours[read["on"]]) for name in read["text"])
            if best >= read["needs"]:
                continue
            names = " or ".join(read["text"])
            message = f"{read['for']}: {names} on {read['on']} is {best:.2f}:1 in {scheme}"
            hint = f"It needs {read['needs']:g}:1. Make one of the two lighter or darker."
        found.append(problem("contrast", PATH, message, hint=hint, line=pair.line))
    return found


# -- contrast -------------------------------------------------------------------------------------


def contrast(one: str, other: str) -> float:
    """The contrast of two colours such as `#0b4a52`, from 1 to 21 (WCAG 2.2, "contrast ratio")."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[n : n + 2], 16) / 255) for n in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4  # noqa: PLR2004
