"""The house has floors: a module imports only from below, and each library has one door."""

from __future__ import annotations

import ast
from pathlib import Path

from conftest import PROJECT

FLOORS = """
patterns problems knowledge settings tools.model model text yaml_advice yaml_strict fields
addresses config spool bodies known
read files.refused files.png files.jpeg files.webp files.gif files.avif files.ico files.pdf
files.css files.svg_names files.svg files.inspect
parse registry
evidence.entries evidence.facts evidence.terms evidence.signs evidence.guard evidence.cite
markup.blocks markup.explain markup.fill handout assemble targets
markup.clean markup.limits markup.meaning markup.strays markup.scan markup.prose
markup.shape markup.fold markup.words markup.quick markup.engine markup.convert
evidence.lists evidence.uses evidence.whole evidence.claims evidence.balance
reading.numerals reading.syllables reading.sentences reading.grade
reading.spot reading.figures reading.wording reading.plain
governance.reviewers governance.records governance.states governance.diff
governance.sign governance.sheet governance.calendar governance.listing
tools.meaning tools.desk tools.parts tools.read tools.sets tools.ways tools.gates
tools.offers tools.wording tools.diagram tools.reach tools.proof tools.outcomes tools.whole
tools.css tools.view tools.flow tools.reviewer tools.pages equip
checks.links checks.pages checks.public checks.tags checks.finished
checks.structured checks.language checks.words checks pages
outputs.structured outputs.index
render.links render.policy render.views render.shared render.panel render.sandbox render.templates
render.page outputs.headers outputs.hosts compress style share process cache shelf belt pool finish
pipeline record touch again watch exchange marker refusals staging publish report preview reviewing
tooling flags new save progress memory session answers serve speak building signing cli
""".split()

DOORS = {
    "yaml": {"yaml_strict"},
    "markdown": {"markup.engine", "markup.quick", "markup.shape"},
    "nh3": {"markup.clean"},
    "jinja2": {"render.sandbox", "render.templates", "render.page"},
    "livereload": {"answers", "serve"},
    "tornado": {"answers", "serve"},
    "brotli": {"compress"},
}

MOST_LINES, MOST_LINES_OF_A_FUNCTION = 300, 50


def modules() -> dict[str, ast.Module]:
    folder = PROJECT / "sitebuilder"
    found = {}
    for path in folder.rglob("*.py"):
        name = ".".join(path.relative_to(folder).with_suffix("").parts).removesuffix(".__init__")
        found[name] = ast.parse(path.read_text())
    return found


def imports(tree: ast.Module) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def test_every_module_has_a_floor_and_none_imports_upward():
    trees = modules()
    empty = {
        "__init__",
        "markup",
        "render",
        "outputs",
        "evidence",
        "files",
        "reading",
        "governance",
        "tools",
    }
    assert set(trees) - empty == set(FLOORS)
    for name in FLOORS:
        used = {n.removeprefix("sitebuilder.") for n in imports(trees[name])} & set(FLOORS)
        above = {n for n in used if FLOORS.index(n) >= FLOORS.index(name)}
        assert not above, f"{name} imports {above} from its own floor or above"


def test_each_library_has_one_door():
    for name, tree in modules().items():
        for used in {n.partition(".")[0] for n in imports(tree)} & set(DOORS):
            assert name in DOORS[used], f"{name} imports {used}"


def test_nothing_is_long():
    for path in (PROJECT / "sitebuilder").rglob("*.py"):
        assert len(path.read_text().splitlines()) <= MOST_LINES, path
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1
                assert lines <= MOST_LINES_OF_A_FUNCTION, f"{path}: {node.name} has {lines} lines"


def test_templates_hold_no_word_of_this_clinic():
    for path in Path(PROJECT / "templates").iterdir():
        text = path.read_text().lower()
        assert not {w for w in ("institute", "laminectomy", "911") if w in text}, path
