"""What a build costs before it makes a page: it loads what it uses, and nothing twice."""

from __future__ import annotations

import re
import sys
from importlib import import_module
from pathlib import Path

import pytest
from conftest import PROJECT, TODAY, MakeSite, build, run_cli

from sitebuilder.content.decode import _ASCII_CONTROL_CHARACTERS, FORBIDDEN_CHARACTERS
from sitebuilder.content.schema import _CONTROL_CHARACTER
from sitebuilder.content.yaml import _FORBIDDEN_OR_SURROGATE
from sitebuilder.core.lazy_regex import _LazyPattern, lazy_compile

MODULES = sorted(
    "sitebuilder." + ".".join(path.relative_to(PROJECT / "sitebuilder").with_suffix("").parts)
    for path in (PROJECT / "sitebuilder").rglob("[a-z]*.py")
)
PLAIN = {"content/index.md": "---\ntitle: T\ndescription: D.\n---\n\nSome *words*.\n"}
STRICT = "name: S\nchecks:\n  claim: warning\n  passive: advice\n"


def loaded(root: Path) -> set[str]:
    """The modules that a build of the site loads, in a process of its own."""
    command = ["--root", str(root), "--output", str(root / "public"), "--today", f"{TODAY}"]
    done = run_cli(*command, PYTHONPROFILEIMPORTTIME="1")
    assert done.returncode == 0, done.stderr
    return set(re.findall(r"^import time:.*\| +(\S+)$", done.stderr, re.MULTILINE))


@pytest.mark.process
def test_a_build_of_nothing_new_loads_nothing_that_makes_pages(make_site: MakeSite) -> None:
    root = make_site(PLAIN)
    assert loaded(root) >= {"sitebuilder.build.pipeline", "markdown", "jinja2", "yaml"}
    again = loaded(root)
    assert "sitebuilder.build.incremental.reuse" in again
    assert not again & {
        "sitebuilder.build.pipeline",
        "sitebuilder.build.incremental.rerender",
        "markdown",
        "jinja2",
        "yaml",
    }


@pytest.mark.process
def test_a_site_that_does_not_use_it_does_not_load_it(make_site: MakeSite) -> None:
    found = loaded(make_site(PLAIN))
    assert not found & {
        "sitebuilder.checks.language",
        "sitebuilder.clinical.evidence.claims",
        "sitebuilder.clinical.plain_language.syllables",
        "sitebuilder.clinical.decision_tools.flowchart",
        "sitebuilder.clinical.decision_tools.verify",
        "concurrent.futures",
        "difflib",
        "markdown.extensions.fenced_code",
        "pygments",
    }


@pytest.mark.process
def test_a_site_that_uses_it_loads_it(make_site: MakeSite) -> None:
    page = PLAIN["content/index.md"] + "\n```\ncode\n```\n"
    found = loaded(make_site({"config.yaml": STRICT, "content/index.md": page}))
    assert found >= {"sitebuilder.clinical.evidence.claims", "markdown.extensions.fenced_code"}


def test_our_templates_which_no_build_looks_through_have_no_mistake(make_site: MakeSite) -> None:
    ours = {f"templates/{p.name}": p.read_bytes() for p in (PROJECT / "templates").iterdir()}
    plain, designed = build(make_site(PLAIN)), build(make_site({**PLAIN, **ours}))
    assert designed.problems == plain.problems
    assert not [p for p in plain.problems if p.rule == "template"]
    assert plain.outputs
    assert [(o.path, o.digest) for o in plain.outputs] == [
        (o.path, o.digest) for o in designed.outputs
    ]


def test_each_pattern_that_is_compiled_later_can_be() -> None:
    values = [value for name in MODULES for value in vars(import_module(name)).values()]
    patterns = [value for value in values if isinstance(value, _LazyPattern)]
    assert patterns
    for value in patterns:
        assert value.flags == re.compile(value.pattern, value._flags).flags


def test_a_pattern_that_is_compiled_later_is_one() -> None:
    pattern = lazy_compile(r"(?P<sign>[a-c])\b", re.IGNORECASE)
    assert pattern.pattern == r"(?P<sign>[a-c])\b"
    for _ in range(2):
        assert pattern.sub(r"<\g<sign>>", "xA b") == "x<A> <b>"
    assert (pattern.flags, pattern.groups) == (re.IGNORECASE | re.UNICODE, 1)
    with pytest.raises(re.error):
        _ = lazy_compile("(").search


def test_what_is_printable_is_nothing_that_may_not_stand_in_a_text() -> None:
    signs = [chr(sign) for sign in range(sys.maxunicode + 1) if chr(sign).isprintable()]
    text = "".join(signs)
    for pattern in (FORBIDDEN_CHARACTERS, _FORBIDDEN_OR_SURROGATE, _CONTROL_CHARACTER):
        assert not pattern.search(text)
    assert (
        bytes(sign for sign in range(0x80) if FORBIDDEN_CHARACTERS.match(chr(sign)))
        == _ASCII_CONTROL_CHARACTERS
    )
