"""What axe-core finds: WCAG 2.2 A, AA, AAA and best practice, light and dark, on each page."""

from __future__ import annotations

from functools import cache
from itertools import product

import look
from needs import need

TAGS = """wcag2a wcag2aa wcag2aaa wcag21a wcag21aa wcag21aaa wcag22a wcag22aa wcag22aaa
best-practice""".split()
# Off by default in axe, though their tags are asked for.
EXTRA = ("target-size", "color-contrast-enhanced")
# What axe cannot judge on grounds that lie over each other; test_look_contrast.py does.
# Names of inputs with a second label: `test_an_input_with_two_labels_has_one_name`.
JUDGED_ELSEWHERE = {"color-contrast", "color-contrast-enhanced", "form-field-multiple-labels"}

RUN = """async ([tags, extra]) => {
  const rules = Object.fromEntries(extra.map(name => [name, {enabled: true}]));
  const found = await axe.run({runOnly: tags, rules, resultTypes: ['violations', 'incomplete']});
  const brief = list => list.map(rule => ({id: rule.id, nodes: rule.nodes.map(node =>
    `${node.target.join(' ')} | ${node.any.concat(node.all, node.none).map(c => c.message)[0]}`)}));
  const ran = ['violations', 'incomplete', 'passes', 'inapplicable'].flatMap(
    kind => found[kind].map(rule => rule.id));
  return {violations: brief(found.violations), incomplete: brief(found.incomplete), ran};
}"""


MODES = list(product(("light", "dark"), (360, 1280)))


def axe(page: look.OpenPage) -> list[str]:
    """What axe finds in one of the four modes, a different one each day; on key pages in each.

    Every run still meets each template and each block in all four modes, and all four on every
    page within four days or with SOAK=1. Colours in both schemes (`test_look_contrast.contrast`)
    and the size of targets at both widths (`test_look_parts.targets`) are judged on every page in
    every run.
    """
    need("node")
    page.tab.evaluate(_axe())
    problems = []
    for number, (scheme, width) in enumerate(MODES):
        if not page.chosen(number, len(MODES)):
            continue
        page.show({"width": width, "height": 800}, scheme)
        found = page.tab.evaluate(RUN, [TAGS, EXTRA])
        assert set(EXTRA) <= set(found["ran"])
        assert len(found["ran"]) > 80
        open_ = [rule for rule in found["incomplete"] if rule["id"] not in JUDGED_ELSEWHERE]
        for kind, rules in (("violation", found["violations"]), ("cannot tell", open_)):
            problems += [
                f"{scheme} {width} px: {kind} {rule['id']}: {node}"
                for rule in rules
                for node in rule["nodes"]
            ]
    return problems


@cache
def _axe() -> str:
    return look.modules("axe-core", "axe.min.js").read_text()
