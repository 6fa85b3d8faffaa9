"""Build the style sheet that every page inlines, and check the contrast of its colors.

Colors are defined once, in `static/inline/tokens.json`: their values in the light and the dark
scheme, and which two may meet as text and background. They replace `/* tokens */` in the sheet. A
pair with too little contrast (WCAG 2.2, 1.4.6 and 1.4.11) is a problem at its line, before any page
is rendered.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from sitebuilder.content import schema, yaml
from sitebuilder.content.schema import FieldError, FieldSpec
from sitebuilder.content.yaml import MappingNode, Node, SequenceNode
from sitebuilder.core.problems import Problem, problem

STYLESHEET: Final = "site.css"
TOKENS_FILE: Final = "tokens.json"
TOKENS_PATH: Final = f"static/inline/{TOKENS_FILE}"

_TOKENS_PLACEHOLDER: Final = "/* tokens */"
_STRING_OR_COMMENT: Final = re.compile(
    r"""("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|/\*.*?\*/)""", re.DOTALL
)


def build_stylesheet(inline: Mapping[str, str]) -> tuple[str, list[Problem]]:
    """Put the colors into the style sheet and minify it.

    Args:
        inline: The texts of `static/inline/`, by file name.

    Returns:
        The sheet, empty if the site has none, and the problems of its colors.
    """
    sheet = inline.get(STYLESHEET, "")
    if TOKENS_FILE not in inline:
        return minify_css(sheet), []
    schemes, problems = parse_tokens(inline[TOKENS_FILE])
    return minify_css(
        sheet.replace(_TOKENS_PLACEHOLDER, _format_custom_properties(schemes, sheet))
    ), problems


def minify_css(css: str) -> str:
    """Remove comments and needless whitespace from a style sheet; leave strings alone."""
    pieces = re.split(_STRING_OR_COMMENT, css)
    return "".join(
        piece
        if index % 2 and not piece.startswith("/*")
        else _collapse_whitespace("" if index % 2 else piece)
        for index, piece in enumerate(pieces)
    ).strip()


def minify_js(script: str) -> str:
    """Remove comment lines, blank lines and the whitespace around lines from a script."""
    lines = (line.strip() for line in script.split("\n"))
    return "\n".join(line for line in lines if line and not line.startswith("//"))


def _collapse_whitespace(css: str) -> str:
    spaced = re.sub(r"\s*([{};,>])\s*", r"\1", re.sub(r"\s+", " ", css))
    return spaced.replace(": ", ":").replace(";}", "}")


def _format_custom_properties(schemes: Mapping[str, Mapping[str, str]], sheet: str) -> str:
    """Return the CSS that declares the colors used in the sheet.

    Dark colors are declared only for browsers with `light-dark()`.
    """
    light, dark = schemes.get("light", {}), schemes.get("dark", {})
    used = set(re.findall(r"var\(--([a-z-]+)\)", sheet))
    base = "".join(f"--{name}:{light[name]};" for name in light if name in used)
    adaptive = "".join(
        f"--{name}:light-dark({light[name]},{dark[name]});"
        for name in light
        if name in used and dark.get(name, light[name]) != light[name]
    )
    return f":root{{{base}}}@supports (color:light-dark(#000,#fff)){{:root{{{adaptive}}}}}"


# -- parsing --------------------------------------------------------------------------------------


def _parse_color(node: Node) -> str:
    value = schema.text(node)
    if not re.fullmatch(r"#[0-9a-f]{6}", value):
        raise FieldError(
            node, f"'{value}' is not a colour", "Write it as #0b4a52, in small letters."
        )
    return value


def _parse_contrast_ratio(node: Node) -> float:
    value = schema.text(node)
    if value not in {"3", "4.5", "7"}:
        raise FieldError(
            node, f"'{value}' is not a contrast that a rule asks for", "Use 7, 4.5 or 3."
        )
    return float(value)


_TOKENS_FIELDS: Final[Mapping[str, FieldSpec]] = {
    "light": FieldSpec(schema.raw, "each colour in light", required=True),
    "dark": FieldSpec(schema.raw, "each colour in dark", required=True),
    "pairs": FieldSpec(schema.raw, "which two may meet", required=True),
}
_PAIR_FIELDS: Final[Mapping[str, FieldSpec]] = {
    "text": FieldSpec(
        schema.list_of(schema.text), "a colour, or some of which one is enough", required=True
    ),
    "on": FieldSpec(schema.text, "the colour behind it", required=True),
    "needs": FieldSpec(_parse_contrast_ratio, "the contrast it needs", required=True),
    "for": FieldSpec(schema.text, "where they meet", required=True),
}


def parse_tokens(text: str) -> tuple[dict[str, dict[str, str]], list[Problem]]:
    """Parse the color tokens and check their contrast.

    Returns:
        Colors by scheme (`light`, `dark`) and name, and the problems.
    """
    node, problems = yaml.parse_yaml(text, TOKENS_PATH)
    values, _, errors = schema.parse_fields(node, _TOKENS_FIELDS, TOKENS_PATH, "tokens")
    problems += errors
    schemes: dict[str, dict[str, str]] = {}
    for scheme in ("light", "dark"):
        colors = values.get(scheme)
        names = [key.value for key, _ in colors.entries] if isinstance(colors, MappingNode) else []
        fields = {name: FieldSpec(_parse_color, "a colour") for name in names}
        schemes[scheme], _, errors = schema.parse_fields(colors, fields, TOKENS_PATH, scheme)
        problems += errors
    problems += _check_schemes_match(schemes)
    pairs = values.get("pairs")
    for pair in pairs.values if isinstance(pairs, SequenceNode) else ():
        pair_values, _, errors = schema.parse_fields(pair, _PAIR_FIELDS, TOKENS_PATH, "pair")
        problems += errors
        problems += [] if errors else _check_pair(pair, pair_values, schemes)
    return schemes, problems


def _check_schemes_match(schemes: Mapping[str, Mapping[str, str]]) -> list[Problem]:
    unmatched = sorted(schemes["light"].keys() ^ schemes["dark"].keys())
    hint = "Give each colour in light and in dark."
    return [
        problem("contrast", TOKENS_PATH, f"'{name}' is in one scheme only", hint=hint)
        for name in unmatched
    ]


def _check_pair(
    pair: Node, values: Mapping[str, Any], schemes: Mapping[str, Mapping[str, str]]
) -> list[Problem]:
    """Report unknown colors in a pair, and too little contrast between them."""
    problems = []
    for scheme, colors in schemes.items():
        unknown = [name for name in (*values["text"], values["on"]) if name not in colors]
        if unknown:
            message, hint = f"there is no colour '{unknown[0]}'", "Add it, or fix the name."
        else:
            best = max(
                contrast_ratio(colors[name], colors[values["on"]]) for name in values["text"]
            )
            if best >= values["needs"]:
                continue
            names = " or ".join(values["text"])
            message = f"{values['for']}: {names} on {values['on']} is {best:.2f}:1 in {scheme}"
            hint = f"It needs {values['needs']:g}:1. Make one of the two lighter or darker."
        problems.append(problem("contrast", TOKENS_PATH, message, hint=hint, line=pair.line))
    return problems


# -- contrast -------------------------------------------------------------------------------------


def contrast_ratio(first: str, second: str) -> float:
    """Return the contrast of two colors like `#0b4a52`, from 1 to 21 (WCAG 2.2)."""
    lighter, darker = sorted(
        (_relative_luminance(first), _relative_luminance(second)), reverse=True
    )
    return (lighter + 0.05) / (darker + 0.05)


def _relative_luminance(color: str) -> float:
    red, green, blue = (
        _linearize(int(color[offset : offset + 2], 16) / 255) for offset in (1, 3, 5)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linearize(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4  # noqa: PLR2004
