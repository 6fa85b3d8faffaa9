"""Every change of the tools' data that a slip could make, one at a time, made from the data itself.

A mutant is its name and the files as plain data, one of them changed.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

from tool_kit import DATA, GUARD, KNOWN, NAMES, Data

Mutant = tuple[str, str, Data]
"""What was done, the name of the changed file, all files."""

Change = Callable[..., object]
"""Of the data of a file. Lambdas keep the names of their loops as more, given arguments."""


def mutant(what: str, name: str, change: Change) -> Mutant:
    data = {**DATA, name: copy.deepcopy(DATA[name])}
    change(data[name])
    return f"{name}: {what}", name, data


def questions(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = DATA[name]["questions"]
    return found


def options(name: str) -> Iterator[tuple[int, int, dict[str, Any]]]:
    for q, question in enumerate(questions(name)):
        for o, option in enumerate(question["options"]):
            yield q, o, option


def _set(q: int, o: int, **values: Any) -> Change:
    def change(data: Any) -> None:
        data["questions"][q]["options"][o].update(values)

    return change


def _drop(q: int, o: int, key: str) -> Change:
    return lambda data: data["questions"][q]["options"][o].pop(key)


def _remove(q: int, o: int) -> Change:
    return lambda data: data["questions"][q]["options"].pop(o)


# -- what weakens safety --------------------------------------------------------------------------


def signs_and_gates() -> Iterator[Mutant]:
    """Signs and other answers of the first questions: gone, downgraded, misplaced, renamed."""
    for q, o, option in options("safety"):
        asked = f"{questions('safety')[q]['id']}.{option['id']}"
        if "flag" in option or "stop" in option or option["id"] == "none":
            yield mutant(f"{asked} removed", "safety", _remove(q, o))
        if "exclusive" in option:
            yield mutant(f"{asked} no longer alone", "safety", _drop(q, o, "exclusive"))
        if "text" in option:
            yield mutant(f"{asked} other words", "safety", _set(q, o, text="Maybe"))
            yield mutant(f"{asked} other id", "safety", _set(q, o, id="other"))
        if "flag" in option:
            other = {"emergency": "urgent", "urgent": "emergency"}[option["flag"]]
            yield mutant(f"{asked} flag dropped", "safety", _drop(q, o, "flag"))
            yield mutant(f"{asked} flag {other}", "safety", _set(q, o, flag=other))
            yield mutant(f"{asked} becomes own words", "safety", _own_words(q, o))


def other_signs_and_stops() -> Iterator[Mutant]:
    """Signs that stand for other ones; stops dropped, or leading elsewhere."""
    for q, o, option in options("safety"):
        asked = f"{questions('safety')[q]['id']}.{option['id']}"
        if "sign" in option:
            for sign in [s for s in KNOWN.signs if s != option["sign"]][::7]:
                yield mutant(f"{asked} sign {sign}", "safety", _set(q, o, sign=sign))
        if "stop" in option:
            yield mutant(f"{asked} stop dropped", "safety", _drop(q, o, "stop"))
            for stop in ("YOUNG", "PREGNANT", "RECENTOP"):
                if stop != option["stop"]:
                    yield mutant(f"{asked} stop {stop}", "safety", _set(q, o, stop=stop))


def _own_words(q: int, o: int) -> Change:
    def change(data: Any) -> None:
        option = data["questions"][q]["options"][o]
        option.pop("sign", None)
        option["text"] = "Something else"

    return change


def order_and_questions() -> Iterator[Mutant]:
    """The first questions: swapped, moved to the end, gone, of another type; a new way on."""
    count = len(questions("safety"))
    for q in range(count):
        asked = questions("safety")[q]["id"]
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
        kind = {"one": "many", "many": "one"}[questions("safety")[q]["type"]]
        yield mutant(
            f"{asked} of type {kind}",
            "safety",
            lambda d, q=q, k=kind: d["questions"][q].update(type=k),
        )
        yield mutant(
            f"{asked} has a way on",
            "safety",
            lambda d, q=q: d["questions"][q]["options"].insert(0, {"id": "skip", "text": "Skip"}),
        )
        yield mutant(f"{asked} renamed", "safety", lambda d, q=q: d["questions"][q].update(id="x"))
    for name in NAMES:
        yield mutant("safety part left out", name, lambda d: d.pop("include"))

        def back(data: Any) -> None:
            data["questions"].insert(0, copy.deepcopy(DATA["safety"]["questions"][0]))

        yield mutant("asks the signs again", name, back)


def results_of_gates() -> Iterator[Mutant]:
    """What EMERGENCY, URGENT and the stops say and how they are shown."""
    for name, outcome in DATA["safety"]["outcomes"].items():

        def at(change: Change, name: str = name) -> Change:
            return lambda data: change(data["outcomes"][name])

        yield mutant(f"{name} removed", "safety", lambda d, n=name: d["outcomes"].pop(n))
        yield mutant(f"{name} title", "safety", at(lambda o: o.update(title="Some advice")))
        level = at(lambda o: o.update(level="info"))
        yield mutant(f"{name} level", "safety", level)
        for word in ("911", "today", "call", "doctor"):
            if word in outcome["title"].lower():
                cut = "".join(outcome["title"].lower().split(word))
                yield mutant(
                    f"{name} title without '{word}'",
                    "safety",
                    at(lambda o, c=cut: o.update(title=c)),
                )
        for line in NEEDED[name]:
            (place,) = [i for i, said in enumerate(outcome["body"]) if line in said]
            yield mutant(
                f"{name} without line {place + 1}",
                "safety",
                at(lambda o, p=place: o["body"].pop(p)),
            )
        negated = "Do not " + outcome["title"][0].lower() + outcome["title"][1:]
        yield mutant(f"{name} negated", "safety", at(lambda o, n=negated: o.update(title=n)))
    for name in ("EMERGENCY", "URGENT"):
        for page in ("find-a-doctor", "procedure", "care-without-surgery"):
            yield mutant(
                f"{name} links to {page}",
                "safety",
                lambda d, n=name, p=page: d["outcomes"][n]["links"].append(p),
            )


NEEDED = {
    "EMERGENCY": ("right away", "Do not drive", "not sure"),
    "URGENT": ("by a doctor today", "emergency room", "Call 911"),
    "YOUNG": ("Call your doctor", "Call 911"),
    "PREGNANT": ("Call your doctor", "Call 911"),
    "RECENTOP": ("phone number", "Call 911"),
}


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


SAID = (
    "You need surgery.",
    "You should have this operation.",
    "You are a good candidate.",
    "You are not a candidate.",
    "You have spinal stenosis.",
    "You may have a pinched nerve.",
    "This is guaranteed to work.",
    "It will cure you.",
    "Live pain-free.",
    "It is risk free.",
    "See the best surgeon.",
    "Book now.",
    "There is nothing to worry about.",
    "This is not an emergency.",
    "You do not need a doctor.",
    "See if you qualify.",
)


def places(data: Any) -> Iterator[tuple[str, list[Any]]]:
    """Every text of a file: a name, and the keys that lead to it. Signs have theirs elsewhere."""

    def walk(node: Any, keys: list[Any]) -> Iterator[tuple[str, list[Any]]]:
        if isinstance(node, str):
            if {"text", "help", "title", "disclaimer", "body", "good", "less_good"} & set(keys):
                yield " ".join(map(str, keys)), keys
        else:
            for key, inside in node.items() if isinstance(node, dict) else enumerate(node or ()):
                if not isinstance(inside, bool):
                    yield from walk(inside, [*keys, key])

    yield from walk(data, [])


def guarded_words() -> Iterator[Mutant]:
    """A guarded phrase at the end of every text, each phrase in many places."""
    turn = 0
    for name in ("safety", *NAMES):
        for where, keys in places(DATA[name]):
            phrase = SAID[turn % len(SAID)]
            turn += 1

            def change(data: Any, keys: list[Any] = keys, phrase: str = phrase) -> None:
                for key in keys[:-1]:
                    data = data[key]
                data[keys[-1]] = f"{data[keys[-1]].rstrip('.?')}. {phrase}"

            yield mutant(f"{where} says '{phrase}'", name, change)


def surgery_after_wrong_answers() -> Iterator[Mutant]:
    """Surgery with one condition not met, for each of them and each answer that breaks it."""
    target = {"options": "T_STENOSIS", "get-ready": "TALK"}
    for name, allowed in GUARD.surgery.items():
        asked = {question["id"]: question for question in questions(name)}
        for condition, answers in allowed.only_if.items():
            for option in asked[condition]["options"]:
                if option["id"] not in answers:
                    when = {c: list(a) for c, a in allowed.only_if.items()}
                    when[condition] = [option["id"]]
                    rule = {"when": when, "outcome": target[name]}
                    yield mutant(
                        f"surgery after {condition} {option['id']}",
                        name,
                        lambda d, r=rule: d["rules"].insert(0, r),
                    )


def surgery_by_another_rule() -> Iterator[Mutant]:
    """Each rule that keeps surgery away: gone, or leading to it."""
    for r, rule in enumerate(DATA["options"]["rules"]):
        if rule["outcome"].startswith("T_"):
            continue
        for outcome in ("T_STENOSIS", "T_DISC", "T_SLIP", "T_CYST"):
            yield mutant(
                f"rule {r + 1} to {outcome}",
                "options",
                lambda d, r=r, o=outcome: d["rules"][r].update(outcome=o),
            )
        # without the first two, the last rule takes over, which offers no surgery
        if rule["when"] and r > 1:
            yield mutant(f"rule {r + 1} removed", "options", lambda d, r=r: d["rules"].pop(r))
    for r in range(7):
        for outcome in ("TALK", "TALK_MORE"):
            yield mutant(
                f"rule {r + 1} to {outcome}",
                "get-ready",
                lambda d, r=r, o=outcome: d["rules"][r].update(outcome=o),
            )
        if r != 3:  # without the fourth, others follow that let nobody with an infection pass
            yield mutant(f"rule {r + 1} removed", "get-ready", lambda d, r=r: d["rules"].pop(r))


def surgery_on_lists_and_links() -> Iterator[Mutant]:
    """A link to an operation, or a choice of one, where there may be none."""
    for name in NAMES:
        for outcome in DATA[name]["outcomes"]:
            if not outcome.startswith(("T_", "TALK")) or outcome == "TALK_SOON":
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
    for name in NAMES:
        for q, o, option in options(name):
            if option.get("exclusive"):
                asked = f"{questions(name)[q]['id']}.{option['id']}"
                yield mutant(f"{asked} no longer alone", name, _drop(q, o, "exclusive"))


def levels_and_flags() -> Iterator[Mutant]:
    """Results of a tool's own that look like an emergency, and flags and stops in its questions."""
    for name in NAMES:
        for outcome in DATA[name]["outcomes"]:
            for level in ("emergency", "urgent"):
                yield mutant(
                    f"{outcome} level {level}",
                    name,
                    lambda d, o=outcome, v=level: d["outcomes"][o].update(level=v),
                )
        for q, o, option in options(name):
            for key, value in (("flag", "urgent"), ("stop", "YOUNG")):
                asked = f"{questions(name)[q]['id']}.{option['id']}"
                yield mutant(f"{asked} {key}", name, _set(q, o, **{key: value}))


WEAKER = (
    signs_and_gates,
    other_signs_and_stops,
    order_and_questions,
    results_of_gates,
    routes,
    guarded_words,
    surgery_after_wrong_answers,
    surgery_by_another_rule,
    surgery_on_lists_and_links,
    lists_of_choices,
    alone,
    levels_and_flags,
)


# -- any other change of logic --------------------------------------------------------------------


def logic() -> Iterator[Mutant]:
    """Rules removed, swapped, widened, narrowed, led elsewhere; notes, offers, links, answers."""
    for name in NAMES:
        yield from _rules(name)
        for q, o, option in options(name):
            asked = f"{questions(name)[q]['id']}.{option['id']}"
            yield mutant(f"{asked} removed", name, _remove(q, o))
            if "note" in option:
                yield mutant(f"{asked} without its note", name, _drop(q, o, "note"))
                notes = list(DATA[name]["notes"])
                other = notes[notes.index(option["note"]) - 1]
                yield mutant(f"{asked} note {other}", name, _set(q, o, note=other))
            if not option.get("exclusive") and questions(name)[q]["type"] == "many":
                yield mutant(f"{asked} alone", name, _set(q, o, exclusive=True))
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
        asked = question["id"]
        kind = {"one": "many", "many": "one"}[question["type"]]
        yield mutant(f"{asked} asks for the opposite", name, _opposite(q))
        for o in range(1, len(question["options"])):
            yield mutant(f"{asked}: words {o} and {o + 1} swapped", name, _swap_words(q, o))
        yield mutant(
            f"{question['id']} of type {kind}",
            name,
            lambda d, q=q, k=kind: d["questions"][q].update(type=k),
        )
        if q:
            yield mutant(
                f"{question['id']} moved up",
                name,
                lambda d, q=q: d["questions"].insert(q - 1, d["questions"].pop(q)),
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
        for question in questions(name):
            yield from _condition(name, r, rule["when"], question)


def _condition(name: str, r: int, when: Any, question: Any) -> Iterator[Mutant]:
    """One rule's condition on one question: an answer more, one less, gone, or new."""
    asked = question["id"]
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
