"""Faults in warning signs, care cards and orders, to be planted in a copy of our site."""

from __future__ import annotations

from typing import NamedTuple

SIGNS, CONFIG = "content/emergency.yaml", "config.yaml"
HELP, AFTER = "content/when-to-get-help.md", "content/after-surgery-warning-signs.md"
SHOT, DRUGS = "content/spinal-injections.md", "content/pain-medicine.md"
HOME, WAIT = "content/index.md", "content/watch-and-wait.md"
THERAPY, RECOVERY = "content/physical-therapy.md", "content/recovery.md"
CARD_911 = "::: emergency\nsigns: everybody-911\n:::\n"
CARD_TODAY = "::: same-day\nsigns: everybody-today\n:::\n"


class Mutation(NamedTuple):
    """A fault: `old` is replaced by `new`, and `rule` has to tell it.

    `at` is text of the line that the problem has to be at, if it is not the first line of `new`:
    in `new`, or else the nearest before it, or else after it.
    """

    path: str
    old: str
    new: str
    rule: str
    at: str = ""


def sentence(path: str, text: str, rule: str = "sign-order") -> Mutation:
    """A sentence that an editor adds below the first heading."""
    return Mutation(path, "\n## ", f"\n{text}\n\n## ", rule, text.rsplit("\n", maxsplit=1)[-1])


def gone(path: str, name: str) -> Mutation:
    return Mutation(path, f"::: emergency\nsigns: {name}\n:::\n", "", "missing-card", "title: ")


PAGES = {
    # a card whose kind is not the tier of its list
    "911 signs as same-day": Mutation(
        WAIT, "signs: everybody-today", "signs: everybody-911", "card-tier", "::: same-day"
    ),
    "today's signs as 911": Mutation(
        WAIT, "signs: everybody-911", "signs: everybody-today", "card-tier", "::: emergency"
    ),
    "911 card as routine": Mutation(HOME, "::: emergency\n", "::: routine\n", "card-tier"),
    "2 or 3 days as routine": Mutation(HELP, "::: soon\n", "::: routine\n", "card-tier"),
    "today after surgery as soon": Mutation(
        AFTER,
        "::: same-day Call the team that did your surgery today for any of these:",
        "::: soon",
        "card-tier",
    ),
    "opioids 911 as watch": Mutation(DRUGS, "::: emergency\n", "::: watch\n", "card-tier"),
    # a title that lowers the tier, takes it back, or does not say it
    "next week": Mutation(
        HELP,
        "::: same-day Call your own doctor today for",
        "::: same-day Call your own doctor next week for",
        "card-tier",
    ),
    "today or next week": Mutation(
        AFTER,
        "::: same-day Call the team that did your surgery today",
        "::: same-day Call the team today or next week",
        "card-tier",
    ),
    "when you have time": Mutation(
        SHOT,
        "::: same-day Call the clinic that gave the shot today for",
        "::: same-day Call the clinic today, when you have time, for",
        "card-tier",
    ),
    "911 tomorrow": Mutation(
        HELP, "::: emergency\n", "::: emergency Call 911 tomorrow if:\n", "card-tier"
    ),
    "911 without an order": Mutation(
        AFTER,
        "::: emergency\nsigns: after",
        "::: emergency Signs to know\nsigns: after",
        "card-tier",
    ),
    "no need to call 911": Mutation(
        WAIT, "::: emergency\n", "::: emergency You do not need 911 for these:\n", "card-tier"
    ),
    "doctor at no time": Mutation(
        DRUGS,
        "::: same-day Call the doctor who ordered the opioid today for",
        "::: same-day Call the doctor who ordered the opioid for",
        "card-tier",
    ),
    "2 or 3 weeks": Mutation(
        HELP, "::: soon\n", "::: soon See a doctor in a few weeks:\n", "card-tier"
    ),
    "911 if it lasts": Mutation(
        HOME, "::: emergency\n", "::: emergency Call 911 if it lasts:\n", "card-tier"
    ),
    "a doctor for 911 signs": Mutation(
        "content/indications.md",
        "::: emergency\n",
        "::: emergency Call a doctor today for:\n",
        "card-tier",
    ),
    # a 911 card that is missing, folded away or far down
    "no card at home": gone(HOME, "everybody-911"),
    "no card on the help page": gone(HELP, "everybody-911"),
    "no card after surgery": gone(AFTER, "after-surgery-911"),
    "no card after a shot": gone(SHOT, "after-shot-911"),
    "no card on opioids": gone(DRUGS, "opioids-911"),
    "no card on a slipped disc": gone("content/herniated-disc.md", "everybody-911"),
    "no card on a narrow canal": gone("content/spinal-stenosis.md", "everybody-911"),
    "no card on watching": gone(WAIT, "everybody-911"),
    "no card on reasons": gone("content/indications.md", "everybody-911"),
    "911 folded away": Mutation(
        HOME, CARD_911, f"::: more Signs\n{CARD_911}:::\n", "missing-card", "::: emergency"
    ),
    "today folded away": Mutation(
        WAIT, CARD_TODAY, f"::: more Signs\n{CARD_TODAY}:::\n", "missing-card", "::: same-day"
    ),
    "911 far down": Mutation(
        HELP,
        f"{CARD_911}\nOne sign is enough.",
        f"One.\n\n## A\n\n## B\n\n{CARD_911}\nTwo.",
        "missing-card",
        "::: emergency",
    ),
    "another list instead": Mutation(
        SHOT, "signs: after-shot-911", "signs: everybody-911", "missing-card", "title: "
    ),
    "signs by hand": Mutation(
        HELP, "signs: everybody-today", "- a swollen calf", "loose-signs", "::: same-day"
    ),
    "no such list": Mutation(
        HELP, "signs: everybody-days", "signs: everybody-dayz", "unknown-sign"
    ),
    # words of an editor in a card
    "a line in a 911 card": Mutation(
        HELP,
        CARD_911,
        CARD_911[:-4] + "\nMost of these can wait.\n:::\n",
        "card-tier",
        "Most of these",
    ),
    "a line in a today card": Mutation(
        AFTER,
        "signs: after-surgery-today\n",
        "signs: after-surgery-today\n\n- or call next week\n",
        "card-tier",
        "- or call",
    ),
    "a sign in a routine card": Mutation(
        HELP, "- you want to know what your scan says", "- you have chest pain", "sign-order"
    ),
    # another number
    "112": sentence(HOME, "In an emergency, call 112.", "emergency-number"),
    "999": sentence(SHOT, "Dial 999 for help.", "emergency-number"),
    "9-1-1": sentence(AFTER, "Then call 9-1-1 at once.", "emergency-number"),
    "nine one one": sentence(DRUGS, "Then call nine one one.", "emergency-number"),
    "a slip": sentence(RECOVERY, "If in doubt, call 991 right away.", "emergency-number"),
    "a link": sentence(THERAPY, "You can [call for help](tel:112).", "emergency-number"),
    "needs 999": sentence(WAIT, "This needs 999.", "emergency-number"),
    "999 signs": sentence("content/risks.md", "See the 999 signs first.", "emergency-number"),
    # another order for a sign
    "no pee: a doctor": sentence(HOME, "If you cannot pee, call your doctor."),
    "no pee: in the next sentence": sentence(
        WAIT, "You cannot pee at all? Then call your doctor today."
    ),
    "chest pain: a visit": sentence(THERAPY, "Chest pain can be told at your next visit."),
    "numb saddle: today": sentence(SHOT, "Call a doctor today if you get numb between the legs."),
    "weak after surgery: today": sentence(
        RECOVERY, "After surgery, call your team today if a leg gets weak."
    ),
    "weak after surgery, by its page": sentence(AFTER, "If a foot drags, call your team today."),
    "weak: a visit": sentence(WAIT, "Say it at your next visit if a leg is weak."),
    "weak: 911": sentence("content/candidacy.md", "If a foot drags, call 911."),
    "worse: days": sentence(THERAPY, "If weakness gets worse, see a doctor in 2 or 3 days."),
    "a clot: days": sentence("content/risks.md", "For a sore calf, see a doctor this week."),
    "a list under an order": sentence(
        "content/fusion.md", "Call your doctor in office hours for:\n\n- chest pain"
    ),
    "under a heading": Mutation(
        "content/fusion.md",
        "\n## ",
        "\n## Tell it at your next visit\n\n- you cannot pee\n\n## ",
        "sign-order",
        "- you cannot pee",
    ),
    "taken back": sentence(HOME, "Do not call 911 for chest pain."),
    "no need": sentence(DRUGS, "For most people there is no need to call 911."),
    "softened": sentence(HELP, "Call 911 if it lasts until the morning."),
    "it can wait": sentence(AFTER, "Call the team today, but it can wait."),
    "a 911 sign: a doctor": Mutation(
        "content/fusion.md",
        "Not sure about a 911 sign? Call 911.",
        "Not sure about a 911 sign? Call your doctor.",
        "sign-order",
    ),
    "a 911 sign: today": Mutation(
        "content/open-laminectomy.md",
        "Not sure about a 911 sign? Call 911.",
        "Not sure about a 911 sign? Call today.",
        "sign-order",
    ),
    "another sign: a visit": Mutation(
        "content/microdiscectomy.md",
        "Not sure about another sign? Call today.",
        "Not sure about another sign? Say it at your next visit.",
        "sign-order",
    ),
    "drive yourself": Mutation(
        AFTER,
        "Call 911 now. Do not drive yourself.",
        "Drive yourself to the hospital.",
        "sign-order",
    ),
    "wait to see": Mutation(
        HELP,
        "Do not wait to see if it passes.",
        "Wait to see if it passes.",
        "sign-order",
        "Wait to",
    ),
    "911 later": Mutation(
        "content/indications.md", "Call 911 now.", "Call 911 later.", "sign-order"
    ),
    "a heading that can wait": Mutation(
        "content/herniated-disc.md",
        "## Signs that need 911",
        "## Signs that can wait",
        "card-tier",
    ),
    "a heading for a visit": Mutation(
        HELP,
        "## Call today: before surgery, or with no surgery",
        "## Tell it at your next visit",
        "card-tier",
    ),
    "urgent care": sentence("content/procedure.md", "For chest pain, go to urgent care."),
    "hurt yourself: a visit": sentence(
        "content/find-a-doctor.md", "If you might hurt yourself, tell your doctor."
    ),
}

DATA = {
    "taken from one list": Mutation(
        SIGNS,
        "signs: [saddle, pee, leak]",
        "signs: [saddle, leak]",
        "missing-sign",
        "  everybody-911:",
    ),
    "taken from the list after a shot": Mutation(
        SIGNS,
        "signs: [germs, needle, cancer, bones, scar]",
        "signs: [germs, needle, bones, scar]",
        "missing-sign",
        "  after-shot-today:",
    ),
    "on the list of another tier": Mutation(
        SIGNS,
        "signs: [numb, walk, known, old]",
        "signs: [numb, walk, known, old, both]",
        "unknown-sign",
    ),
    "twice on a list": Mutation(
        SIGNS,
        "signs: [saddle, pee, leak]",
        "signs: [saddle, pee, leak, pee]",
        "unknown-sign",
    ),
    "misspelt": Mutation(
        SIGNS,
        "signs: [belly, aorta, gut, crash]",
        "signs: [belly, aorta, gut, crush]",
        "unknown-sign",
    ),
    "a list is gone": Mutation(
        SIGNS,
        "  opioids-today:\n    tier: today\n    setting: opioids\n    groups:\n"
        "      - signs: [sleepier, bowel]\n",
        "",
        "missing-sign",
        "lists:",
    ),
    "a group is gone": Mutation(
        SIGNS,
        '      - title: "Belly, back and bones"\n        signs: [belly, aorta, gut, crash]\n',
        "",
        "missing-sign",
        "  everybody-911:",
    ),
    "a list of another tier": Mutation(
        SIGNS,
        "  everybody-911:\n    tier: 911",
        "  everybody-911:\n    tier: today",
        "unknown-sign",
        "signs: [saddle, pee, leak]",
    ),
    "on no list": Mutation(
        SIGNS,
        "signs:\n  breath:",
        "signs:\n  new:\n    tier: 911\n    text: A new sign\n  breath:",
        "missing-sign",
        "  everybody-911:",
    ),
    "milder after surgery": Mutation(
        SIGNS,
        "tier: {everybody: today, after-surgery: 911, after-shot: 911}",
        "tier: {everybody: today, after-surgery: today, after-shot: 911}",
        "unknown-sign",
        "signs: [weak, worse, both]",
    ),
    "you feel fine": Mutation(
        SIGNS,
        'or coughing up blood"',
        'or coughing up blood, and you feel fine"',
        "weak-sign",
        "  breath:",
    ),
    "it can wait": Mutation(
        SIGNS, 'too weak to stand"', 'too weak to stand, but it can wait"', "weak-sign", "  ill:"
    ),
    "not a sign": Mutation(
        SIGNS, 'text: "A stiff neck', 'text: "Not a stiff neck', "weak-sign", "  stiff:"
    ),
    "unless": Mutation(
        SIGNS,
        "and you passed out, almost",
        "unless you passed out, almost",
        "weak-sign",
        "  belly:",
    ),
    "a group that can wait": Mutation(
        SIGNS,
        'title: "Wound and pain"',
        'title: "These can wait"',
        "weak-sign",
        "  after-surgery-911:",
    ),
    "a group at a visit": Mutation(
        SIGNS,
        'title: "Wound and pain"',
        'title: "Tell your doctor"',
        "weak-sign",
        "  after-surgery-911:",
    ),
    "weakness for fewer people": Mutation(
        SIGNS,
        "      signs: [weak]\n      settings: [after-surgery, after-shot]",
        "      signs: [weak]\n      settings: [after-surgery]",
        "missing-sign",
        "weakness:",
    ),
    "two orders in one line": Mutation(
        SIGNS,
        "      signs: [both, worse]\n      settings: [every",
        "      signs: [both, weak]\n      settings: [every",
        "missing-sign",
        "weakness:",
    ),
}

SITE = {
    "handout without today's list": Mutation(
        CONFIG,
        "[call-your-surgery-team-today-day-or-night, ",
        "[",
        "missing-card",
        "page: handout\n    lists",
    ),
    "help page without the rule": Mutation(
        CONFIG,
        "  - page: when-to-get-help\n    lists: [everybody-911]\n",
        "",
        "missing-card",
        "help_page:",
    ),
    "no such page": Mutation(
        CONFIG,
        "  - page: watch-and-wait\n    lists:",
        "  - page: watch-and-weight\n    lists:",
        "unknown-page",
    ),
    "no words of orders": Mutation(SIGNS, "\norders:\n", "\nneedles:\n", "unknown-field"),
    "a source that is not there": Mutation(
        SIGNS, "sources: [nhsaaa]", "sources: [nhsaab]", "unknown-reference", "  belly:"
    ),
}
