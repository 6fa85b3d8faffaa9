"""Parse and validate config.yaml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from msgspec.structs import replace

from sitebuilder.content import schema, yaml
from sitebuilder.content.schema import FieldError, FieldSpec
from sitebuilder.content.yaml import MappingNode, Node, ScalarNode
from sitebuilder.core.config import (
    CONFIG_PATH,
    HOSTS,
    SOURCE_FOLDERS,
    CareCardItem,
    Clinic,
    Config,
    HandoutItem,
    NavItem,
    is_url,
)
from sitebuilder.core.model import File
from sitebuilder.core.problems import ADVICE, ERROR, OFF, RULES, WARNING, Problem, Rule, problem


def _parse_url(node: Node) -> str:
    value = schema.optional_text(node)
    if value and not is_url(value):
        hint = "Write the whole address, such as https://www.example.org/."
        raise FieldError(node, f"'{value}' is not the address of a site", hint)
    return value and value.rstrip("/") + "/"


def _parse_output_dir(node: Node) -> str:
    value = schema.text(node).replace("\\", "/").rstrip("/")
    parts = value.split("/")
    if not value or ":" in value or {"", ".", ".."} & set(parts):
        hint = "Write a folder name, such as public. Use --output for any other place."
        raise FieldError(node, "output must be a folder inside the project", hint)
    if any(part[0] in ".~$-" for part in parts):
        hint = "Write a plain name, such as public."
        raise FieldError(node, f"output: '{value}' has a sign with a meaning of its own", hint)
    if parts[0].lower() in {*SOURCE_FOLDERS, "sitebuilder", "tests", "docs"}:
        raise FieldError(node, f"the folder '{parts[0]}' holds sources", "Write another name.")
    return value


def _parse_email(node: Node) -> str:
    value = schema.optional_text(node)
    if value and not re.fullmatch(r"[^@\s<>\"'?&]+@[^@\s<>\"'?&]+\.[^@\s<>\"'?&]+", value):
        raise FieldError(node, f"'{value}' is not an e-mail address", "Write it as name@place.org.")
    return value


def _parse_phone(node: Node) -> str:
    value = schema.optional_text(node)
    if value and not re.fullmatch(r"\+?[0-9(][0-9 ().-]{1,20}(x[0-9]{1,6})?", value):
        raise FieldError(node, f"'{value}' is not a phone number", "Write it as 555-010-0100.")
    return value


def _parse_emergency_number(node: Node) -> str:
    schema.text(node)  # unlike other numbers it is required: patients call it
    return _parse_phone(node)


def _parse_page_entry(node: Node, extra_key: str) -> tuple[str, Node | None]:
    """Parse an entry that is a page id, or has the field `page` and perhaps one other.

    Args:
        node: The entry.
        extra_key: Name of the other field.

    Returns:
        The page id, and the node of the other field (None without it).
    """
    if not isinstance(node, MappingNode):
        return schema.text(node), None
    values = {key.value: value for key, value in node.entries}
    page, extra = values.pop("page", None), values.pop(extra_key, None)
    if page is None or values:
        raise FieldError(
            node, f"an entry has 'page' and '{extra_key}'", "Write a page id, or both."
        )
    return schema.text(page), extra


def _parse_nav_item(node: Node) -> NavItem:
    page, label = _parse_page_entry(node, "label")
    return NavItem(page, schema.text(label) if label is not None else "", node.line)


def _parse_handout_item(node: Node) -> HandoutItem:
    page, sections = _parse_page_entry(node, "sections")
    section_ids = schema.list_of(schema.text)(sections) if sections is not None else ()
    return HandoutItem(page, section_ids, node.line)


def _parse_care_card_item(node: Node) -> CareCardItem:
    item: CareCardItem = schema.nested(CARE_CARD_FIELDS, CareCardItem, "an entry")(node)
    return replace(item, line=node.line)


def _integer_between(low: int, high: int) -> schema.ValueParser:
    def parse_number(node: Node) -> int:
        value = schema.integer(node)
        if not low <= value <= high:
            raise FieldError(node, f"'{value}' is too low or too high", f"Use {low} to {high}.")
        return value

    return parse_number


_parse_nav: Final = schema.list_of(_parse_nav_item)


def _severity_parser(rule: Rule) -> schema.ValueParser:
    """Return a parser that accepts the severities which config.yaml may give to a rule."""
    if rule.fixed:
        return _reject_fixed_severity
    milder = (WARNING, ADVICE, *(() if rule.locked else (OFF,)))
    if rule.by_date:
        return partial(_reject_dated_error, schema.one_of(*milder))
    return schema.one_of(ERROR, *milder)


def _reject_dated_error(parse_severity: schema.ValueParser, node: Node) -> str:
    if schema.text(node) == ERROR:
        message = "this kind of problem falls due by date, and would stop urgent corrections too"
        raise FieldError(node, message, "Write warning.")
    severity: str = parse_severity(node)
    return severity


def _reject_fixed_severity(node: Node) -> str:
    raise FieldError(node, "this kind of problem is always an error", "Take the line out.")


CARE_CARD_FIELDS: Final[Mapping[str, FieldSpec]] = {
    "page": FieldSpec(schema.text, "the id of the page", required=True),
    "lists": FieldSpec(
        schema.list_of(schema.text), "the lists of warning signs that it shows", required=True
    ),
    "opens": FieldSpec(schema.boolean, "false: they may stand anywhere on the page"),
}

CONFIG_FIELDS: Final[Mapping[str, FieldSpec]] = {
    "name": FieldSpec(schema.text, "the name of the site", required=True),
    "url": FieldSpec(_parse_url, "the public address"),
    "lang": FieldSpec(schema.language_tag, "the language of the pages"),
    "release": FieldSpec(schema.boolean, "true: every build is held to the rules for patients"),
    "output": FieldSpec(_parse_output_dir, "the folder that the site is built into"),
    "host": FieldSpec(schema.one_of(*HOSTS), "the host that files are written for"),
    "compress": FieldSpec(schema.boolean, "true: each text is published in compressed forms too"),
    "review": FieldSpec(
        schema.one_of("clinical", "none"), "who has to sign a page that does not say"
    ),
    "emergency_number": FieldSpec(_parse_emergency_number, "the number to call in an emergency"),
    "help_page": FieldSpec(schema.text, "the id of the page about when to get help"),
    "clinic": FieldSpec(schema.raw, "phone, hours, after_hours, email, address"),
    "nav": FieldSpec(_parse_nav, "the pages in the menu at the top"),
    "guide": FieldSpec(_parse_nav, "the pages in reading order, for previous and next"),
    "footer": FieldSpec(_parse_nav, "the pages in the menu at the foot"),
    "handout": FieldSpec(
        schema.list_of(_parse_handout_item), "the pages and sections of the hand-out"
    ),
    "care_cards": FieldSpec(
        schema.list_of(_parse_care_card_item), "the pages that have to show care cards"
    ),
    "publish": FieldSpec(
        schema.list_of(schema.text), "files of content/ to publish though no page links to them"
    ),
    "not_claims": FieldSpec(
        schema.list_of(schema.text), "phrases with a number that are no claims"
    ),
    "reading_grade": FieldSpec(
        _integer_between(1, 18), "the school grade that no page may be above"
    ),
    "oldest_source": FieldSpec(
        _integer_between(1, 200), "the age in years at which a source is old"
    ),
    "review_months": FieldSpec(_integer_between(1, 60), "how many months a review holds"),
    "review_soon": FieldSpec(
        _integer_between(0, 400), "how many days before it ends a review is due soon"
    ),
    "benefits": FieldSpec(schema.text, "the heading of each choice over what is good"),
    "harms": FieldSpec(schema.text, "the heading of each choice over what is less good"),
    "checks": FieldSpec(schema.raw, "how bad each kind of problem is"),
}

CLINIC_FIELDS: Final[Mapping[str, FieldSpec]] = {
    "phone": FieldSpec(_parse_phone, "the number in office hours"),
    "hours": FieldSpec(schema.optional_text, "when the office answers"),
    "after_hours": FieldSpec(_parse_phone, "the number at other times"),
    "email": FieldSpec(_parse_email, "where to report a mistake on the site"),
    "address": FieldSpec(schema.optional_text, "where the clinic is"),
}

CHECKS_FIELDS: Final[Mapping[str, FieldSpec]] = {
    name: FieldSpec(_severity_parser(rule), rule.about) for name, rule in RULES.items()
}


def parse_config(file: File | None, url: str | None = None) -> tuple[Config, list[Problem]]:
    """Parse config.yaml.

    Args:
        file: None if the site has no config.yaml.
        url: Overrides the `url` of the file unless None. It must be empty or satisfy `is_url`.

    Returns:
        The config, with defaults for all that is invalid or missing, and the problems.
    """
    if file is None:
        hint = "Make a file config.yaml with the line 'name: Some site'."
        return Config("Untitled"), [
            problem("missing-field", CONFIG_PATH, "there is no config.yaml", hint=hint)
        ]
    node, problems = yaml.load_yaml_file(file)
    if node is None and problems:
        return Config("Untitled"), problems
    values, lines, errors = schema.parse_fields(node, CONFIG_FIELDS, file.path, "config")
    problems += errors
    clinic, _, errors = _parse_section(
        values.pop("clinic", None), CLINIC_FIELDS, file.path, "clinic"
    )
    problems += errors
    checks, _, errors = _parse_section(
        values.pop("checks", None), CHECKS_FIELDS, file.path, "checks"
    )
    problems += errors
    values.setdefault("name", "Untitled")
    if url is not None:
        values["url"] = url and url.rstrip("/") + "/"
    return Config(**values, clinic=Clinic(**clinic), checks=checks, lines=lines), problems


def _parse_section(
    node: Node | None, specs: Mapping[str, FieldSpec], path: str, noun: str
) -> tuple[dict[str, Any], dict[str, int], list[Problem]]:
    """Parse the fields below a top-level field, which may be empty, as `parse_fields` does."""
    is_empty = isinstance(node, ScalarNode) and not node.value
    return schema.parse_fields(None if is_empty else node, specs, path, noun)
