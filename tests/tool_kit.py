"""The site's own tools for tests: as types, and as plain data that a test can change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml
from conftest import PROJECT

from sitebuilder.clinical.decision_tools.parse import parse_tools
from sitebuilder.clinical.decision_tools.safety_policy import parse_safety_policy
from sitebuilder.clinical.decision_tools.verify import VerificationContext
from sitebuilder.clinical.evidence.facts import parse_facts
from sitebuilder.clinical.evidence.warning_signs import parse_warning_signs
from sitebuilder.core.decision_tool import Tool
from sitebuilder.core.evidence import Evidence
from sitebuilder.core.model import File
from sitebuilder.core.problems import Problem
from sitebuilder.core.safety_policy import SafetyPolicy

FOLDER = "content/tools/"
NAMES = ("next-step", "options", "get-ready")
Data = dict[str, Any]
"""Name of a file in content/tools/ (without ending), or emergency, to what is in it."""


def file(path: str, text: str | None = None) -> File:
    """A file of the site, or one with other text."""
    data = (PROJECT / path).read_bytes() if text is None else text.encode()
    return File(path, "", "", data)


def known_from(emergency: File) -> tuple[Evidence, SafetyPolicy, list[Problem]]:
    facts, _ = parse_facts(file("content/facts.yaml"))
    signs, lists, found = parse_warning_signs(emergency)
    known = Evidence(facts=facts, signs=signs, lists=lists)
    guard, problems = parse_safety_policy(emergency)
    return known, guard, [*found, *problems]


PAGES = frozenset(path.stem for path in (PROJECT / "content").glob("*.md"))
KNOWN, GUARD, _ = known_from(file("content/emergency.yaml"))
STANDARD = VerificationContext(GUARD, KNOWN, exempt=("24 hours a day",))
TEXTS = {name: (PROJECT / f"{FOLDER}{name}.yaml").read_text() for name in ("safety", *NAMES)}
# All words stay text, as in our own reading: `on` is no truth value, a day is no date.
DATA: Data = {name: yaml.load(text, yaml.BaseLoader) for name, text in TEXTS.items()}
DATA["emergency"] = yaml.load(file("content/emergency.yaml").data, yaml.BaseLoader)


def as_text(data: Any) -> str:
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    text: str = yaml.dump(data, Dumper=dumper, sort_keys=False, width=10_000, allow_unicode=True)
    return text


def read(texts: Mapping[str, str]) -> tuple[dict[str, Tool], list[Problem]]:
    """Tools from the texts of their files; problems without advice."""
    files = [file(f"{FOLDER}{name}.yaml", text) for name, text in texts.items()]
    tools, problems = parse_tools(files, KNOWN, GUARD, PAGES)
    return tools, [p for p in problems if p.severity == "error"]


TOOLS, _NONE = read(TEXTS)
assert _NONE == []
