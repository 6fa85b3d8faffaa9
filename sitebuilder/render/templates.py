"""Load templates, check them before rendering, and explain the errors that they raise.

Mistakes in templates become problems with a file and a line, since designers have to fix them.
"""

from __future__ import annotations

import re
import traceback
from collections import Counter
from collections.abc import Collection, Container, Iterator, Mapping, MutableMapping
from types import CodeType
from typing import Any, Final

from jinja2 import BaseLoader, Environment, Template, TemplateError, TemplateNotFound, nodes
from jinja2.exceptions import TemplatesNotFound, TemplateSyntaxError
from msgspec.structs import replace

from sitebuilder.checks.html import find_message_line
from sitebuilder.content.schema import closest_match
from sitebuilder.core.problems import Problem, problem
from sitebuilder.render.sandbox import Sandbox, walk_nodes

CONTEXT_NAMES: Final = frozenset({"site", "page", "to", "href", "asset", "inline", "tel", "ui"})
"""Names that the renderer may set for a template: its context and its globals."""

_JINJA_NAMES: Final = frozenset(
    {"loop", "caller", "super", "self", "varargs", "kwargs", "range", "namespace"}
)

_MAX_COMPILED: Final = 64
_MAX_CHECKED: Final = 4
"""Sizes of the caches of compiled templates and of check results. They pay off in the preview,
which builds with the same templates again and again."""

_compiled_templates: Final[dict[tuple[str, str], CodeType]] = {}
_checked_templates: Final[dict[object, tuple[Problem, ...]]] = {}


def _store_bounded(cache: dict[Any, Any], key: object, value: object, max_size: int) -> None:
    while len(cache) >= max_size:
        del cache[next(iter(cache))]
    cache[key] = value


class MissingMacroError(TemplateError):
    """templates/blocks.html has no macro for a block that a page uses."""


class _MemoryLoader(BaseLoader):
    """Loads templates from memory, with their path in the project, and parses each once.

    Attributes:
        trees: Syntax trees of templates that were parsed for the checks and not yet compiled.
    """

    def __init__(self, templates: Mapping[str, str]) -> None:
        self.templates = templates
        self.trees: dict[str, nodes.Template] = {}

    def load(
        self,
        environment: Environment,
        name: str,
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002 - as jinja2 has it
    ) -> Template:
        if name not in self.templates:
            raise TemplateNotFound(name)
        text = self.templates[name]
        code = _compiled_templates.get((name, text))
        if code is None:
            source = self.trees.pop(name, None) or text  # compiling modifies the tree
            code = environment.compile(source, name, f"templates/{name}")
            _store_bounded(_compiled_templates, (name, text), code, _MAX_COMPILED)
        return environment.template_class.from_code(environment, code, globals or {})

    def parse(self, environment: Environment, name: str) -> nodes.Template:
        """Return the syntax tree of a template. `load` compiles the same tree."""
        path = f"templates/{name}"
        tree = self.trees[name] = environment.parse(self.templates[name], name, path)
        return tree


def make_environment(templates: Mapping[str, str]) -> Sandbox:
    """Return the environment that compiles and renders these templates, by path."""
    return Sandbox(_MemoryLoader(templates))


def check_templates(
    environment: Sandbox, templates: Mapping[str, str], unreadable: Collection[str]
) -> tuple[Problem, ...]:
    """Return the problems that show in templates before any page is rendered.

    Args:
        environment: The environment of these templates.
        templates: Text of each template, by its path below templates/.
        unreadable: Paths of templates that are not text, which is reported elsewhere. They are not
            checked.
    """
    key = tuple(templates.items()), tuple(unreadable)
    if key not in _checked_templates:
        _store_bounded(
            _checked_templates,
            key,
            tuple(_check_each_template(environment, templates, unreadable)),
            _MAX_CHECKED,
        )
    return _checked_templates[key]


def _check_each_template(
    environment: Sandbox, templates: Mapping[str, str], unreadable: Container[str]
) -> Iterator[Problem]:
    loader, trees = environment.loader, {}
    assert isinstance(loader, _MemoryLoader)
    for name, text in templates.items():
        if not name.endswith(".html") or name in unreadable:
            continue
        path = f"templates/{name}"
        if not text.strip():
            yield _problem_at(path, 1, "the template is empty", "Write it, or delete it.")
            continue
        try:
            trees[name] = loader.parse(environment, name)
        except TemplateSyntaxError as error:
            yield _problem_at(path, error.lineno, error.message or "cannot be read")
        except RecursionError:
            yield _problem_at(path, 1, "nested too deep")
        except ValueError:
            yield _problem_at(path, 1, "a number in it has too many digits")
    for name, tree in trees.items():
        yield from _check_includes(name, tree, templates)
        yield from _check_blocks(name, tree, trees)
        yield from _check_names(name, tree, environment)


def _problem_at(path: str, line: int, message: str, hint: str = "") -> Problem:
    return problem("template", path, message, hint=hint or "Fix the template.", line=line)


def _check_includes(
    name: str, tree: nodes.Template, templates: Mapping[str, str]
) -> Iterator[Problem]:
    path = f"templates/{name}"
    for node in tree.find_all((nodes.Extends, nodes.Include)):
        target = getattr(getattr(node, "template", None), "value", "")
        if not target:
            hint = "Write the name of a file of templates/ in quotes."
            message = "the name of the template is not written out"
            yield _problem_at(path, node.lineno, message, hint)
        elif target == name:
            yield _problem_at(path, node.lineno, "the template includes itself")
        elif target not in templates and not getattr(node, "ignore_missing", False):
            near = closest_match(str(target), templates)
            hint = f"Did you mean '{near}'?" if near else "Check the name."
            yield _problem_at(path, node.lineno, f"there is no template '{target}'", hint)


def _check_blocks(
    name: str, tree: nodes.Template, trees: Mapping[str, nodes.Template]
) -> Iterator[Problem]:
    """Check that a template fills only blocks that its ancestors have: jinja2 drops all others."""
    ancestor_blocks: set[str] = set()
    parent, seen = _parent_template(tree), {name}
    if parent is None or parent not in trees:
        return
    ancestor = parent
    while ancestor in trees and ancestor not in seen:
        seen.add(ancestor)
        ancestor_blocks |= {block.name for block in trees[ancestor].find_all(nodes.Block)}
        ancestor = _parent_template(trees[ancestor]) or ""
    if ancestor and ancestor not in trees:
        return  # its blocks are unknown
    for block in tree.find_all(nodes.Block):
        if block.name not in ancestor_blocks and not _is_nested_block(tree, block):
            near = closest_match(block.name, ancestor_blocks)
            names = ", ".join(sorted(ancestor_blocks))
            hint = f"Did you mean '{near}'?" if near else f"It has: {names}."
            message = f"{parent} has no block '{block.name}'"
            yield _problem_at(f"templates/{name}", block.lineno, message, hint)


def _is_nested_block(tree: nodes.Template, block: nodes.Block) -> bool:
    return any(
        inner is block
        for outer in tree.find_all(nodes.Block)
        for inner in outer.find_all(nodes.Block)
    )


def _parent_template(tree: nodes.Template) -> str | None:
    """Return the name after `extends`: empty if it is not a literal, None without `extends`."""
    extends = tree.find(nodes.Extends)
    return str(getattr(extends.template, "value", "")) if extends else None


def _check_names(name: str, tree: nodes.Template, environment: Environment) -> Iterator[Problem]:
    """Check names and filters, which would otherwise fail only on the first page that uses them."""
    path, tree_nodes = f"templates/{name}", walk_nodes(tree)
    defined = (
        {n for node in tree_nodes for n in _defined_names(node)} | CONTEXT_NAMES | _JINJA_NAMES
    )
    for node in tree_nodes:
        if isinstance(node, nodes.Name) and node.ctx == "load" and node.name not in defined:
            near = closest_match(node.name, defined)
            hint = f"Did you mean '{near}'?" if near else "See docs/templates.md for the names."
            yield _problem_at(path, node.lineno, f"there is no '{node.name}'", hint)
        elif isinstance(node, nodes.Filter) and node.name not in environment.filters:
            yield _problem_at(path, node.lineno, f"there is no filter '{node.name}'")


def _defined_names(node: nodes.Node) -> Iterator[str]:
    """Yield the names that a node defines in its template."""
    if isinstance(node, nodes.Macro) or (isinstance(node, nodes.Name) and node.ctx != "load"):
        yield node.name
    elif isinstance(node, nodes.Import):
        yield node.target
    elif isinstance(node, nodes.FromImport):
        yield from (n if isinstance(n, str) else n[1] for n in node.names)


_MISSING_ATTRIBUTE: Final = re.compile(
    r"'[\w. ]*?(\w+?)(?:View)?(?: object)?' has no attribute '(\w+)'"
)


def explain_template_error(error: Exception, page: str, line: int) -> Problem:
    """Return the problem for an error of rendering, located in the template that raised it.

    The location comes from the traceback, in which jinja2 gives the lines of templates.

    Args:
        error: The error that was raised.
        page: Source path of the page, for a template that the page names and that is missing.
        line: The line of the page that names it.

    Raises:
        Exception: `error` itself, if no template is to blame.
    """
    # Not extract_tb: it would look for the source lines of `templates/...` on the disk.
    calls = ((f.f_code.co_filename, line) for f, line in traceback.walk_tb(error.__traceback__))
    frames = [(path, line) for path, line in calls if path.startswith("templates/")]
    if isinstance(error, (TemplateNotFound, TemplatesNotFound)) and not frames:
        hint = "Name a file of templates/ without '.html', or take the line out."
        message = f"there is no template '{str(error).removesuffix('.html')}'"
        return problem("unknown-template", page, message, hint=hint, line=line)
    if isinstance(error, MissingMacroError):
        return _problem_at("templates/blocks.html", 1, str(error), "See docs/templates.md.")
    if not frames:
        raise error
    message = _MISSING_ATTRIBUTE.sub(
        lambda match: f"{match[1].lower()} has no '{match[2]}'", str(error)
    )
    if isinstance(error, (TemplateNotFound, TemplatesNotFound)):
        message = f"there is no template '{error.message or error.name}'"
    elif isinstance(error, MemoryError):
        message = "the template makes a text or list that is too long"
    elif isinstance(error, RecursionError):
        message = "the template includes itself, or is nested too deep"
        # Where the stack ends is chance, so this takes the line that occurs most often.
        ((frame, _),) = Counter(frames).most_common(1)
        return _problem_at(*frame, message)
    path, line = frames[-1]
    return _problem_at(
        path, error.lineno if isinstance(error, TemplateSyntaxError) else line, message
    )


def at_template_line(problem: Problem, templates: Mapping[str, str]) -> Problem:
    """Move an `unsafe-page` problem to the template and line that contain the tag it names.

    Returns:
        The moved problem, or the same one if it breaks another rule or no template has the tag.
    """
    for name, text in templates.items() if problem.rule == "unsafe-page" else ():
        line = find_message_line(problem.message, text)
        if line:
            return replace(problem, path=f"templates/{name}", line=line)
    return problem
