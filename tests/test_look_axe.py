"""axe-core finds nothing: WCAG 2.2 A, AA, AAA and best practice, light and dark, on each page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import look
import pytest

pytestmark = pytest.mark.browser

TAGS = """wcag2a wcag2aa wcag2aaa wcag21a wcag21aa wcag21aaa wcag22a wcag22aa wcag22aaa
best-practice""".split()
# Off by default in axe, though their tags are asked for.
EXTRA = ("target-size", "color-contrast-enhanced")
# What axe cannot judge on grounds that lie over each other; test_look_contrast.py does.
JUDGED_ELSEWHERE = {"color-contrast", "color-contrast-enhanced"}

RUN = """async ([tags, extra]) => {
  const rules = Object.fromEntries(extra.map(name => [name, {enabled: true}]));
  const found = await axe.run({runOnly: tags, rules, resultTypes: ['violations', 'incomplete']});
  const brief = list => list.map(rule => ({id: rule.id, nodes: rule.nodes.map(node =>
    `${node.target.join(' ')} | ${node.any.concat(node.all, node.none).map(c => c.message)[0]}`)}));
  const ran = ['violations', 'incomplete', 'passes', 'inapplicable'].flatMap(
    kind => found[kind].map(rule => rule.id));
  return {violations: brief(found.violations), incomplete: brief(found.incomplete), ran};
}"""


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(website: str, public: Path, browser: Any, scheme: str, width: int):
    axe = look.modules("axe-core", "axe.min.js").read_text()
    problems = []
    with look.tab(browser, color_scheme=scheme, viewport={"width": width, "height": 800}) as page:
        for path in look.paths(public):
            page.goto(website + path)
            page.evaluate(axe)
            found = page.evaluate(RUN, [TAGS, EXTRA])
            assert set(EXTRA) <= set(found["ran"])
            assert len(found["ran"]) > 80
            open_ = [rule for rule in found["incomplete"] if rule["id"] not in JUDGED_ELSEWHERE]
            for kind, rules in (("violation", found["violations"]), ("cannot tell", open_)):
                problems += [f"{path} {kind} {r['id']}: {n}" for r in rules for n in r["nodes"]]
    look.nothing(problems)
