"""config.yaml in, `Config` out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from sitebuilder.content import schema, yaml
from sitebuilder.content.decode import decode
from sitebuilder.content.schema import Field, Wrong
from sitebuilder.content.yaml import Fields, Node, Text
from sitebuilder.core.config import (
    CONFIG_PATH,
    HOSTS,
    SOURCE_FOLDERS,
    Clinic,
    Config,
    HandoutItem,
    NavItem,
    is_url,
)
from sitebuilder.core.model import File
from sitebuilder.core.problems import ADVICE, ERROR, OFF, RULES, WARNING, Problem, Rule, problem


def _url(node: Node) -> str:
    value = schema.optional_text(node)
    if value and not is_url(value):
        hint = "Write the whole address, such as https://www.example.org/."
        raise Wrong(node, f"'{value}' is not the address of a site", hint)
    return value and value.rstrip("/") + "/"


def _output(node: Node) -> str:
    value = schema.text(node).replace("\\", "/").rstrip("/")
    parts = value.split("/")
    if not value or ":" in value or {"", ".", ".."} & set(parts):
        hint = "Write a folder name, such as public. Use --output for any other place."
        raise Wrong(node, "output must be a folder inside the project", hint)
    if any(part[0] in ".~$-" for part in parts):
        hint = "Write a plain name, such as public."
        raise Wrong(node, f"output: '{value}' has a sign with a meaning of its own", hint)
    if parts[0].lower() in {*SOURCE_FOLDERS, "sitebuilder", "tests", "docs"}:
        raise Wrong(node, f"the folder '{parts[0]}' holds sources", "Write another name.")
    return value


def _email(node: Node) -> str:
    value = schema.optional_text(node)
    if value and not re.fullmatch(r"[^@\s<>\"'?&]+@[^@\s<>\"'?&]+\.[^@\s<>\"'?&]+", value):
        raise Wrong(node, f"'{value}' is not an e-mail address", "Write it as name@place.org.")
    return value


def _phone(node: Node) -> str:
    value = schema.optional_text(node)
    if value and not re.fullmatch(r"\+?[0-9(][0-9 ().-]{1,20}(x[0-9]{1,6})?", value):
        raise Wrong(node, f"'{value}' is not a phone number", "Write it as 555-010-0100.")
    return value


def _emergency_number(node: Node) -> str:
    schema.text(node)  # never empty: it is what patients call
    return _phone(node)


def _entry(node: Node, other: str) -> tuple[str, Node | None]:
    """A page id: alone, or as `page:` beside one other field."""
    if not isinstance(node, Fields):
        return schema.text(node), None
    values = {key.value: value for key, value in node.entries}
    page, more = values.pop("page", None), values.pop(other, None)
    if page is None or values:
        raise Wrong(node, f"an entry has 'page' and '{other}'", "Write a page id, or both.")
    return schema.text(page), more


def _nav_item(node: Node) -> NavItem:
    page, label = _entry(node, "label")
    return NavItem(page, schema.text(label) if label is not None else "", node.line)


def _handout_item(node: Node) -> HandoutItem:
    page, sections = _entry(node, "sections")
    names = schema.list_of(schema.text)(sections) if sections is not None else ()
    return HandoutItem(page, names, node.line)


def _between(low: int, high: int) -> schema.Reader:
    def number(node: Node) -> int:
        value = schema.number(node)
        if not low <= value <= high:
            raise Wrong(node, f"'{value}' is too low or too high", f"Use {low} to {high}.")
        return value

    return number


_NAV: Final = schema.list_of(_nav_item)


def _severity(rule: Rule) -> schema.Reader:
    """A reader of how bad a kind of problem is, for those that config has a say over."""
    if rule.fixed:
        return _fixed
    return schema.one_of(ERROR, WARNING, ADVICE, *(() if rule.locked else (OFF,)))


def _fixed(node: Node) -> str:
    raise Wrong(node, "this kind of problem is always an error", "Take the line out.")


TABLE: Final[Mapping[str, Field]] = {
    "name": Field(schema.text, "the name of the site", required=True),
    "url": Field(_url, "the public address"),
    "lang": Field(schema.language, "the language of the pages"),
    "release": Field(schema.flag, "true: every build is held to the rules for patients"),
    "output": Field(_output, "the folder that the site is built into"),
    "host": Field(schema.one_of(*HOSTS), "the host that files are written for"),
    "compress": Field(schema.flag, "true: each text is published in compressed forms too"),
    "review": Field(schema.one_of("clinical", "none"), "who has to sign a page that does not say"),
    "emergency_number": Field(_emergency_number, "the number to call in an emergency"),
    "help_page": Field(schema.text, "the id of the page about when to get help"),
    "clinic": Field(schema.as_it_is, "phone, hours, after_hours, email, address"),
    "nav": Field(_NAV, "the pages in the menu at the top"),
    "guide": Field(_NAV, "the pages in reading order, for previous and next"),
    "footer": Field(_NAV, "the pages in the menu at the foot"),
    "handout": Field(schema.list_of(_handout_item), "the pages and sections of the hand-out"),
    "not_claims": Field(schema.list_of(schema.text), "phrases with a number that are no claims"),
    "reading_grade": Field(_between(1, 18), "the school grade that no page may be above"),
    "oldest_source": Field(_between(1, 200), "the age in years at which a source is old"),
    "review_months": Field(_between(1, 60), "how many months a review holds"),
    "review_soon": Field(_between(0, 400), "how many days before it ends a review is due soon"),
    "benefits": Field(schema.text, "the heading of each choice over what is good"),
    "harms": Field(schema.text, "the heading of each choice over what is less good"),
    "checks": Field(schema.as_it_is, "how bad each kind of problem is"),
}

CLINIC: Final[Mapping[str, Field]] = {
    "phone": Field(_phone, "the number in office hours"),
    "hours": Field(schema.optional_text, "when the office answers"),
    "after_hours": Field(_phone, "the number at other times"),
    "email": Field(_email, "where to report a mistake on the site"),
    "address": Field(schema.optional_text, "where the clinic is"),
}

CHECKS: Final[Mapping[str, Field]] = {
    name: Field(_severity(rule), rule.about) for name, rule in RULES.items()
}


def parse_config(file: File | None, url: str | None = None) -> tuple[Config, list[Problem]]:
    """The config (with stand-ins for what is wrong or missing) and the problems.

    `url`, if given, stands over the one in the file; it is one that `is_url` accepts.
    """
    if file is None:
        hint = "Make a file config.yaml with the line 'name: Some site'."
        return Config("Untitled"), [
            problem("missing-field", CONFIG_PATH, "there is no config.yaml", hint=hint)
        ]
    text, hidden = decode(file)
    node, problems = yaml.load(text, file.path)
    problems += hidden
    if node is None and problems:
        return Config("Untitled"), problems
    values, lines, found = schema.read(node, TABLE, file.path, "config")
    problems += found
    clinic, _, found = _part(values.pop("clinic", None), CLINIC, file.path, "clinic")
    problems += found
    checks, _, found = _part(values.pop("checks", None), CHECKS, file.path, "checks")
    problems += found
    values.setdefault("name", "Untitled")
    if url is not None:
        values["url"] = url and url.rstrip("/") + "/"
    return Config(**values, clinic=Clinic(**clinic), checks=checks, lines=lines), problems


def _part(
    node: Node | None, table: Mapping[str, Field], path: str, what: str
) -> tuple[dict[str, Any], dict[str, int], list[Problem]]:
    """A part of config that has a table of its own; an empty one is fine."""
    empty = isinstance(node, Text) and not node.value
    return schema.read(None if empty else node, table, path, what)
