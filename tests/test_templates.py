"""A designer's mistake is told with the template and its line; a template reaches only values."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from conftest import HANGS, PROJECT, MakeSite, build, page_of, without_data
from jinja2 import TemplateRuntimeError

from sitebuilder.build.pipeline import Build
from sitebuilder.core.problems import Problem
from sitebuilder.render.templates import make_environment

OURS = {f"templates/{p.name}": p.read_text() for p in (PROJECT / "templates").iterdir()}
PAGE = "---\ntitle: T\ndescription: D.\ntemplate: mine\n---\nWords.\n"
SITE = {
    "config.yaml": "name: S\nurl: https://x.org/\n",
    "content/index.md": PAGE,
    "templates/mine.html": OURS["templates/page.html"],
    **OURS,
}


def built(make_site: MakeSite, **templates: str) -> Build:
    changed = {f"templates/{name}.html": text for name, text in templates.items()}
    return build(make_site({**SITE, **changed}))


def wrong(make_site: MakeSite, **templates: str) -> list[Problem]:
    problems = built(make_site, **templates).problems
    assert all(p.rule == "template" and p.severity == "error" and p.hint for p in problems)
    return list(problems)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('{% extends "base.html" %}\n\n{% block main %}{{ pag.title }}{% endblock %}', 3, "'pag'"),
        ('{% extends "base.html" %}\n{% block mian %}x{% endblock %}', 2, "'mian'"),
        ('\n{% extends "bsae.html" %}', 2, "'bsae.html'"),
        ('{% extends "mine.html" %}', 1, "itself"),
        ('x\n{% include "mine.html" %}', 2, "itself"),
        ('x\n{% include "nothing.html" %}', 2, "'nothing.html'"),
        ("x\n\n{% if page %}", 3, ""),
        ("x\n{{ page.title", 2, ""),
        ("x\n{{ page.title | shout }}", 2, "shout"),
    ],
)
def test_a_mistake_that_can_be_read_is_told_once_with_its_line(
    make_site: MakeSite, text: str, line: int, words: str
) -> None:
    (found,) = wrong(make_site, mine=text)
    assert (found.path, found.line) == ("templates/mine.html", line)
    assert words in found.message


BASE = '{% extends "base.html" %}\n{% block main %}<h1>x</h1>\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{{ page.titel }}", "page has no 'titel'"),
        ("{{ site.clinic.fone }}", "clinic has no 'fone'"),
        ("{{ site.nav[0].title }}", "no element 0"),
        ('{{ asset("nothing.svg") }}', "static/nothing.svg"),
        ('{{ inline("nothing.css") }}', "static/inline/nothing.css"),
        ("{{ page.title.__class__ }}", "unsafe"),
        ("{{ ''.__class__.__mro__[1].__subclasses__() }}", "unsafe"),
        ("{{ page.__init__.__globals__ }}", "unsafe"),
    ],
)
def test_a_mistake_that_shows_on_a_page_is_told_with_its_line(
    make_site: MakeSite, text: str, words: str
) -> None:
    made = built(make_site, mine=f"{BASE}{text}\n{{% endblock %}}")
    assert {(p.path, p.line, p.rule) for p in made.problems} == {
        ("templates/mine.html", 3, "template")
    }
    assert words in made.problems[0].message


def test_mistakes_in_several_templates_are_told_at_once(make_site: MakeSite) -> None:
    found = wrong(make_site, mine="{{ a }}\n{{ b }}", listing="\n{% block", base="{{ c | d }}")
    places = {(p.path, p.line) for p in found}
    assert places >= {
        ("templates/base.html", 1),
        ("templates/listing.html", 2),
        ("templates/mine.html", 1),
        ("templates/mine.html", 2),
    }


@pytest.mark.parametrize("name", ["mine", "base", "redirect", "blocks"])
@pytest.mark.parametrize(
    "data", [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"<p>\xff</p>", b"\0" * 99, b"\n"]
)
def test_a_template_that_is_no_text_is_told_once_and_nothing_is_said_of_what_follows(
    make_site: MakeSite, name: str, data: bytes
) -> None:
    (found,) = build(make_site({**SITE, f"templates/{name}.html": data})).problems
    assert (found.path, found.line) == (f"templates/{name}.html", 1)
    assert found.rule == ("encoding" if data.strip() else "template")


def test_mistakes_beside_a_template_that_is_no_text_are_told_too(make_site: MakeSite) -> None:
    mistakes = {"templates/base.html": b"\xff", "templates/404.html": b"{{ nothing }}"}
    found = build(make_site({**SITE, **mistakes})).problems
    assert [(p.path, p.rule) for p in found] == [
        ("templates/404.html", "template"),
        ("templates/base.html", "encoding"),
    ]


def test_a_frame_with_a_mistake_is_not_said_to_be_missing(make_site: MakeSite) -> None:
    (found,) = wrong(make_site, base="<p>{% if page %}")
    assert found.path == "templates/base.html"


def test_templates_that_include_each_other_are_told(make_site: MakeSite) -> None:
    found = wrong(make_site, mine='{% include "one.html" %}', one='{% include "mine.html" %}')
    assert {p.path for p in found} <= {"templates/mine.html", "templates/one.html"}
    assert found


def test_a_template_cannot_ask_for_the_time_or_for_files(make_site: MakeSite) -> None:
    found = wrong(make_site, mine="{{ now() }}\n{{ open('/etc/passwd') }}\n{{ cycler }}")
    assert [p.line for p in found] == [1, 2, 3]


@pytest.mark.parametrize("value", ["{{ 7 * 7 }}", "{% raw %}", "{{ site.clinic }}", "{# note #}"])
def test_template_code_in_words_is_shown_as_it_stands(make_site: MakeSite, value: str) -> None:
    text = f"---\ntitle: 'T {value}'\ndescription: '{value}'\n---\n\nA {value} B\n\n`{value}`\n"
    made = build(make_site({"content/index.md": text, "config.yaml": SITE["config.yaml"]}))
    assert {p.rule for p in made.problems} <= {"stray-markup"}
    html = page_of(made, "index.html")
    assert f"<h1>T {value}</h1>" in html
    assert f"A {value} B" in html
    assert f'content="{value}"' in html
    assert "49" not in html.partition("<main")[2]


def test_markup_in_titles_is_shown_and_never_run(make_site: MakeSite) -> None:
    evil = "</title><script>alert(1)</script>"
    page = f"---\ntitle: '{evil}'\ndescription: '\"><script>'\n---\n## <3 & \"x\"\n\n## B\n\n## C\n"
    config = f"name: 'S {evil}'\nurl: https://x.org/\nnav:\n  - page: a/b\n    label: '{evil}'\n"
    made = build(make_site({"config.yaml": config, "content/a/b.md": page}))
    assert [p.rule for p in made.problems] == []
    for path in ("index.html", "a/index.html", "a/b/index.html", "404.html"):
        html = page_of(made, path)
        assert "<script" not in without_data(html)
        assert "&lt;script&gt;alert(1)" in html


@pytest.mark.parametrize("name", ["nothing", "../base", "/etc/passwd", "page.html"])
def test_a_page_that_names_no_template_is_told_at_its_line(make_site: MakeSite, name: str) -> None:
    text = f"---\ntitle: U\ndescription: D.\ntemplate: {name}\n---\n"
    (found,) = build(make_site({**SITE, "content/a.md": text})).problems
    assert (found.rule, found.path, found.line) == ("unknown-template", "content/a.md", 4)


def test_a_sites_own_template_is_used(make_site: MakeSite) -> None:
    text = "---\ntitle: U\ndescription: D.\ntemplate: wide\n---\nWords.\n"
    root = make_site(
        {**SITE, "content/a.md": text, "templates/wide.html": f"{BASE}W{{% endblock %}}"}
    )
    made = build(root)
    assert made.problems == ()
    assert "<h1>x</h1>\nW" in page_of(made, "a/index.html")


def test_the_projects_own_templates_are_without_fault(make_site: MakeSite, tmp_path: Path) -> None:
    assert wrong(make_site) == []


ENDLESS = {
    "macros": "{% macro f(x) %}{% if x %}{{ f(x-1) }}{{ f(x-1) }}{% endif %}{% endmacro %}"
    "{{ f(40) }}",
    "loops": "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
    "loops that are written out": "{% for a in '0123456789' %}" * 8 + "{% endfor %}" * 8,
    "range": "{{ range(10**9) | list }}",
    "text times": "{{ 'a' * 2000000000 }}",
    "list times": "{% set x = [1] * 2000000000 %}",
    "power": "{{ 9 ** 999999999 }}",
    "square": "{% set n = namespace(a=9) %}{% for i in range(50) %}"
    "{% set n.a = n.a * n.a %}{% endfor %}",
    "percent": "{{ '%1000000000d' % 1 }}",
    "format": "{{ '{:1000000000}'.format(1) }}",
    "format filter": "{{ '%1000000000d' | format(1) }}",
    "center": "{{ 'a'.center(1000000000) }}",
    "joined": "{% set n = namespace(a='aa') %}{% for i in range(50) %}"
    "{% set n.a = n.a ~ n.a %}{% endfor %}",
    "added": "{% set n = namespace(a='aa') %}{% for i in range(50) %}"
    "{% set n.a = n.a + n.a %}{% endfor %}",
    "set": "{% set n = namespace(a='aa') %}{% for i in range(50) %}"
    "{% set n.a %}{{ n.a }}{{ n.a }}{% endset %}{% endfor %}",
    "replaced": "{% set n = namespace(a='aa') %}{% for i in range(50) %}"
    "{% set n.a = n.a | replace('a', n.a) %}{% endfor %}",
    "join": "{% set n = namespace(a='aaaaaaaa') %}{% for i in range(9) %}{% set n.a = n.a ~ n.a %}"
    "{% endfor %}{{ range(99999) | join(n.a) }}",
    "itself": "{{ self.main() }}",
    "macro": "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
}


@pytest.mark.parametrize("name", ENDLESS)
def test_a_template_without_end_is_stopped(make_site: MakeSite, name: str) -> None:
    start = time.process_time()
    made = built(make_site, mine=f"{BASE}{ENDLESS[name]}{{% endblock %}}")
    (found,) = made.problems
    assert (found.path, found.line, found.rule) == ("templates/mine.html", 3, "template")
    assert found.message
    assert time.process_time() - start < HANGS  # a second


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{{ [1, 2] | random }}", "there is no filter 'random'"),
        ("{{ '' | attr('__class__') }}", "there is no filter 'attr'"),
        ("{{ {'a onload=x': '1'} | xmlattr }}", "there is no filter 'xmlattr'"),
        ("{% import '../x.html' as x %}", "there is no template '../x.html'"),
        ("{% include '/etc/passwd' %}", "there is no template '/etc/passwd'"),
        ("{% include page.title %}", "not written out"),
        ("{% include ['a.html', 'b.html'] %}", "not written out"),
        ("{{ " + "9" * 5000 + " }}", "too many digits"),
        ("{{ loop.index }}", "'loop' is undefined"),
        ("{{ page.title }}{{ page.title.__class__ }}", "is unsafe"),
        ("{{ page.title }}{{ page.__class__ }}", "is unsafe"),
        ("{{ page.crumbs }}{{ page.crumbs.__add__ }}", "is unsafe"),
        ("{{ page.title }}{{ page.title.encode }}", "is unsafe"),
    ],
)
def test_what_a_template_may_not_do_is_told(make_site: MakeSite, text: str, words: str) -> None:
    made = built(make_site, mine=f"{BASE}{text}{{% endblock %}}")
    (found,) = made.problems
    assert found.path == "templates/mine.html"
    assert words in found.message


def test_templates_that_extend_each_other_are_told(make_site: MakeSite) -> None:
    found = wrong(make_site, mine='{% extends "one.html" %}', one='{% extends "mine.html" %}')
    assert found


def test_what_a_template_may_reach_hangs_on_the_kind_of_the_value() -> None:
    """The answer is kept, by type and name: one that was safe elsewhere must not open the rest."""
    environment = make_environment({})

    class Open:
        append = update = format = mro = "open"

    for name in ("append", "update", "format"):
        assert environment.is_safe_attribute(Open(), name, None)
    assert environment.is_safe_attribute(Open(), "mro", None)
    for _ in range(2):
        assert not environment.is_safe_attribute([], "append", None)
        assert not environment.is_safe_attribute({}, "update", None)
        assert not environment.is_safe_attribute("", "format", None)
        assert not environment.is_safe_attribute(Open, "mro", None)
        assert not environment.is_safe_attribute(Open(), "__class__", None)
        assert environment.is_safe_attribute({}, "items", None)


def test_functions_of_the_renderer_take_their_steps_too() -> None:
    sandbox = make_environment({"a.html": "{% for n in ns %}{{ f(n) }}{% endfor %}"})
    sandbox.add_functions({"f": str})
    sandbox.remaining_steps = 22
    assert sandbox.get_template("a.html").render(ns=[1, 2]) == "12"
    assert sandbox.remaining_steps == 0
    sandbox.remaining_steps = 21
    with pytest.raises(TemplateRuntimeError, match="never come to an end"):
        sandbox.get_template("a.html").render(ns=[1, 2])
