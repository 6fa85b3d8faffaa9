"""What editors bring from other programs: read as they mean it, or told at its line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import PROJECT, MakeSite, build, page_of
from test_markdown import FIRST, html, made

from sitebuilder.content.comments import remove_comments
from sitebuilder.core.languages import is_rtl
from sitebuilder.core.problems import ADVICE, Problem

CONFIG = "name: Clinic\nurl: https://clinic.org/guide/\n"
HOME = "---\ntitle: Home\ndescription: About home.\n---\nHello.\n"


def page(body: str, front: str = "") -> str:
    return f"---\ntitle: A page\ndescription: About it.\n{front}---\n{body}\n"


def told(make_site: MakeSite, **files: str | bytes) -> list[Problem]:
    """Problems, but advice, of a site with these files in content/."""
    content = {f"content/{name.replace('__', '/')}": text for name, text in files.items()}
    site = make_site({"config.yaml": CONFIG, "content/index.md": HOME, **content})
    problems = build(site).problems
    return [p for p in problems if p.severity != ADVICE and p.rule != "page-title"]


# -- forms of other programs ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "> [!WARNING]",
        "> [!NOTE] Take care",
        "!!! note",
        '??? tip "Fold"',
        "[TOC]",
        "[[recovery]]",
        "See [[recovery|the page]].",
        "{{< youtube x >}}",
        "{{ site.title }}",
        "{% include x.html %}",
        "It hurts :smile:",
        "A note^[at the foot].",
        "%% a remark %%",
        "$$ x^2 $$",
        "\u2022 a card",
        "\u25cf a card",
        "a) one\nb) two",
        "(1) one\n(2) two",
        "i. one\nii. two",
    ],
)
def test_a_form_that_has_no_effect_is_told_at_its_line(line: str) -> None:
    problems = made(f"First.\n\n{line}\n")[1]
    assert [p.line - FIRST for p in problems][:1] == [2]
    assert problems[0].hint


@pytest.mark.parametrize(
    "line",
    [
        "From 10:30:00 to 11:00.",
        "a:b:c and https://x.org:80/a:b:",
        "HLA-B*27",
        "See [1] and [sic].",
        "A. Smith wrote this.",
        "Call (800) 555-0100.",
        "Why??? Because.",
        "An aside \u2013 so to say \u2013 here.",
        "word\n\u2013 an aside \u2013 goes on",
        "Ask a) or b).",
        "`{{ x }}` and `[[y]]`",
        "```\n!!! note\n{% x %}\n```",
        "[words][TOC]\n\n[TOC]: https://x.org/",
        "All *.pdf files, and (*.md).",
        'Names end in "ret_", or (end_).',
    ],
)
def test_ordinary_text_is_left_in_peace(line: str) -> None:
    assert made(f"First.\n\n{line}\n")[1] == []


# -- comments -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ("A <!-- x --> b.", "A  b."),
        ("<!-- x -->\nText", "\nText"),
        ("<!-- [a](nowhere.md) <b>x</b> [^9]\n\n{fact x}\n-->\nText", "\n\n\n\nText"),
        ("- a\n<!--\n- b\n-->\n- c", "- a\n\n\n\n- c"),
        ("Text <!-- a\nb --> more", "Text\nmore"),
        ("`<!-- x -->` stays", "`<!-- x -->` stays"),
        ("```\n<!-- x -->\n```", "```\n<!-- x -->\n```"),
        ("    <!-- x -->", "    <!-- x -->"),
        ("\\<!-- x -->", "\\<!-- x -->"),
        ("a  <!-- x -->\nb", "a\nb"),
        ("<!-- a --> b <!-- c -->", "b"),
    ],
)
def test_a_comment_leaves_nothing_behind(body: str, shown: str) -> None:
    assert remove_comments(body, "x.md", 1) == (shown, [])


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("Text\n\n<!-- never closed\n\nTake two tablets.", 3),
        ("Text <!-- not closed\n\nin its paragraph -->", 1),
        ("<!-- a <!-- b --> c -->", 1),
        ("<!-- a\n\n<!-- b\n-->", 3),
        ("One\n\nTwo <!--", 3),
    ],
)
def test_a_comment_without_its_end_is_told(body: str, line: int) -> None:
    assert [(p.rule, p.line) for p in remove_comments(body, "x.md", 1)[1]] == [("meaning", line)]


# -- links ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("link", "words"),
    [
        ("[a](http:// www.nhs.uk)", "space"),
        ("[a](https://www .nhs.uk/x)", "space"),
        ("[a](https://example.com:80a/)", "no browser can open"),
        ("[a](https://x.org:99999/)", "no browser can open"),
        ("[a](https://doi.org|10.1136/bmj)", "cannot be the name"),
        ("[a](https://a..b.com/)", "cannot be the name"),
        ("[a](https://intranet/x)", "cannot be the name"),
        ("[a](http://)", "names no site"),
        ("[a](http:///x)", "names no site"),
        ("[a](https://[site]/x)", "no browser can open"),
        ("<https://www .nhs.uk>", "space"),
        ("[a](mailto:)", "no e-mail address"),
        ("[a](mailto:help@@x)", "no e-mail address"),
        ("[a](mailto:help@x)", "no e-mail address"),
        ("[a](tel:)", "no number"),
        ("[a](tel:call us)", "no number"),
        ("[a](tel:12)", "no number"),
        ("[a](sms:123)", "of the kind 'sms:'"),
        ("[a]()", "leads nowhere"),
        ("[a](<>)", "leads nowhere"),
        ("![a]()", "no file"),
        ("[](q.md)", "no words"),
        ("[a](http://localhost:8000/q/)", "your own computer"),
        ("[a](http://127.0.0.1:8000/guide/q/)", "your own computer"),
        ("[a](http://[::1]:80/)", "your own computer"),
        ("[a](http://192.168.0.9/q/)", "your own computer"),
        ("[a](file:///srv/q.md)", "of the kind 'file:'"),
        ("[a](https://clinic.org/guide/nowhere/)", "no page or file"),
    ],
)
def test_a_target_that_leads_nowhere_is_told(make_site: MakeSite, link: str, words: str) -> None:
    problems = told(make_site, **{"q.md": page("Q."), "p.md": page(f"Words.\n\n{link}")})
    assert [p.line for p in problems] == [7], problems
    assert words in problems[0].message
    assert problems[0].hint


@pytest.mark.parametrize(
    "link",
    [
        "[a](mailto:help@example.org?subject=A%20question)",
        "[a](tel:+1 555 010 0100)",
        "[a](tel:911)",
        "[a](tel:555-010-0100;ext=12)",
        "[a](https://ex\u00e4mple.com/\u00fc)",
        "[a](https://example.com:8080/x?y=1#z)",
        "[a](https://clinic.org/guide/q/)",
        "[a](https://clinic.org/other/)",
        "[a](q.md?x=1)",
        "[a](r.pdf#page=2)",
    ],
)
def test_a_target_that_can_be_opened_is_left_in_peace(make_site: MakeSite, link: str) -> None:
    files: dict[str, str | bytes] = {
        "q.md": page("Q."),
        "p.md": page(f"{link} [r](r.pdf)"),
        "r.pdf": PDF,
    }
    assert told(make_site, **files) == []


PDF: bytes = (
    (PROJECT / "tests/data/small.pdf").read_bytes()
    if (PROJECT / "tests/data/small.pdf").exists()
    else b"%PDF-1.4\n%%EOF\n"
)


def test_the_fragment_of_a_document_is_kept(make_site: MakeSite) -> None:
    site = make_site(
        {
            "config.yaml": CONFIG,
            "content/index.md": page("[a](r.pdf#page=2) [b](r.pdf?x=1)"),
            "content/r.pdf": PDF,
        }
    )
    shown = page_of(build(site), "index.html")
    assert 'r.pdf#page=2"' in shown.replace(shown[shown.find("r.") + 1 : shown.find(".pdf")], "")
    assert '?x=1"' in shown


@pytest.mark.parametrize(
    ("folder", "typed", "meant"),
    [
        ("", "photo.png", "Photo.PNG"),
        ("", "Q.md", "q.md"),
        ("", "q.html", "q.md"),
        ("", "q/", "q.md"),
        ("", "/q/index.html", "q.md"),
        ("", "content/q.md", "q.md"),
        ("", "qq-page.md", "qq-page-two.md"),
        ("es/", "q.md", "../q.md"),
        ("es/", "/q.html", "../q.md"),
        ("es/", "es/x.md", "x.md"),
        ("", "x.md", "es/x.md"),
        ("", "old-name.md", "q.md"),
        ("", "help@clinic.org", "mailto:help@clinic.org"),
        ("", "www.nhs.uk", "https://www.nhs.uk"),
        ("", "555-010-0100", "tel:555-010-0100"),
    ],
)
def test_the_right_name_is_offered_from_where_the_page_is(
    make_site: MakeSite, folder: str, typed: str, meant: str
) -> None:
    files: dict[str, str | bytes] = {
        "q.md": page("Q. ![p](Photo.PNG)", "aliases: /old-name/\n"),
        "qq-page-two.md": page("Two.").replace("A page", "Two"),
        "es/x.md": page("X.").replace("A page", "X"),
        "Photo.PNG": PNG,
        f"{folder}p.md": page(f"[a]({typed})").replace("A page", "P"),
    }
    links = [p for p in told(make_site, **files) if p.rule == "broken-link"]
    assert len(links) == 1
    assert f"{meant}" in links[0].hint.replace("'", "")
    assert f"'{typed}'?" not in links[0].hint


PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63f8cfc0f0"
    "1f0005050102cf7cfbc80000000049454e44ae426082"
)


def test_a_renamed_file_is_one_mistake(make_site: MakeSite) -> None:
    pages = {f"p{n}.md": page("[a](risks.md)").replace("A page", f"P{n}") for n in range(9)}
    problems = told(make_site, **{"risks-of-it.md": page("R."), **pages})
    assert [(p.path, p.line) for p in problems if p.rule == "broken-link"] == [("content/p0.md", 5)]
    assert "risks-of-it.md" in problems[0].hint
    assert "content/p8.md:5" in problems[0].hint


def test_links_lead_back_from_a_source_in_the_order_of_the_page() -> None:
    table = "| x | y |\n|---|---|\n| b[^b] | c[^a] |"
    body = f"A.[^a]\n\n{table}\n\n- d[^b]\n- e[^a]\n\n[^a]: One.\n[^b]: Two.\n"
    shown = html(body)
    for name in "ab":
        places = [
            shown.index(f'id="fnref{n}:{name}"') for n in ("", 2, *((3,) if name == "a" else ()))
        ]
        assert places == sorted(places)


# -- titles ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "meant"),
    [
        ("*Lamina* and nerve", "Lamina"),
        ("**After** surgery", "After"),
        ("`code` in a title", "code"),
        ("VR&amp;E", "&"),
        ("A [link](x.md)", "link"),
        ("Words {#id}", ""),
        ("<b>Bold</b>", ""),
    ],
)
def test_markup_in_a_title_is_told_at_its_line(make_site: MakeSite, title: str, meant: str) -> None:
    text = f"---\ndescription: About it.\ntitle: {json.dumps(title)}\n---\nWords.\n"
    problems = told(make_site, **{"p.md": text})
    assert [(p.rule, p.line) for p in problems] == [("meaning", 3)], problems
    assert meant in problems[0].hint


@pytest.mark.parametrize(
    "title", ["Q & A", "5*3", "HLA-B*27", "a_b_c", "R&D; more", "x < y", "A <B>"]
)
def test_an_ordinary_title_is_the_same_everywhere(make_site: MakeSite, title: str) -> None:
    text = f"---\ndescription: About it.\ntitle: {json.dumps(title)}\n---\nWords.\n"
    assert told(make_site, **{"p.md": text}) == []


@pytest.mark.parametrize(
    ("front", "line"),
    [
        ("title:After surgery\ndescription: About it.\norder: 3", 2),
        ("title: A\ndescription:About it.\norder: 3", 3),
        ("title: A\ndescription: About it.\norder:3", 4),
        ('title:"A"\ndescription: About it.', 2),
        ("title: A\ndescription: About it.\nabout:\n  kind:condition\n  name: Words", 5),
    ],
)
def test_a_missing_space_is_one_problem(make_site: MakeSite, front: str, line: int) -> None:
    problems = told(make_site, **{"p.md": f"---\n{front}\n---\nWords.\n"})
    assert [(p.rule, p.line) for p in problems] == [("yaml", line)], problems


# -- files ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "p.md~",
        "#p.md#",
        "4913",
        "Thumbs.db",
        "desktop.ini",
        ".DS_Store",
        "~$p.docx",
        "p.md.swp",
        "x.tmp",
    ],
)
def test_what_programs_leave_is_left_alone(make_site: MakeSite, name: str) -> None:
    site = make_site({"config.yaml": CONFIG, "content/index.md": HOME, f"content/{name}": "x"})
    made_site = build(site)
    assert made_site.problems == ()
    assert not any(name.lower().strip("~#$") in o.path for o in made_site.outputs)


@pytest.mark.parametrize("name", ["notes.txt", "patients.csv", "x.json", "a/b.txt"])
def test_a_file_that_no_page_links_to_is_told(make_site: MakeSite, name: str) -> None:
    files = {"config.yaml": CONFIG, "content/index.md": HOME, f"content/{name}": "[]"}
    problems = build(make_site(files)).problems
    assert [(p.rule, p.path, p.severity) for p in problems] == [
        ("unlinked-file", f"content/{name}", "error")
    ]
    files["config.yaml"] += f'publish: ["{name[:-2]}*"]\n'
    assert build(make_site(files)).problems == ()


def test_a_page_that_nothing_leads_to_is_advice(make_site: MakeSite) -> None:
    files = {"config.yaml": CONFIG, "content/index.md": HOME, "content/p.md": page("P.")}
    problems = build(make_site({**files, "config.yaml": CONFIG + "nav: [index]\n"})).problems
    assert [(p.rule, p.path) for p in problems] == [("orphan-page", "content/p.md")]


@pytest.mark.parametrize(
    "line",
    [
        "TODO: check the dose.",
        "Call [PHONE NUMBER].",
        "Call [YOUR NAME].",
        "Lorem ipsum dolor.",
        "About XX in 100 people.",
        "FIXME",
        "The dose is ??? a day.",
        "[insert the date here]",
        "Say the main message in one or two short sentences.",
    ],
)
def test_a_placeholder_is_told_where_it_stands(line: str) -> None:
    assert [(p.rule, p.line - FIRST) for p in made(f"Words.\n\n{line}\n")[1]] == [
        ("placeholder", 2)
    ]


@pytest.mark.parametrize(
    "line", ["What to do", "A to-do list", "[MRI](q.md)", "`TODO`", "Really??", "Louis XX", "[A]"]
)
def test_ordinary_words_are_no_placeholders(line: str) -> None:
    assert "placeholder" not in {p.rule for p in made(f"{line}\n")[1]}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("nerve:\n  means: 'TODO'\n", 2),
        ("nerve:\n  # TODO: ask the surgeon\n  means: 'XXX of the back'\n", 3),
        ("nerve:\n  means: 'Lorem ipsum dolor.' # TBD\n", 2),
    ],
)
def test_a_placeholder_in_a_data_file_is_told_at_its_line(
    make_site: MakeSite, text: str, line: int
) -> None:
    problems = [p for p in told(make_site, **{"glossary.yaml": text}) if p.rule == "placeholder"]
    assert [(p.path, p.line) for p in problems] == [("content/glossary.yaml", line)]
    fine = text.split(":", maxsplit=1)[0] + ":\n  means: 'A cord.'  # TODO: ask\n  # XXX\n"
    fine_problems = told(make_site, **{"glossary.yaml": fine})
    assert "placeholder" not in {p.rule for p in fine_problems}


def test_a_picture_is_never_taken_for_a_page(make_site: MakeSite) -> None:
    (found,) = told(make_site, **{"walk.md": page("![A walk](walk.png)")})
    assert "walk.md" not in found.hint


def test_a_page_without_text_is_told(make_site: MakeSite) -> None:
    assert [p.rule for p in told(make_site, **{"p.md": page("")})] == ["empty-page"]


# -- languages ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tag", "rtl"),
    [("ar", True), ("he-IL", True), ("fa", True), ("ur", True), ("en", False), ("es-MX", False),
     ("az-Arab", True), ("ar-Latn", False), ("uz-arab-af", True), ("zh-Hans", False)],
)  # fmt: skip
def test_the_direction_follows_the_language(tag: str, rtl: bool) -> None:  # noqa: FBT001
    assert is_rtl(tag) is rtl


@pytest.mark.parametrize(("lang", "mark"), [("ar", ' dir="ltr"'), ("es", "")])
def test_words_of_templates_are_marked_on_pages_in_other_languages(
    make_site: MakeSite, lang: str, mark: str
) -> None:
    body = "::: key-facts\n- uno\n- dos\n:::"
    files = {"config.yaml": CONFIG, "content/index.md": HOME}
    site = make_site({**files, "content/p.md": page(body, f"lang: {lang}\n")})
    made_site = build(site)
    shown = page_of(made_site, "p/index.html")
    assert f'<html lang="{lang}"' in shown
    assert ('dir="rtl">' in shown) == (lang == "ar")
    for words in ("Skip to main content", "Key facts", "Home"):
        assert f'<span lang="en"{mark}>{words}</span>' in shown
    assert '<span lang="en"' not in page_of(made_site, "index.html")


def test_new_pages_are_told_until_they_are_written(make_site: MakeSite, tmp_path: Path) -> None:
    from sitebuilder.cli.new_page import create_page

    site = make_site({"config.yaml": CONFIG, "content/index.md": HOME})
    path = site / create_page(site, "later", "")
    path.write_text(path.read_text().replace("draft: true\n", ""))
    rules = [p.rule for p in build(site).problems if p.severity != ADVICE]
    assert rules
    assert set(rules) == {"placeholder"}


# -- a page as other programs have them -----------------------------------------------------------

OTHERS = """\
Get up and walk soon.
What to bring:
* Your list
* Your glasses
  * in their case
1) One
2) Two
 ## Heading with a space before

Heading by line
---------------

| Day | Do |
|-----|----|
| 1   | walk |
## Right below the table

- [ ] Ask about pills
- [x] Ask about food

> [!WARNING]
> Call if it hurts.

Read [[recovery]] and [recovery](Recovery.md) and [weeks](recovery.md#first-week).
Go to [our page](https://clinic.org/guide/recovry/) or <https://clinic.org/guide/recovery/>.
Look at [this](http://127.0.0.1:8000/recovery/) and [that](file:///C:/doc.md).
A [link](javascript:alert(1)) and [mail](mailto:) and [tel](tel:).
![](walk.png) and [empty]().

See www.clinic.org and ask info@clinic.org.
H~2~O and ==marked== and ~~struck~~ and :smile: and a footnote^[here].
{% include note.html %} and {{ page.title }}

<div class="note">A box</div>



Some text after.
"""


TOLD = [
    (18, "stray-markup"),  # [ ]
    (19, "stray-markup"),  # [x]
    (21, "stray-markup"),  # [!WARNING]
    (24, "stray-markup"),  # [[recovery]]
    (24, "broken-link"),  # Recovery.md
    (24, "broken-anchor"),  # #first-week
    (25, "broken-link"),  # an address of our own that is none
    (26, "broken-link"),  # the preview
    (26, "link-scheme"),  # file:
    (27, "link-scheme"),  # javascript:
    (27, "broken-link"),  # mailto:
    (27, "broken-link"),  # tel:
    (28, "broken-link"),  # walk.png
    (28, "broken-link"),  # nothing
    (31, "stray-markup"),  # ~ and ==
    (31, "meaning"),  # ~~
    (31, "stray-markup"),  # :smile:
    (31, "stray-markup"),  # ^[here]
    (32, "stray-markup"),  # {% %}
    (32, "stray-markup"),  # {{ }}
    (34, "raw-html"),
]


def test_a_page_of_another_program_comes_out_right_or_is_told_line_by_line(
    make_site: MakeSite,
) -> None:
    """Lists, headings and tables as GitHub reads them; what it cannot be is told, all at once."""
    other = page("## First weeks\n\nWords.", front="")
    found = told(make_site, **{"walk.md": page(OTHERS), "recovery.md": other})
    assert [(p.line - 4, p.rule) for p in found] == TOLD
    # read as they were meant
    shown = html(OTHERS.split("- [ ]", maxsplit=1)[0])
    assert shown.count("<ul>") == 2
    assert "<ol" in shown
    assert shown.count("<h2") == 3
    assert "<td>walk</td>" in shown
    assert "<td>Right below" not in shown
