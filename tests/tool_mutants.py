"""Every change of the tools' data that a slip could make, one at a time, made from the data itself.

A mutant is its name and the files as plain data, one of them changed.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Iterator
from typing import Any

from tool_kit import DATA, GUARD, KNOWN, NAMES, Data

Mutant = tuple[str, str, Data]
"""What was done, the name of the changed file, all files."""

Change = Callable[..., object]
"""Of the data of a file. Lambdas keep the names of their loops as more, given arguments."""

TIERS = ("911", "today", "days", "hours", "visit", "home")


def mutant(what: str, name: str, change: Change) -> Mutant:
    data = {**DATA, name: copy.deepcopy(DATA[name])}
    change(data[name])
    return f"{name}: {what}", name, data


def questions(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = DATA[name]["questions"]
    return found


def options(name: str) -> Iterator[tuple[int, int, str, dict[str, Any]]]:
    """The answers of a file: number of the question, of the answer, what it is called, its data."""
    for q, question in enumerate(questions(name)):
        for o, option in enumerate(question.get("options", ())):
            yield q, o, f"{question['id']}.{option.get('id', option.get('sign'))}", option


def _set(q: int, o: int, **values: Any) -> Change:
    return lambda data: data["questions"][q]["options"][o].update(values)


def _drop(q: int, o: int, key: str) -> Change:
    return lambda data: data["questions"][q]["options"][o].pop(key)


def _remove(q: int, o: int) -> Change:
    return lambda data: data["questions"][q]["options"].pop(o)


# -- what weakens safety: signs -------------------------------------------------------------------


def milder_signs() -> Iterator[Mutant]:
    """Signs of emergency.yaml in a milder tier, in one setting or all, or gone; asked elsewhere."""
    for name, sign in DATA["emergency"]["signs"].items():

        def at(change: Change, name: str = name) -> Change:
            return lambda data: change(data["signs"][name])

        tiers = sign["tier"]
        settings = tiers if isinstance(tiers, dict) else {"": tiers}
        for setting, tier in settings.items():
            for milder in TIERS[TIERS.index(tier) + 1 :][:1]:
                to = {**tiers, setting: milder} if setting else milder
                what = f"{name} {setting} {milder}"
                yield mutant(what, "emergency", at(lambda s, t=to: s.update(tier=t)))
            if len(settings) > 1:
                rest = {key: value for key, value in tiers.items() if key != setting}
                what = f"{name} not {setting}"
                yield mutant(what, "emergency", at(lambda s, t=rest: s.update(tier=t)))
        yield mutant(f"{name} removed", "emergency", lambda d, n=name: d["signs"].pop(n))
        for question in sign.get("asked_in", ()):
            other = "soon" if question != "soon" else "legs"
            moved = at(lambda s, q=other: s.update(asked_in=[q]))
            yield mutant(f"{name} asked in {other}", "emergency", moved)
            yield mutant(f"{name} asked nowhere", "emergency", at(lambda s: s.pop("asked_in")))


def signs_of_lists() -> Iterator[Mutant]:
    """Signs of the first questions: gone, other ones, in own words, alone, in another question."""
    for q, o, asked, option in options("safety"):
        if "sign" not in option:
            continue
        yield mutant(f"{asked} removed", "safety", _remove(q, o))
        yield mutant(f"{asked} stands alone", "safety", _set(q, o, exclusive="true"))
        yield mutant(f"{asked} in own words", "safety", _own_words(q, o, option["sign"]))
        for sign in [s for s in KNOWN.signs if s != option["sign"]][::13]:
            yield mutant(f"{asked} sign {sign}", "safety", _set(q, o, sign=sign))
        for other in (q - 1, q + 1):
            if "sign" in questions("safety")[other]["options"][0]:

                def move(data: Any, q: int = q, o: int = o, other: int = other) -> None:
                    moved = data["questions"][q]["options"].pop(o)
                    data["questions"][other]["options"].insert(0, moved)

                yield mutant(f"{asked} moved to question {other + 1}", "safety", move)


def _own_words(q: int, o: int, name: str) -> Change:
    def change(data: Any) -> None:
        data["questions"][q]["options"][o] = {"id": name, "text": "Something else"}

    return change


def signs_out_of_view() -> Iterator[Mutant]:
    """Signs hidden from readers for whom they have a tier, or shown to others."""
    for q, o, asked, option in options("safety"):
        if "sign" not in option or q < 2 or option["sign"] == "shotnumb":
            continue
        for key, answer in itertools.product(("hide_if", "show_if"), SETTINGS):
            shown = option.get(key, {}).get("setting", ())
            other = {"hide_if": "show_if", "show_if": "hide_if"}[key]
            if other in option or answer in shown or (key == "show_if" and shown):
                continue
            if not _hidden_already(q, key, answer):
                change = _set(q, o, **{key: {"setting": [*shown, answer]}})
                yield mutant(f"{asked} {key} {answer}", "safety", change)
        if "hide_if" in option and option["sign"] != "calf":  # asked for in both lists
            yield mutant(f"{asked} always", "safety", _drop(q, o, "hide_if"))


def first_questions_out_of_view() -> Iterator[Mutant]:
    """First questions hidden from readers who have to answer them, or shown to others."""
    for q, question in enumerate(questions("safety")[2:], 2):
        hidden = question.get("hide_if", {}).get("setting", ())
        for answer in SETTINGS:
            if answer not in hidden and not (question["id"] == "after" and answer in SETTINGS[2:]):
                now = {"setting": [*hidden, answer]}
                yield mutant(
                    f"{question['id']} hidden after {answer}",
                    "safety",
                    lambda d, q=q, n=now: d["questions"][q].update(hide_if=n),
                )
    for answer in SETTINGS[:2]:
        yield mutant(
            f"after only after {answer}",
            "safety",
            lambda d, a=answer: d["questions"][3].update(show_if={"setting": [a]}),
        )
    yield mutant("after always", "safety", lambda d: d["questions"][3].pop("show_if"))


SETTINGS = ("op", "shot", "told", "none")


def _hidden_already(q: int, key: str, answer: str) -> bool:
    """Whether the whole list is only in view with a setting that this leaves as it is."""
    return questions("safety")[q]["id"] == "after" and key == "hide_if" and answer == "none"


def not_sure() -> Iterator[Mutant]:
    """Answers with a tier of their own: gone, milder, without their clock or ride, hidden."""
    for q, o, asked, option in options("safety"):
        if "tier" not in option:
            continue
        yield mutant(f"{asked} removed", "safety", _remove(q, o))
        yield mutant(f"{asked} other id", "safety", _set(q, o, id="other"))
        yield mutant(f"{asked} without tier", "safety", _drop(q, o, "tier"))
        for milder in TIERS[TIERS.index(option["tier"]) + 1 :]:
            yield mutant(f"{asked} {milder}", "safety", _set(q, o, tier=milder))
        for key in ("clock", "ride"):
            if key in option:
                yield mutant(f"{asked} without {key}", "safety", _drop(q, o, key))
        if q > 1:
            hidden = {"setting": ["told"]}
            yield mutant(f"{asked} hidden", "safety", _set(q, o, hide_if=hidden))


def first_questions() -> Iterator[Mutant]:
    """The first questions: swapped, moved to the end, gone, of another type; renamed."""
    count = len(questions("safety"))
    for q, question in enumerate(questions("safety")):
        asked = question["id"]
        yield mutant(f"{asked} removed", "safety", lambda d, q=q: d["questions"].pop(q))
        if q + 1 < count:
            yield mutant(
                f"{asked} last",
                "safety",
                lambda d, q=q: d["questions"].append(d["questions"].pop(q)),
            )
        for other in range(q + 1, count):

            def swap(data: Any, one: int = q, two: int = other) -> None:
                asked = data["questions"]
                asked[one], asked[two] = asked[two], asked[one]

            yield mutant(f"{asked} swapped with question {other + 1}", "safety", swap)
        if any("sign" in option for option in question["options"]):
            yield mutant(
                f"{asked} of type one",
                "safety",
                lambda d, q=q: d["questions"][q].update(type="one"),
            )
        yield mutant(f"{asked} renamed", "safety", lambda d, q=q: d["questions"][q].update(id="x"))
    for name in NAMES:
        yield mutant("safety part left out", name, lambda d: d.pop("include"))

        def back(data: Any) -> None:
            data["questions"].insert(0, copy.deepcopy(DATA["safety"]["questions"][0]))

        yield mutant("asks the signs again", name, back)


# -- what weakens safety: rules and results of the first questions ---------------------------------


def first_rules() -> Iterator[Mutant]:
    """Rules of the first questions: gone, later, leading elsewhere, in another order."""
    rules = DATA["safety"]["rules"]
    at_once = sum("after" not in rule for rule in rules)
    for r, rule in enumerate(rules):
        name = rule["name"]
        yield mutant(f"{name} removed", "safety", lambda d, r=r: d["rules"].pop(r))
        for outcome in DATA["safety"]["outcomes"]:
            if outcome not in {rule["outcome"], *ALIKE.get(name, ())}:
                yield mutant(
                    f"{name} to {outcome}",
                    "safety",
                    lambda d, r=r, o=outcome: d["rules"][r].update(outcome=o),
                )
        if "after" not in rule:

            def late(data: Any, r: int = r) -> None:
                moved = data["rules"].pop(r)
                data["rules"].insert(at_once - 1, {**moved, "after": "soon"})

            yield mutant(f"{name} after soon", "safety", late)
        if r and rule.get("after") == rules[r - 1].get("after") and name not in SAME_ORDER:

            def swap(data: Any, r: int = r) -> None:
                one = data["rules"]
                one[r - 1], one[r] = one[r], one[r - 1]

            yield mutant(f"{name} moved up", "safety", swap)


def first_conditions() -> Iterator[Mutant]:
    """Conditions of the first rules: narrowed by an answer, a group, or another name."""
    for r, rule in enumerate(DATA["safety"]["rules"]):
        name = rule["name"]
        for g, group in enumerate(rule.get("all", ())):
            for answer in group if len(group) > 1 else ():
                cut = [each for each in group if each != answer]
                yield mutant(f"{name} without {answer}", "safety", _group(r, g, cut))
            if len(rule["all"]) > 1:
                yield mutant(
                    f"{name} without its group {g + 1}",
                    "safety",
                    lambda d, r=r, g=g: d["rules"][r]["all"].pop(g),
                )
    for answer in ("legs.both", "soon.aorta", "life.unsure", "after.fierce"):
        change = lambda d, a=answer: d["rules"][0]["except"].append(a)  # noqa: E731
        yield mutant(f"G1 except {answer}", "safety", change)
    for r, tier in ((0, "911"), (5, "today"), (10, "days")):
        only = f"legs.tier.{tier}"
        yield mutant(f"rule {r + 1} on {only} alone", "safety", _group(r, 0, [only]))


ALIKE = {"G6": ("TODAY",), "G9": ("TODAY",)}
"""Other results that a rule could lead to with no requirement broken."""

SAME_ORDER = ("G3", "G7", "G8", "G9", "G11", "G14", "G15")
"""Rules that may stand above the one before: no state meets both, or both ask for the same tier."""


def _group(r: int, g: int, answers: list[str]) -> Change:
    return lambda data: data["rules"][r]["all"].__setitem__(g, answers)


def first_results() -> Iterator[Mutant]:
    """Results of the first questions: gone, of another tier, with other conditions of lines."""
    for name, outcome in DATA["safety"]["outcomes"].items():

        def at(change: Change, name: str = name) -> Change:
            return lambda data: change(data["outcomes"][name])

        yield mutant(f"{name} removed", "safety", lambda d, n=name: d["outcomes"].pop(n))
        for tier in TIERS:
            if tier != outcome["tier"]:
                change = at(lambda o, t=tier: o.update(tier=t))
                yield mutant(f"{name} of the tier {tier}", "safety", change)
        notes = "" if outcome.get("with_notes") else "true"
        change = at(lambda o, n=notes: o.update(with_notes=n or "false"))
        yield mutant(f"{name} with_notes turned", "safety", change)
        for n, line in enumerate(outcome["body"]):
            asked = str(line.get("if", line.get("unless", ""))) if isinstance(line, dict) else ""
            if not asked or any(word in asked for word in ("rash", "belly4", "cord", "crash")):
                continue  # lines that help, with no requirement
            yield mutant(f"{name} without line {n + 1}", "safety", _line(name, n, None))
            for key in ("if", "unless"):
                if key in line:
                    rest = {k: v for k, v in line.items() if k != key}
                    yield mutant(f"{name} line {n + 1} no {key}", "safety", _line(name, n, rest))
                    other = {**line, key: ["tier.days"]}
                    what = f"{name} line {n + 1} {key} other"
                    yield mutant(what, "safety", _line(name, n, other))


def _line(name: str, n: int, line: Any) -> Change:
    def change(data: Any) -> None:
        body = data["outcomes"][name]["body"]
        body[n : n + 1] = [line] if line else []

    return change


def missing_policy() -> Iterator[Mutant]:
    """What tools are held against, gone from emergency.yaml."""
    for name in (
        "questions",
        "settings",
        "crisis",
        "pairs",
        "requirements",
        "with_notes",
        "lines",
        "says",
        "tier_words",
        "surgery",
        "surgery_pages",
        "routes",
        "guarded",
    ):
        yield mutant(f"{name} removed", "emergency", lambda d, n=name: d.pop(n))
    for name in DATA["emergency"]["requirements"]:
        for key in ("when", "unless"):
            if key in DATA["emergency"]["requirements"][name]:

                def rename(data: Any, name: str = name, key: str = key) -> None:
                    written = data["requirements"][name][key]
                    group = written[0] if key == "when" else written
                    group[0] = "setting.slip"

                yield mutant(f"{name} {key} misspelled", "emergency", rename)


# -- what weakens safety: a tool's own rules and results -------------------------------------------

MUST_LEAD = {
    "next-step": (1, 2, 3, 4),
    "options": (2, 3, 4, 5, 6, 7),
    "get-ready": (1, 2, 3),
}
"""Numbers of the own rules without which a requirement is broken."""


def own_requirements() -> Iterator[Mutant]:
    """Own rules that requirements rest on: gone, last, or leading to care at home."""
    homes = {"next-step": "EARLY", "options": "KEEP_ON", "get-ready": "NO_RUSH"}
    for name, numbers in MUST_LEAD.items():
        for number in numbers:
            r = number - 1
            rule = DATA[name]["rules"][r]["name"]
            if (name, number) not in COVERED:
                yield mutant(f"{rule} removed", name, lambda d, r=r: d["rules"].pop(r))
                yield mutant(
                    f"{rule} last but one",
                    name,
                    lambda d, r=r: d["rules"].insert(-1, d["rules"].pop(r)),
                )
            if "max" in str(DATA[name]["rules"][r]["when"]) or name == "next-step":
                home = homes[name]
                yield mutant(
                    f"{rule} to {home}",
                    name,
                    lambda d, r=r, o=home: d["rules"][r].update(outcome=o),
                )
    for name in NAMES:
        for outcome, said in DATA[name]["outcomes"].items():
            if said["tier"] == "days" and (name == "next-step" or outcome == "PAIN_SOON"):
                yield mutant(
                    f"{outcome} of the tier home",
                    name,
                    lambda d, o=outcome: d["outcomes"][o].update(tier="home"),
                )


COVERED = {("next-step", 1), ("options", 2), ("options", 3), ("options", 4), ("options", 5)}
COVERED |= {("options", 6), ("options", 7)}
COVERED |= {("get-ready", number) for number in (1, 2, 3)}
"""Rules without which the next ones lead to results that meet every requirement as well."""


def routes() -> Iterator[Mutant]:
    """Each way to reach a person."""
    for name in NAMES:
        for outcome in DATA[name]["outcomes"]:
            yield mutant(
                f"{outcome} without its way to a person",
                name,
                lambda d, o=outcome: d["outcomes"][o]["links"].remove("find-a-doctor"),
            )
            yield mutant(
                f"{outcome} without links",
                name,
                lambda d, o=outcome: d["outcomes"][o].update(links=[]),
            )


def surgery_after_wrong_answers() -> Iterator[Mutant]:
    """Surgery with one condition not met, for each of them and each answer that breaks it."""
    target = {"options": "T_STENOSIS", "get-ready": "TALK"}
    for name, allowed in GUARD.surgery.items():
        asked = {**_own_questions(name)}
        for condition, answers in allowed.only_if.items():
            for option in asked[condition]["options"]:
                if option["id"] not in answers:
                    when = {c: list(a) for c, a in {**allowed.only_if, **allowed.needs}.items()}
                    when[condition] = [option["id"]]
                    rule = {"when": when, "outcome": target[name]}
                    yield mutant(
                        f"surgery after {condition} {option['id']}",
                        name,
                        lambda d, r=rule: d["rules"].insert(0, r),
                    )


def _own_questions(name: str) -> dict[str, dict[str, Any]]:
    """The questions of a tool by id, those of other tools that it uses too."""
    found = {}
    for question in questions(name):
        tool, _, asked = question.get("use", f"{name}.{question.get('id')}").partition(".")
        found[asked] = next(each for each in questions(tool) if each.get("id") == asked)
    return found


def surgery_by_another_rule() -> Iterator[Mutant]:
    """Each rule that keeps surgery away: leading to it, or gone."""
    for r, rule in enumerate(DATA["options"]["rules"]):
        if rule["outcome"].startswith("T_"):
            continue
        for outcome in ("T_STENOSIS", "T_DISC", "T_SLIP", "T_CYST"):
            yield mutant(
                f"{rule['name']} to {outcome}",
                "options",
                lambda d, r=r, o=outcome: d["rules"][r].update(outcome=o),
            )
    for number in (3, 4, 8, 9, 10, 11):
        yield mutant(f"O{number} removed", "options", lambda d, n=number: d["rules"].pop(n - 1))
    for r, rule in enumerate(DATA["get-ready"]["rules"][:9]):
        for outcome in ("TALK", "TALK_HELP"):
            yield mutant(
                f"{rule['name']} to {outcome}",
                "get-ready",
                lambda d, r=r, o=outcome: d["rules"][r].update(outcome=o),
            )
    for number in (6, 7, 8, 9):
        yield mutant(f"R{number} removed", "get-ready", lambda d, n=number: d["rules"].pop(n - 1))
    for number in (10, 11):

        def widen(data: Any, n: int = number) -> None:
            data["rules"][n - 1]["when"].pop("scan")

        yield mutant(f"R{number} whatever the scan shows", "get-ready", widen)


def surgery_on_lists_and_links() -> Iterator[Mutant]:
    """A link to an operation, or a choice of one, where there may be none."""
    for name in NAMES:
        for outcome in DATA[name]["outcomes"]:
            if not outcome.startswith(("T_", "TALK")):
                for page in GUARD.surgery_pages:
                    yield mutant(
                        f"{outcome} links to {page}",
                        name,
                        lambda d, o=outcome, p=page: d["outcomes"][o]["links"].append(p),
                    )
    for outcome in DATA["options"]["outcomes"]:
        for choice, entry in DATA["options"]["catalog"].items():
            if entry["kind"] == "surgery" and not outcome.startswith("T_"):
                yield mutant(
                    f"{outcome} offers {choice}",
                    "options",
                    lambda d, o=outcome, c=choice: d["outcomes"][o]["offer"].append(c),
                )


def lists_of_choices() -> Iterator[Mutant]:
    """Lists without other care or waiting; choices of a false kind, or told from one side."""
    for outcome in DATA["options"]["outcomes"]:
        for kind in ("care", "wait"):

            def cut(data: Any, outcome: str = outcome, kind: str = kind) -> None:
                offer = data["outcomes"][outcome]["offer"]
                offer[:] = [c for c in offer if data["catalog"][c]["kind"] != kind]

            yield mutant(f"{outcome} offers no {kind}", "options", cut)
        nothing = lambda d, o=outcome: d["outcomes"][o].pop("offer")  # noqa: E731
        yield mutant(f"{outcome} offers nothing", "options", nothing)
    for choice, entry in DATA["options"]["catalog"].items():
        for kind in ("care", "wait", "surgery"):
            if (kind == "surgery") != (entry["kind"] == "surgery"):
                yield mutant(
                    f"{choice} of the kind {kind}",
                    "options",
                    lambda d, c=choice, k=kind: d["catalog"][c].update(kind=k),
                )
        for side in ("good", "less_good"):
            yield mutant(
                f"{choice} without its {side} side",
                "options",
                lambda d, c=choice, s=side: d["catalog"][c].pop(s),
            )


def alone() -> Iterator[Mutant]:
    """Answers that stand alone, and no longer do."""
    for name in ("safety", *NAMES):
        for q, o, asked, option in options(name):
            if option.get("exclusive") and asked not in MAY_STAND_BESIDE:
                yield mutant(f"{asked} no longer alone", name, _drop(q, o, "exclusive"))


MAY_STAND_BESIDE = ("life.ask", "scan.nopress", "scan.noscan")
"""Answers that lead to no less beside another: a sign counts anyway, and no surgery is named."""


def tiers_in_own_questions() -> Iterator[Mutant]:
    """Own answers with a tier, a sign or a view, which only the first questions may have."""
    for name in NAMES:
        for q, o, asked, option in options(name):
            view = {"life": ["none"]}
            for key, value in (("tier", "today"), ("show_if", view), ("sign", "saddle")):
                if key != "sign" or "text" in option:
                    yield mutant(f"{asked} {key}", name, _set(q, o, **{key: value}))


WEAKER = (
    milder_signs,
    signs_of_lists,
    signs_out_of_view,
    first_questions_out_of_view,
    not_sure,
    first_questions,
    first_rules,
    first_conditions,
    first_results,
    missing_policy,
    own_requirements,
    routes,
    surgery_after_wrong_answers,
    surgery_by_another_rule,
    surgery_on_lists_and_links,
    lists_of_choices,
    alone,
    tiers_in_own_questions,
)


# -- any other change of logic --------------------------------------------------------------------


def logic() -> Iterator[Mutant]:
    """Rules removed, swapped, widened, narrowed, led elsewhere; notes, offers, links, answers."""
    for name in NAMES:
        yield from _rules(name)
        for q, o, asked, option in options(name):
            yield mutant(f"{asked} removed", name, _remove(q, o))
            if "note" in option:
                yield mutant(f"{asked} without its note", name, _drop(q, o, "note"))
            if option.get("exclusive"):
                yield mutant(f"{asked} no longer alone", name, _drop(q, o, "exclusive"))
            elif questions(name)[q]["type"] == "many":
                yield mutant(f"{asked} alone", name, _set(q, o, exclusive="true"))
        yield from _questions(name)
        for outcome, said in DATA[name]["outcomes"].items():
            for key in ("offer", "links"):
                for place, _ in enumerate(said.get(key, ())):
                    yield mutant(
                        f"{outcome} {key} {place + 1} removed",
                        name,
                        lambda d, o=outcome, k=key, p=place: d["outcomes"][o][k].pop(p),
                    )


def _questions(name: str) -> Iterator[Mutant]:
    """A question that asks for something else, or in another place."""
    for q, question in enumerate(questions(name)):
        if q:
            yield mutant(
                f"question {q + 1} moved up",
                name,
                lambda d, q=q: d["questions"].insert(q - 1, d["questions"].pop(q)),
            )
        if "use" in question:
            continue
        asked = question["id"]
        kind = {"one": "many", "many": "one"}[question["type"]]
        yield mutant(f"{asked} asks for the opposite", name, _opposite(q))
        for o in range(1, len(question["options"])):
            yield mutant(f"{asked}: words {o} and {o + 1} swapped", name, _swap_words(q, o))
        yield mutant(
            f"{asked} of type {kind}", name, lambda d, q=q, k=kind: d["questions"][q].update(type=k)
        )


def _opposite(q: int) -> Change:
    def change(data: Any) -> None:
        data["questions"][q]["text"] = "Is this not so: " + data["questions"][q]["text"]

    return change


def _swap_words(q: int, o: int) -> Change:
    def change(data: Any) -> None:
        one, two = data["questions"][q]["options"][o - 1 : o + 1]
        one["text"], two["text"] = two["text"], one["text"]

    return change


def _rules(name: str) -> Iterator[Mutant]:
    rules = DATA[name]["rules"]
    outcomes = list(DATA[name]["outcomes"])
    asked = {"who": questions("safety")[6], **_own_questions(name)}
    for r, rule in enumerate(rules):
        yield mutant(f"rule {r + 1} removed", name, lambda d, r=r: d["rules"].pop(r))
        if r:

            def swap(data: Any, r: int = r) -> None:
                one = data["rules"]
                one[r - 1], one[r] = one[r], one[r - 1]

            yield mutant(f"rules {r} and {r + 1} swapped", name, swap)
        for outcome in outcomes:
            if outcome != rule["outcome"]:
                yield mutant(
                    f"rule {r + 1} to {outcome}",
                    name,
                    lambda d, r=r, o=outcome: d["rules"][r].update(outcome=o),
                )
        for question_id, question in asked.items():
            yield from _condition(name, r, rule["when"], question_id, question)


def _condition(name: str, r: int, when: Any, asked: str, question: Any) -> Iterator[Mutant]:
    """One rule's condition on one question: an answer more, one less, gone, or new."""
    ids = [option["id"] for option in question["options"]]
    here = when.get(asked, [])
    for answer in ids:

        def turn(data: Any, answer: str = answer) -> None:
            now = data["rules"][r]["when"]
            answers = now.setdefault(asked, [])
            if answer in answers:
                answers.remove(answer)
            else:
                answers.append(answer)
            if not answers:
                now.pop(asked)

        more = "or" if here else "only with"
        what = "without" if answer in here else more
        yield mutant(f"rule {r + 1} {what} {asked} {answer}", name, turn)
    if len(here) > 1:
        yield mutant(
            f"rule {r + 1} without {asked}", name, lambda d: d["rules"][r]["when"].pop(asked)
        )
