"""Render the page for the reviewer of a tool: paths to each outcome, rules, drawing, changes."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
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
    """Return the paths to each outcome, by its name, without redundant ones.

    A state is on a path to an outcome if and only if its form shows that outcome. The paths to the
    tool's own outcomes follow from what the rules above leave to each rule.
    """
    question_ids = tuple(q.id for q in tool.questions)
    paths: dict[str, list[OutcomePath]] = {name: [] for name in tool.outcomes}
    for flag, outcome in FLAG_OUTCOMES.items():
        graver = () if outcome == EMERGENCY_OUTCOME else ("emergency",)
        for question in tool.questions:
            flagged = tuple(o.id for o in question.options if o.flag == flag)
            if flagged:
                others = _unflagged_clauses(tool.questions, graver)
                clauses = (Clause(question.id, (flagged,)), *others)
                paths[outcome].append(OutcomePath((), clauses=clauses))
    for index, question in enumerate(tool.questions):
        for stop in dict.fromkeys(option.stop for option in question.options if option.stop):
            stopping = tuple(o.id for o in question.options if o.stop == stop)
            before = map(pass_clause, tool.questions[:index])
            after = _unflagged_clauses(tool.questions[index + 1 :], tuple(FLAG_OUTCOMES))
            clauses = (*before, Clause(question.id, (stopping,)), *after)
            paths[stop].append(OutcomePath(question_ids[: index + 1], clauses=clauses))
    safety_clauses = tuple(map(pass_clause, tool.questions[: tool.safety_count]))
    for outcome, clauses in _own_paths(tool):
        paths[outcome].append(OutcomePath(question_ids, safety_clauses, clauses))
    return {name: tuple(each) for name, each in paths.items()}


def _unflagged_clauses(questions: Iterable[Question], flags: Sequence[str]) -> Iterator[Clause]:
    for question in questions:
        flagged = tuple(o.id for o in question.options if o.flag in flags and o.flag)
        if flagged:
            yield Clause(question.id, (), flagged)


def _own_paths(tool: Tool) -> Iterator[tuple[str, tuple[Clause, ...]]]:
    """Yield the outcome of each path by rules, and its clauses outside the safety part."""
    space = build_state_space(tool)
    boxes_by_outcome: dict[str, list[Box]] = {}
    for region in partition(space):
        if region.rule_index >= 0:
            boxes_by_outcome.setdefault(region.outcome, []).append(region.box)
    own_classes = space.answer_classes[tool.safety_count :]
    for outcome, boxes in boxes_by_outcome.items():
        for box in _minimal_cover(space, boxes):
            for clauses in product(*map(_clauses, own_classes, box[tool.safety_count :])):
                yield outcome, tuple(c for c in clauses if c.any_of or c.none_of)


def _minimal_cover(space: StateSpace, boxes: Sequence[Box]) -> list[Box]:
    """Return large boxes, none of them redundant, that together hold the same states."""
    indexes = range(space.tool.safety_count, len(space.answer_classes))
    additions = [(index, space.answer_classes[index].valid) for index in reversed(indexes)]
    additions += [
        (index, 1 << n)
        for index in indexes
        for n in range(len(space.answer_classes[index].classes))
    ]
    cover: list[Box] = []
    for box in boxes:
        grown = box
        for index, mask in additions:
            larger = (*grown[:index], grown[index] | mask, *grown[index + 1 :])
            grown = larger if _is_covered(larger, boxes) else grown
        cover.append(grown)
    cover = list(dict.fromkeys(cover))
    for box in reversed(tuple(cover)):
        others = [other for other in cover if other != box]
        cover = others if _is_covered(box, others) else cover
    return cover


def _is_covered(box: Box, others: Iterable[Box]) -> bool:
    left = [box]
    for other in others:
        left = [rest for part in left for rest in subtract(part, other)]
    return not left


def _clauses(classes: AnswerClasses, mask: int) -> list[Clause]:
    """Describe classes as one clause, or as alternative clauses if one is not enough."""
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
    clauses = []
    for n, answers in enumerate(classes.classes):
        if mask >> n & 1:
            checked = [classes.option_groups[group] for group in answers.groups]
            others = [i for i in ids if not any(i in group for group in checked)]
            clauses.append(build_clause(classes.question, checked, others))
    return clauses


def _equivalent_options(classes: AnswerClasses, name: str) -> tuple[str, ...]:
    """Return the options that the tool treats the same as this one, itself included."""
    return next(group for group in classes.option_groups if name in group)


def render_review_page(
    tool: Tool,
    title: str,
    changes: Sequence[tuple[str, str]],
    status: str,
    verification_lines: Sequence[str],
    generated: date | None,
) -> str:
    """Render an HTML page to open or print: the tool as a reviewer has to see it.

    Args:
        changes: Rows of `text_diff.diff_lines` between the text signed last and that of today.
        status: A key of `STATUS_LABELS`.
        verification_lines: What the verification showed; empty if it has not run.
        generated: The date to show on the page; None to leave it out.

    Raises:
        KeyError: The status is unknown.
    """
    rows = (
        *_render_head(title),
        _render_banner(status, changed=bool(changes)),
        *_render_summary(tool, status, generated),
        "<h2>The results, and when a reader gets there</h2>",
        *(
            _render_outcome(tool, tool.outcomes[name], paths)
            for name, paths in outcome_paths(tool).items()
        ),
        *_render_rules(tool),
        *_render_questions(tool),
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


def _render_head(title: str) -> Iterator[str]:
    style_hash = b64encode(sha256(_STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{style_hash}'; base-uri 'none'"
    name = escape_text(title)
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy}; form-action \'none\'">'
    yield '<meta name="viewport" content="width=device-width">'
    yield f"<title>For review: {name}</title>\n<style>{_STYLE}</style>\n</head>\n<body>"
    yield f"<main>\n<h1>For review: {name}</h1>"


def _render_summary(tool: Tool, status: str, generated: date | None) -> Iterator[str]:
    printed = f" Printed: {format_date(generated)}." if generated else ""
    yield _paragraph(
        f"Tool {tool.name}, version {tool.version}; first part, version {tool.safety.version}."
    )
    yield _paragraph(f"State: {STATUS_LABELS[status]}.{printed}")
    yield _paragraph(f"What it says of itself: {tool.disclaimer.text}")
    yield _paragraph(f"For search results: {tool.description}")


def _render_rules(tool: Tool) -> Iterator[str]:
    rows = [_rule_row(tool, index) for index in range(len(tool.rules))]
    questions = [
        f"{n}. {q.text.text}" for n, q in enumerate(tool.own_questions, tool.safety_count + 1)
    ]
    yield "<h2>The rules, in order</h2>"
    yield _paragraph(
        "They count once the first part lets on. The first rule that fits gives the result."
    )
    yield _table(("Rule", *questions, "Result"), rows)
    yield "<h2>The drawing</h2>"
    yield render_flowchart(tool, "questions") + render_flowchart(tool, "rules")


def _render_questions(tool: Tool) -> Iterator[str]:
    rows = [
        row
        for number, question in enumerate(tool.questions, 1)
        for row in _answer_rows(number, question)
    ]
    yield "<h2>Questions and answers</h2>"
    yield _paragraph(
        "A tick that leads to EMERGENCY counts before all else, then one that leads to URGENT."
    )
    yield _table(("Question", "Answer", "What it does"), rows)


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
    by_rule = f", by rule {' or '.join(rules)}" * bool(rules)
    rows = [
        f'<section class="result {outcome.level}">\n<h3>{escape_text(outcome.title.text)}</h3>',
        _paragraph(
            f"{outcome.name} ({outcome.level}{by_rule}; {outcome.path}, line {outcome.line})"
        ),
        _bullet_list(line.text for line in outcome.body),
        _paragraph(f"Choices: {', '.join(outcome.offer)}") if outcome.offer else "",
        _paragraph(f"Links: {', '.join(outcome.links) or 'none'}"),
        '<div class="when">\n<p><b>You get here when</b></p>',
        "\n<p><b>or when</b></p>\n".join(_render_path(tool, path) for path in paths)
        or _paragraph("Never: no answers lead here."),
        "</div>\n</section>",
    ]
    return "\n".join(filter(None, rows))


def _render_path(tool: Tool, path: OutcomePath) -> str:
    if path.safety_clauses:
        lead = "The first part lets on, every question is answered, and:"
    elif path.answered_questions:
        lead = "One after the other:"
    else:
        lead = "Whatever else is ticked or left blank:"
    clauses = [_format_clause(tool, clause) for clause in path.clauses] or ["any answers"]
    return f"{_paragraph(lead)}\n{_bullet_list(clauses)}"


def _format_clause(tool: Tool, clause: Clause) -> str:
    question = tool.question(clause.question)
    number = tool.questions.index(question) + 1
    return f"{number}. {question.text.text} {describe_clause(question, clause)}"


def _rule_row(tool: Tool, index: int) -> list[str]:
    rule = tool.rules[index]
    clauses = {name: Clause(name, (answers,)) for name, answers in rule.when.items()}
    cells = [
        describe_clause(q, clauses[q.id]) if q.id in clauses else "any" for q in tool.own_questions
    ]
    result = f"{tool.outcomes[rule.outcome].title.text} ({rule.outcome})"
    return [f"{index + 1} (line {rule.line})", *cells, result]


def _answer_rows(number: int, question: Question) -> Iterator[list[str]]:
    kind = "one answer" if question.type == "one" else "all that fit"
    kind += "; for the doctor, it changes no result" * question.to_bring
    label = f"{number}. {question.text.text} {question.help.text if question.help else ''} ({kind})"
    for option in question.options:
        outcome = FLAG_OUTCOMES.get(option.flag, option.stop)
        effects = [
            f"{'leads to' if option.flag else 'stops at'} {outcome}" if outcome else "goes on"
        ]
        effects += ["cannot stand beside another answer"] * option.exclusive
        effects += [f"adds the point {option.note}"] * bool(option.note)
        yield [label, option.text.text, "; ".join(effects)]
        label = f"{number}."


def _render_catalog_and_notes(tool: Tool) -> Iterator[str]:
    if tool.catalog:
        header = ("Choice", "Good side", "Less good side", "Kind, page", "Rests on")
        sides = [
            (c.title.text, c.good.text, c.less_good.text, f"{c.kind}, {c.page}", ", ".join(c.facts))
            for c in tool.catalog.values()
        ]
        yield f"<h2>Choices to talk about</h2>\n{_table(header, sides)}"
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
    page_id = f"tools/{tool.name}"
    yield "<h2>Sign</h2>\n" + _bullet_list(f"[ ] {item}" for item in _CHECKLIST)
    yield from (f'<p class="line">{name}</p>' for name in ("Name", "Role", "Date"))
    change_command = (
        f" (if only the difference was read: {sign_command(page_id, change=True)})" * changed
    )
    yield _paragraph(f"To put it on record: {sign_command(page_id)}{change_command}")
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
