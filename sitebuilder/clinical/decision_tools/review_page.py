"""A tool in, the page for its reviewer out: when each result shows, rules, drawing, changes."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from datetime import date as Date  # noqa: N812 - as in `model`
from hashlib import sha256
from itertools import product
from typing import Final

from sitebuilder.clinical.decision_tools.conditions import (
    Clause,
    OutcomePath,
    build_clause,
    describe_clause,
    pass_clause,
)
from sitebuilder.clinical.decision_tools.flowchart import escape_text, render_flowchart
from sitebuilder.clinical.decision_tools.signed_text import signed_tool_text
from sitebuilder.clinical.decision_tools.state_space import (
    AnswerClasses,
    Box,
    StateSpace,
    build_state_space,
    partition,
    subtract,
)
from sitebuilder.clinical.reviews.records import digest_text
from sitebuilder.clinical.reviews.status import (
    CHANGED,
    NEVER_REVIEWED,
    STATUS_LABELS,
    format_date,
    sign_command,
)
from sitebuilder.clinical.reviews.text_diff import ADDED, GAP, REMOVED, UNCHANGED
from sitebuilder.core.decision_tool import EMERGENCY_OUTCOME, FLAG_OUTCOMES, Outcome, Question, Tool

_STYLE: Final = """
@page { size: A4; margin: 12mm } del, ins { text-decoration: none }
body { max-width: 60rem; margin: 0 auto; padding: 1rem; font: 1rem/1.45 Arial, sans-serif }
body { color: #161616; background: #fff; overflow-wrap: break-word }
h2 { margin-top: 2rem; border-bottom: 2px solid; break-after: avoid } h3, p, ul { margin: .3rem 0 }
.banner { padding: .6rem 1rem; border: 3px solid #8a1010; background: #fde7e7; font-weight: bold }
.result { margin: 1rem 0; padding: .6rem 1rem; border-left: .5rem solid #4a4a4a }
.emergency { border-color: #8a1010 } .urgent { border-color: #7a4300 }
.clinician { border-color: #0b4a86 } .discuss, .signed { border-color: #1d5b2a }
.when, .signed { padding: .4rem .8rem; background: #f1f1f1 }
table { width: 100%; border-collapse: collapse; font-size: .85rem }
th, td { padding: .25rem .4rem; border: 1px solid; text-align: left; vertical-align: top }
svg { display: block; width: 100%; margin: 1rem 0 } .result, tr, svg { break-inside: avoid }
del { color: #8a1010 } ins { color: #1d5b2a } .line { border-bottom: 1px solid; line-height: 2.5 }
@media print { body { padding: 0; font-size: 10pt } svg { max-height: 245mm }
h2:has(+ svg), svg + svg { break-before: page } }
""".strip()

_UNSIGNED: Final = frozenset((NEVER_REVIEWED, "draft"))
_CHECKLIST: Final = (
    "Each sign stands in the right place: call 911, or call a doctor today. None is missing",
    "It is right who stops at the first part: age, pregnancy, surgery not long ago",
    "Each result is right for every way that leads to it, and its words are plain",
    "Choices tell the good and the less good side fairly",
)


def outcome_paths(tool: Tool) -> dict[str, tuple[OutcomePath, ...]]:
    """All ways to each result, in as few words as can be. A state is in one exactly if it shows it.

    Own results follow from what is left of a rule when the rules above have taken theirs.
    """
    walked = tuple(q.id for q in tool.questions)
    found: dict[str, list[OutcomePath]] = {name: [] for name in tool.outcomes}
    for flag, outcome in FLAG_OUTCOMES.items():
        above = () if outcome == EMERGENCY_OUTCOME else ("emergency",)
        for question in tool.questions:
            signs = tuple(o.id for o in question.options if o.flag == flag)
            if signs:
                others = _unflagged_clauses(tool.questions, above)
                found[outcome].append(
                    OutcomePath((), clauses=(Clause(question.id, (signs,)), *others))
                )
    for at, question in enumerate(tool.questions):
        for stop in dict.fromkeys(option.stop for option in question.options if option.stop):
            chosen = tuple(o.id for o in question.options if o.stop == stop)
            passed = (*map(pass_clause, tool.questions[:at]), Clause(question.id, (chosen,)))
            rest = _unflagged_clauses(tool.questions[at + 1 :], tuple(FLAG_OUTCOMES))
            found[stop].append(OutcomePath(walked[: at + 1], clauses=(*passed, *rest)))
    first = tuple(map(pass_clause, tool.questions[: tool.safety_count]))
    for outcome, terms in _own_paths(tool):
        found[outcome].append(OutcomePath(walked, first, terms))
    return {name: tuple(each) for name, each in found.items()}


def _unflagged_clauses(questions: Iterable[Question], flags: Sequence[str]) -> Iterator[Clause]:
    for question in questions:
        signs = tuple(o.id for o in question.options if o.flag in flags and o.flag)
        if signs:
            yield Clause(question.id, (), signs)


def _own_paths(tool: Tool) -> Iterator[tuple[str, tuple[Clause, ...]]]:
    space = build_state_space(tool)
    taken: dict[str, list[Box]] = {}
    for region in partition(space):
        if region.rule_index >= 0:
            taken.setdefault(region.outcome, []).append(region.box)
    for outcome, boxes in taken.items():
        for box in _minimal_cover(space, boxes):
            parts = map(
                _clauses, space.answer_classes[tool.safety_count :], box[tool.safety_count :]
            )
            for terms in product(*parts):
                yield outcome, tuple(t for t in terms if t.any_of or t.none_of)


def _minimal_cover(space: StateSpace, boxes: Sequence[Box]) -> list[Box]:
    """The same ground in boxes as large as can be, none of them idle."""
    places = range(space.tool.safety_count, len(space.answer_classes))
    wider = [(at, space.answer_classes[at].valid) for at in reversed(places)]
    wider += [(at, 1 << n) for at in places for n in range(len(space.answer_classes[at].classes))]
    kept: list[Box] = []
    for box in boxes:
        big = box
        for at, more in wider:
            tried = (*big[:at], big[at] | more, *big[at + 1 :])
            big = tried if _is_covered(tried, boxes) else big
        kept.append(big)
    kept = list(dict.fromkeys(kept))
    for box in reversed(tuple(kept)):
        others = [one for one in kept if one != box]
        kept = others if _is_covered(box, others) else kept
    return kept


def _is_covered(box: Box, others: Iterable[Box]) -> bool:
    left = [box]
    for other in others:
        left = [part for one in left for part in subtract(one, other)]
    return not left


def _clauses(classes: AnswerClasses, mask: int) -> list[Clause]:
    """These classes as one term; where one cannot say it, as several: each is a way of its own."""
    name, ids = classes.question.id, [option.id for option in classes.question.options]
    if mask == classes.valid:
        return [Clause(name)]
    never = [i for i in ids if not classes.with_any(_equivalent_options(classes, i)) & mask]
    left = classes.valid & ~classes.with_any(never)
    if left == mask:
        return [build_clause(classes.question, (), never)]
    always = [
        i for i in ids if not classes.with_any(_equivalent_options(classes, i)) & left & ~mask
    ]
    if left & classes.with_any(always) == mask:
        return [build_clause(classes.question, [always], never)]
    found = []
    for n, answers in enumerate(classes.classes):
        if mask >> n & 1:
            ticked = [classes.option_groups[kind] for kind in answers.groups]
            others = [i for i in ids if not any(i in kind for kind in ticked)]
            found.append(build_clause(classes.question, ticked, others))
    return found


def _equivalent_options(classes: AnswerClasses, name: str) -> tuple[str, ...]:
    """The answers that nothing tells apart from this one."""
    return next(kind for kind in classes.option_groups if name in kind)


def render_review_page(
    tool: Tool,
    title: str,
    changes: Sequence[tuple[str, str]],
    status: str,
    verification_lines: Sequence[str],
    generated: Date | None,
) -> str:
    """A file to open or print: the tool as one who signs it has to see it.

    `changes`: what `governance.diff.difference` says of the words last signed and those of now;
    `state`: a key of `governance.states.WORDS`. KeyError: it is none of them.
    """
    policy = b64encode(sha256(_STYLE.encode()).digest()).decode()
    rules = [_rule_row(tool, at) for at in range(len(tool.rules))]
    asked = [f"{n}. {q.text.text}" for n, q in enumerate(tool.own_questions, tool.safety_count + 1)]
    answers = [
        row for at, question in enumerate(tool.questions, 1) for row in _answer_rows(at, question)
    ]
    allowed = f"default-src 'none'; style-src 'sha256-{policy}'; base-uri 'none'"
    rows = (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{allowed}; form-action \'none\'">',
        '<meta name="viewport" content="width=device-width">',
        f"<title>For review: {escape_text(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>",
        f"<main>\n<h1>For review: {escape_text(title)}</h1>",
        _render_banner(status, changed=bool(changes)),
        _paragraph(
            f"Tool {tool.name}, version {tool.version}; first part, version {tool.safety.version}."
        ),
        _paragraph(
            f"State: {STATUS_LABELS[status]}."
            + (f" Printed: {format_date(generated)}." if generated else "")
        ),
        _paragraph(f"What it says of itself: {tool.disclaimer.text}"),
        _paragraph(f"For search results: {tool.description}"),
        "<h2>The results, and when a reader gets there</h2>",
        *(
            _render_outcome(tool, tool.outcomes[name], found)
            for name, found in outcome_paths(tool).items()
        ),
        "<h2>The rules, in order</h2>",
        _paragraph(
            "They count once the first part lets on. The first rule that fits gives the result."
        ),
        _table(("Rule", *asked, "Result"), rules),
        "<h2>The drawing</h2>",
        render_flowchart(tool, "questions") + render_flowchart(tool, "rules"),
        "<h2>Questions and answers</h2>",
        _paragraph(
            "A tick that leads to EMERGENCY counts before all else, then one that leads to URGENT."
        ),
        _table(("Question", "Answer", "What it does"), answers),
        *_render_catalog_and_notes(tool),
        "<h2>What changed since the last sign-off</h2>",
        *_render_changes(changes, status),
        "<h2>What the proof showed</h2>",
        _bullet_list(verification_lines)
        if verification_lines
        else _paragraph("Nothing: the proof has not run."),
        *_render_sign_off(tool, changed=bool(changes)),
        "</main>\n</body>\n</html>\n",
    )
    return "\n".join(rows)


def _render_banner(status: str, *, changed: bool) -> str:
    if status in _UNSIGNED:
        words = "DRAFT. Nobody has signed this tool. Not for public use until a clinician signs it."
    elif changed or status == CHANGED:
        words = "CHANGED since the last sign-off. What is new here was signed by nobody."
    else:
        return '<p class="banner signed">Nothing changed since the last sign-off.</p>'
    return f'<p class="banner">{words}</p>'


def _render_outcome(tool: Tool, outcome: Outcome, paths: Sequence[OutcomePath]) -> str:
    rules = [f"{n}" for n, rule in enumerate(tool.rules, 1) if rule.outcome == outcome.name]
    by = f", by rule {' or '.join(rules)}" * bool(rules)
    rows = [
        f'<section class="result {outcome.level}">\n<h3>{escape_text(outcome.title.text)}</h3>',
        _paragraph(f"{outcome.name} ({outcome.level}{by}; {outcome.path}, line {outcome.line})"),
        _bullet_list(line.text for line in outcome.body),
        _paragraph(f"Choices: {', '.join(outcome.offer)}") if outcome.offer else "",
        _paragraph(f"Links: {', '.join(outcome.links) or 'none'}"),
        '<div class="when">\n<p><b>You get here when</b></p>',
        "\n<p><b>or when</b></p>\n".join(_render_path(tool, way) for way in paths)
        or _paragraph("Never: no answers lead here."),
        "</div>\n</section>",
    ]
    return "\n".join(filter(None, rows))


def _render_path(tool: Tool, path: OutcomePath) -> str:
    lead = (
        "One after the other:"
        if path.answered_questions
        else "Whatever else is ticked or left blank:"
    )
    lead = (
        "The first part lets on, every question is answered, and:" if path.safety_clauses else lead
    )
    terms = [_format_clause(tool, term) for term in path.clauses] or ["any answers"]
    return f"{_paragraph(lead)}\n{_bullet_list(terms)}"


def _format_clause(tool: Tool, clause: Clause) -> str:
    question = tool.question(clause.question)
    at = tool.questions.index(question) + 1
    return f"{at}. {question.text.text} {describe_clause(question, clause)}"


def _rule_row(tool: Tool, index: int) -> list[str]:
    rule = tool.rules[index]
    when = {name: Clause(name, (answers,)) for name, answers in rule.when.items()}
    cells = [describe_clause(q, when[q.id]) if q.id in when else "any" for q in tool.own_questions]
    result = f"{tool.outcomes[rule.outcome].title.text} ({rule.outcome})"
    return [f"{index + 1} (line {rule.line})", *cells, result]


def _answer_rows(number: int, question: Question) -> Iterator[list[str]]:
    kind = "one answer" if question.type == "one" else "all that fit"
    kind += "; for the doctor, it changes no result" * question.to_bring
    called = (
        f"{number}. {question.text.text} {question.help.text if question.help else ''} ({kind})"
    )
    for o in question.options:
        leads = FLAG_OUTCOMES.get(o.flag, o.stop)
        does = [f"{'leads to' if o.flag else 'stops at'} {leads}" if leads else "goes on"]
        does += ["cannot stand beside another answer"] * o.exclusive
        does += [f"adds the point {o.note}"] * bool(o.note)
        yield [called, o.text.text, "; ".join(does)]
        called = f"{number}."


def _render_catalog_and_notes(tool: Tool) -> Iterator[str]:
    if tool.catalog:
        head = ("Choice", "Good side", "Less good side", "Kind, page", "Rests on")
        sides = [
            (c.title.text, c.good.text, c.less_good.text, f"{c.kind}, {c.page}", ", ".join(c.facts))
            for c in tool.catalog.values()
        ]
        yield f"<h2>Choices to talk about</h2>\n{_table(head, sides)}"
    if tool.notes:
        notes = [(n.name, n.text.text, ", ".join(n.facts)) for n in tool.notes.values()]
        yield f"<h2>Points to bring up</h2>\n{_table(('Point', 'Text', 'Rests on'), notes)}"


def _render_changes(changes: Sequence[tuple[str, str]], status: str) -> Iterator[str]:
    if not changes:
        yield _paragraph(
            "Nobody has signed yet: all is new." if status in _UNSIGNED else "Nothing."
        )
        return
    yield _paragraph("Lines with - are gone, lines with + are new.")
    marks = {UNCHANGED: "{}", GAP: "[...]", REMOVED: "<del>- {}</del>", ADDED: "<ins>+ {}</ins>"}
    for kind, line in changes:
        yield f"<p>{marks[kind].replace('{}', escape_text(line))}</p>"


def _render_sign_off(tool: Tool, *, changed: bool) -> Iterator[str]:
    page = f"tools/{tool.name}"
    yield "<h2>Sign</h2>\n" + _bullet_list(f"[ ] {tick}" for tick in _CHECKLIST)
    yield from (f'<p class="line">{name}</p>' for name in ("Name", "Role", "Date"))
    only = f" (if only the difference was read: {sign_command(page, change=True)})" * changed
    yield _paragraph(f"To put it on record: {sign_command(page)}{only}")
    yield _paragraph(f"Digest of the words that are signed: {digest_text(signed_tool_text(tool))}")


def _paragraph(text: str) -> str:
    return f"<p>{escape_text(text)}</p>"


def _bullet_list(texts: Iterable[str]) -> str:
    return "<ul>\n" + "".join(f"<li>{escape_text(text)}</li>\n" for text in texts) + "</ul>"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    def row(cells: Iterable[str], tag: str) -> str:
        return "<tr>" + "".join(f"<{tag}>{escape_text(cell)}</{tag}>" for cell in cells) + "</tr>\n"

    body = "".join(row(cells, "td") for cells in rows)
    return f"<table>\n<thead>{row(head, 'th')}</thead>\n<tbody>\n{body}</tbody>\n</table>"
