"""Templates in, an environment and the designer's mistakes out."""

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

CONTEXT_NAMES: Final = frozenset({"site", "page", "to", "href", "asset", "inline", "tel"})
"""What the renderer gives every template, besides what the template sets itself."""

_JINJA_NAMES: Final = frozenset(
    {"loop", "caller", "super", "self", "varargs", "kwargs", "range", "namespace"}
)


_MAX_COMPILED: Final = 64
_MAX_CHECKED: Final = 4
"""Compiled templates, and looks through all of a site's, that this process remembers: a preview
builds the same ones again and again."""

_compiled_templates: Final[dict[tuple[str, str], CodeType]] = {}
_checked_templates: Final[dict[object, tuple[Problem, ...]]] = {}


def _store_bounded(cache: dict[Any, Any], key: object, value: object, max_size: int) -> None:
    while len(cache) >= max_size:
        del cache[next(iter(cache))]
    cache[key] = value


class MissingMacroError(TemplateError):
    """templates/blocks.html has no macro for a block that a page uses."""


class _MemoryLoader(BaseLoader):
    """Templates from memory, under the path that people know them by, each parsed once."""

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
            whole = self.trees.pop(name, None) or text  # compiling changes the tree
            code = environment.compile(whole, name, f"templates/{name}")
            _store_bounded(_compiled_templates, (name, text), code, _MAX_COMPILED)
        return environment.template_class.from_code(environment, code, globals or {})

    def parse(self, environment: Environment, name: str) -> nodes.Template:
        """The tree of a template, kept until it is compiled."""
        path = f"templates/{name}"
        tree = self.trees[name] = environment.parse(self.templates[name], name, path)
        return tree


def make_environment(templates: Mapping[str, str]) -> Sandbox:
    """An environment that escapes, refuses unknown names, and lets templates reach only values."""
    return Sandbox(_MemoryLoader(templates))


def check_templates(
    environment: Sandbox, templates: Mapping[str, str], unreadable: Collection[str]
) -> tuple[Problem, ...]:
    """What can be seen wrong in templates before any page is rendered.

    `unread`: those that are no text, which has been told. Nothing is said of what they lack.
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
        if not text.strip():
            yield _problem_at(
                f"templates/{name}", 1, "the template is empty", "Write it, or delete it."
            )
            continue
        try:
            trees[name] = loader.parse(environment, name)
        except TemplateSyntaxError as error:
            yield _problem_at(f"templates/{name}", error.lineno, error.message or "cannot be read")
        except RecursionError:
            yield _problem_at(f"templates/{name}", 1, "nested too deep")
        except ValueError:
            yield _problem_at(f"templates/{name}", 1, "a number in it has too many digits")
    for name, tree in trees.items():
        yield from _check_includes(name, tree, templates)
        yield from _check_blocks(name, tree, trees)
        yield from _check_names(name, tree, environment)


def _problem_at(path: str, line: int, message: str, hint: str = "") -> Problem:
    return problem("template", path, message, hint=hint or "Mend the template.", line=line)


def _check_includes(
    name: str, tree: nodes.Template, templates: Mapping[str, str]
) -> Iterator[Problem]:
    for found in tree.find_all((nodes.Extends, nodes.Include)):
        to = getattr(getattr(found, "template", None), "value", "")
        if not to:
            hint = "Write the name of a file of templates/ in quotes."
            message = "the name of the template is not written out"
            yield _problem_at(f"templates/{name}", found.lineno, message, hint)
        elif to == name:
            yield _problem_at(f"templates/{name}", found.lineno, "the template includes itself")
        elif to not in templates and not getattr(found, "ignore_missing", False):
            near = closest_match(str(to), templates)
            hint = f"Did you mean '{near}'?" if near else "Check the name."
            yield _problem_at(
                f"templates/{name}", found.lineno, f"there is no template '{to}'", hint
            )


def _check_blocks(
    name: str, tree: nodes.Template, trees: Mapping[str, nodes.Template]
) -> Iterator[Problem]:
    """jinja2 drops a block that the parent does not have, and all that is in it, in silence."""
    above: set[str] = set()
    parent, seen = _parent_template(tree), {name}
    if parent is None or parent not in trees:
        return
    top = parent
    while parent in trees and parent not in seen:
        seen.add(parent)
        above |= {block.name for block in trees[parent].find_all(nodes.Block)}
        parent = _parent_template(trees[parent]) or ""
    if parent and parent not in trees:
        return  # no one knows which blocks that one has
    for block in tree.find_all(nodes.Block):
        if block.name not in above and not _is_nested_block(tree, block):
            near = closest_match(block.name, above)
            hint = f"Did you mean '{near}'?" if near else f"It has: {', '.join(sorted(above))}."
            message = f"{top} has no block '{block.name}'"
            yield _problem_at(f"templates/{name}", block.lineno, message, hint)


def _is_nested_block(tree: nodes.Template, block: nodes.Block) -> bool:
    return any(
        inner is block
        for outer in tree.find_all(nodes.Block)
        for inner in outer.find_all(nodes.Block)
    )


def _parent_template(tree: nodes.Template) -> str | None:
    extends = tree.find(nodes.Extends)
    return str(getattr(extends.template, "value", "")) if extends else None


def _check_names(name: str, tree: nodes.Template, environment: Environment) -> Iterator[Problem]:
    """A name that nothing sets would print nothing, or fail on the first page that meets it."""
    found = walk_nodes(tree)
    known = {own for node in found for own in _defined_names(node)} | CONTEXT_NAMES | _JINJA_NAMES
    for node in found:
        if isinstance(node, nodes.Name) and node.ctx == "load" and node.name not in known:
            near = closest_match(node.name, known)
            hint = f"Did you mean '{near}'?" if near else "See docs/templates.md for the names."
            yield _problem_at(f"templates/{name}", node.lineno, f"there is no '{node.name}'", hint)
        elif isinstance(node, nodes.Filter) and node.name not in environment.filters:
            yield _problem_at(f"templates/{name}", node.lineno, f"there is no filter '{node.name}'")


def _defined_names(node: nodes.Node) -> Iterator[str]:
    """The names that a template gets by one of its nodes."""
    if isinstance(node, nodes.Macro) or (isinstance(node, nodes.Name) and node.ctx != "load"):
        yield node.name
    elif isinstance(node, nodes.Import):
        yield node.target
    elif isinstance(node, nodes.FromImport):
        yield from (n if isinstance(n, str) else n[1] for n in node.names)


def explain_template_error(error: Exception, page: str, line: int) -> Problem:
    """Where in a template an error arose, from the traceback that jinja2 rewrites for us.

    The error itself is raised again if no template is to blame.
    """
    calls = traceback.extract_tb(error.__traceback__)
    frames = [call for call in calls if call.filename.startswith("templates/")]
    if isinstance(error, (TemplateNotFound, TemplatesNotFound)) and not frames:
        hint = "Name a file of templates/ without '.html', or take the line out."
        message = f"there is no template '{str(error).removesuffix('.html')}'"
        return problem("unknown-template", page, message, hint=hint, line=line)
    if isinstance(error, MissingMacroError):
        return _problem_at("templates/blocks.html", 1, str(error), "See docs/templates.md.")
    if not frames:
        raise error
    message = _MISSING_ATTRIBUTE.sub(
        lambda found: f"{found[1].lower()} has no '{found[2]}'", str(error)
    )
    if isinstance(error, (TemplateNotFound, TemplatesNotFound)):
        message = f"there is no template '{error.message or error.name}'"
    elif isinstance(error, MemoryError):
        message = "the template makes a text or list that is too long"
    elif isinstance(error, RecursionError):
        message = "the template includes itself, or is nested too deep"
        ((place, _),) = Counter((f.filename, f.lineno) for f in frames).most_common(1)
        return _problem_at(place[0], place[1] or 0, message)  # where the stack ends is chance
    at = error.lineno if isinstance(error, TemplateSyntaxError) else frames[-1].lineno
    return _problem_at(frames[-1].filename, at or 0, message)


def at_template_line(found: Problem, templates: Mapping[str, str]) -> Problem:
    """The same problem at the template's line that holds the tag it names, if there is one."""
    for name, text in templates.items() if found.rule == "unsafe-page" else ():
        line = find_message_line(found.message, text)
        if line:
            return replace(found, path=f"templates/{name}", line=line)
    return found


_MISSING_ATTRIBUTE: Final = re.compile(
    r"'[\w. ]*?(\w+?)(?:View)?(?: object)?' has no attribute '(\w+)'"
)
