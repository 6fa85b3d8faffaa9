"""A tool in, the page for its reviewer out: when each result shows, rules, drawing, changes."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from datetime import date as Date  # noqa: N812 - as in `model`
from hashlib import sha256
from itertools import product
from typing import Final

from sitebuilder.clinical.decision_tools.conditions import Term, Way, lets_on, plain, said
from sitebuilder.clinical.decision_tools.flowchart import flow_svg, shown
from sitebuilder.clinical.decision_tools.signed_text import tool_words
from sitebuilder.clinical.decision_tools.state_space import (
    Box,
    Face,
    Space,
    minus,
    regions,
    space_of,
)
from sitebuilder.clinical.reviews.records import digest_of
from sitebuilder.clinical.reviews.status import CHANGED, NEVER, WORDS, command, in_words
from sitebuilder.clinical.reviews.text_diff import GONE, NEW, SAME, SKIP
from sitebuilder.core.decision_tool import EMERGENCY, FLAGS, Outcome, Question, Tool

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

_UNSIGNED: Final = frozenset((NEVER, "draft"))
_TICKS: Final = (
    "Each sign stands in the right place: call 911, or call a doctor today. None is missing",
    "It is right who stops at the first part: age, pregnancy, surgery not long ago",
    "Each result is right for every way that leads to it, and its words are plain",
    "Choices tell the good and the less good side fairly",
)


def ways(tool: Tool) -> dict[str, tuple[Way, ...]]:
    """All ways to each result, in as few words as can be. A state is in one exactly if it shows it.

    Own results follow from what is left of a rule when the rules above have taken theirs.
    """
    walked = tuple(q.id for q in tool.questions)
    found: dict[str, list[Way]] = {name: [] for name in tool.outcomes}
    for flag, outcome in FLAGS.items():
        above = () if outcome == EMERGENCY else ("emergency",)
        for question in tool.questions:
            signs = tuple(o.id for o in question.options if o.flag == flag)
            if signs:
                others = _unflagged(tool.questions, above)
                found[outcome].append(Way((), terms=(Term(question.id, (signs,)), *others)))
    for at, question in enumerate(tool.questions):
        for stop in dict.fromkeys(option.stop for option in question.options if option.stop):
            chosen = tuple(o.id for o in question.options if o.stop == stop)
            passed = (*map(lets_on, tool.questions[:at]), Term(question.id, (chosen,)))
            rest = _unflagged(tool.questions[at + 1 :], tuple(FLAGS))
            found[stop].append(Way(walked[: at + 1], terms=(*passed, *rest)))
    first = tuple(map(lets_on, tool.questions[: tool.first]))
    for outcome, terms in _own(tool):
        found[outcome].append(Way(walked, first, terms))
    return {name: tuple(each) for name, each in found.items()}


def _unflagged(questions: Iterable[Question], flags: Sequence[str]) -> Iterator[Term]:
    for question in questions:
        signs = tuple(o.id for o in question.options if o.flag in flags and o.flag)
        if signs:
            yield Term(question.id, (), signs)


def _own(tool: Tool) -> Iterator[tuple[str, tuple[Term, ...]]]:
    space = space_of(tool)
    taken: dict[str, list[Box]] = {}
    for region in regions(space):
        if region.rule >= 0:
            taken.setdefault(region.shows, []).append(region.box)
    for outcome, boxes in taken.items():
        for box in _fewest(space, boxes):
            parts = map(_terms, space.faces[tool.first :], box[tool.first :])
            for terms in product(*parts):
                yield outcome, tuple(t for t in terms if t.any_of or t.none_of)


def _fewest(space: Space, boxes: Sequence[Box]) -> list[Box]:
    """The same ground in boxes as large as can be, none of them idle."""
    places = range(space.tool.first, len(space.faces))
    wider = [(at, space.faces[at].clean) for at in reversed(places)]
    wider += [(at, 1 << n) for at in places for n in range(len(space.faces[at].answers))]
    kept: list[Box] = []
    for box in boxes:
        big = box
        for at, more in wider:
            tried = (*big[:at], big[at] | more, *big[at + 1 :])
            big = tried if _within(tried, boxes) else big
        kept.append(big)
    kept = list(dict.fromkeys(kept))
    for box in reversed(tuple(kept)):
        others = [one for one in kept if one != box]
        kept = others if _within(box, others) else kept
    return kept


def _within(box: Box, others: Iterable[Box]) -> bool:
    left = [box]
    for other in others:
        left = [part for one in left for part in minus(one, other)]
    return not left


def _terms(face: Face, some: int) -> list[Term]:
    """These classes as one term; where one cannot say it, as several: each is a way of its own."""
    name, ids = face.question.id, [option.id for option in face.question.options]
    if some == face.clean:
        return [Term(name)]
    never = [i for i in ids if not face.hits(_alike(face, i)) & some]
    left = face.clean & ~face.hits(never)
    if left == some:
        return [plain(face.question, (), never)]
    always = [i for i in ids if not face.hits(_alike(face, i)) & left & ~some]
    if left & face.hits(always) == some:
        return [plain(face.question, [always], never)]
    found = []
    for n, answers in enumerate(face.answers):
        if some >> n & 1:
            ticked = [face.kinds[kind] for kind in answers.kinds]
            others = [i for i in ids if not any(i in kind for kind in ticked)]
            found.append(plain(face.question, ticked, others))
    return found


def _alike(face: Face, name: str) -> tuple[str, ...]:
    """The answers that nothing tells apart from this one."""
    return next(kind for kind in face.kinds if name in kind)


def reviewer_page(
    tool: Tool,
    title: str,
    changes: Sequence[tuple[str, str]],
    state: str,
    proof_lines: Sequence[str],
    generated: Date | None,
) -> str:
    """A file to open or print: the tool as one who signs it has to see it.

    `changes`: what `governance.diff.difference` says of the words last signed and those of now;
    `state`: a key of `governance.states.WORDS`. KeyError: it is none of them.
    """
    policy = b64encode(sha256(_STYLE.encode()).digest()).decode()
    rules = [_rule_row(tool, at) for at in range(len(tool.rules))]
    asked = [f"{n}. {q.text.text}" for n, q in enumerate(tool.own, tool.first + 1)]
    answers = [row for at, question in enumerate(tool.questions, 1) for row in _rows(at, question)]
    allowed = f"default-src 'none'; style-src 'sha256-{policy}'; base-uri 'none'"
    rows = (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{allowed}; form-action \'none\'">',
        '<meta name="viewport" content="width=device-width">',
        f"<title>For review: {shown(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>",
        f"<main>\n<h1>For review: {shown(title)}</h1>",
        _banner(state, changed=bool(changes)),
        _p(f"Tool {tool.name}, version {tool.version}; first part, version {tool.safety.version}."),
        _p(f"State: {WORDS[state]}." + (f" Printed: {in_words(generated)}." if generated else "")),
        _p(f"What it says of itself: {tool.disclaimer.text}"),
        _p(f"For search results: {tool.description}"),
        "<h2>The results, and when a reader gets there</h2>",
        *(_result(tool, tool.outcomes[name], found) for name, found in ways(tool).items()),
        "<h2>The rules, in order</h2>",
        _p("They count once the first part lets on. The first rule that fits gives the result."),
        _table(("Rule", *asked, "Result"), rules),
        "<h2>The drawing</h2>",
        flow_svg(tool, "questions") + flow_svg(tool, "rules"),
        "<h2>Questions and answers</h2>",
        _p("A tick that leads to EMERGENCY counts before all else, then one that leads to URGENT."),
        _table(("Question", "Answer", "What it does"), answers),
        *_extras(tool),
        "<h2>What changed since the last sign-off</h2>",
        *_changes(changes, state),
        "<h2>What the proof showed</h2>",
        _list(proof_lines) if proof_lines else _p("Nothing: the proof has not run."),
        *_sign(tool, changed=bool(changes)),
        "</main>\n</body>\n</html>\n",
    )
    return "\n".join(rows)


def _banner(state: str, *, changed: bool) -> str:
    if state in _UNSIGNED:
        words = "DRAFT. Nobody has signed this tool. Not for public use until a clinician signs it."
    elif changed or state == CHANGED:
        words = "CHANGED since the last sign-off. What is new here was signed by nobody."
    else:
        return '<p class="banner signed">Nothing changed since the last sign-off.</p>'
    return f'<p class="banner">{words}</p>'


def _result(tool: Tool, outcome: Outcome, found: Sequence[Way]) -> str:
    rules = [f"{n}" for n, rule in enumerate(tool.rules, 1) if rule.outcome == outcome.name]
    by = f", by rule {' or '.join(rules)}" * bool(rules)
    rows = [
        f'<section class="result {outcome.level}">\n<h3>{shown(outcome.title.text)}</h3>',
        _p(f"{outcome.name} ({outcome.level}{by}; {outcome.path}, line {outcome.line})"),
        _list(line.text for line in outcome.body),
        _p(f"Choices: {', '.join(outcome.offer)}") if outcome.offer else "",
        _p(f"Links: {', '.join(outcome.links) or 'none'}"),
        '<div class="when">\n<p><b>You get here when</b></p>',
        "\n<p><b>or when</b></p>\n".join(_way(tool, way) for way in found)
        or _p("Never: no answers lead here."),
        "</div>\n</section>",
    ]
    return "\n".join(filter(None, rows))


def _way(tool: Tool, way: Way) -> str:
    lead = "One after the other:" if way.answered else "Whatever else is ticked or left blank:"
    lead = "The first part lets on, every question is answered, and:" if way.first else lead
    terms = [_term(tool, term) for term in way.terms] or ["any answers"]
    return f"{_p(lead)}\n{_list(terms)}"


def _term(tool: Tool, term: Term) -> str:
    question = tool.question(term.question)
    at = tool.questions.index(question) + 1
    return f"{at}. {question.text.text} {said(question, term)}"


def _rule_row(tool: Tool, at: int) -> list[str]:
    rule = tool.rules[at]
    when = {name: Term(name, (answers,)) for name, answers in rule.when.items()}
    cells = [said(q, when[q.id]) if q.id in when else "any" for q in tool.own]
    result = f"{tool.outcomes[rule.outcome].title.text} ({rule.outcome})"
    return [f"{at + 1} (line {rule.line})", *cells, result]


def _rows(at: int, question: Question) -> Iterator[list[str]]:
    kind = "one answer" if question.type == "one" else "all that fit"
    kind += "; for the doctor, it changes no result" * question.to_bring
    called = f"{at}. {question.text.text} {question.help.text if question.help else ''} ({kind})"
    for o in question.options:
        leads = FLAGS.get(o.flag, o.stop)
        does = [f"{'leads to' if o.flag else 'stops at'} {leads}" if leads else "goes on"]
        does += ["cannot stand beside another answer"] * o.exclusive
        does += [f"adds the point {o.note}"] * bool(o.note)
        yield [called, o.text.text, "; ".join(does)]
        called = f"{at}."


def _extras(tool: Tool) -> Iterator[str]:
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


def _changes(changes: Sequence[tuple[str, str]], state: str) -> Iterator[str]:
    if not changes:
        yield _p("Nobody has signed yet: all is new." if state in _UNSIGNED else "Nothing.")
        return
    yield _p("Lines with - are gone, lines with + are new.")
    marks = {SAME: "{}", SKIP: "[...]", GONE: "<del>- {}</del>", NEW: "<ins>+ {}</ins>"}
    for kind, line in changes:
        yield f"<p>{marks[kind].replace('{}', shown(line))}</p>"


def _sign(tool: Tool, *, changed: bool) -> Iterator[str]:
    page = f"tools/{tool.name}"
    yield "<h2>Sign</h2>\n" + _list(f"[ ] {tick}" for tick in _TICKS)
    yield from (f'<p class="line">{name}</p>' for name in ("Name", "Role", "Date"))
    only = f" (if only the difference was read: {command(page, change=True)})" * changed
    yield _p(f"To put it on record: {command(page)}{only}")
    yield _p(f"Digest of the words that are signed: {digest_of(tool_words(tool))}")


def _p(text: str) -> str:
    return f"<p>{shown(text)}</p>"


def _list(texts: Iterable[str]) -> str:
    return "<ul>\n" + "".join(f"<li>{shown(text)}</li>\n" for text in texts) + "</ul>"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    def row(cells: Iterable[str], tag: str) -> str:
        return "<tr>" + "".join(f"<{tag}>{shown(cell)}</{tag}>" for cell in cells) + "</tr>\n"

    body = "".join(row(cells, "td") for cells in rows)
    return f"<table>\n<thead>{row(head, 'th')}</thead>\n<tbody>\n{body}</tbody>\n</table>"
