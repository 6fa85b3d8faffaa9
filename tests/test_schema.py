"""Fields, config and front matter: every mistake told at once, at its line, and how to mend it."""

from __future__ import annotations

from datetime import date

import pytest
from conftest import PROJECT

from sitebuilder.content import schema
from sitebuilder.content.config_file import parse_config
from sitebuilder.content.page_file import parse_page
from sitebuilder.content.schema import FieldSpec
from sitebuilder.content.yaml import parse_yaml
from sitebuilder.core.config import Config, NavItem, is_url
from sitebuilder.core.model import File, Page
from sitebuilder.core.problems import RULES, Problem

READERS = {
    "text": schema.text,
    "maybe": schema.optional_text,
    "number": schema.integer,
    "flag": schema.boolean,
    "date": schema.date,
    "lang": schema.language_tag,
    "word": schema.one_of("clinical", "none"),
    "numbers": schema.list_of(schema.integer),
}
TABLE = {name: FieldSpec(reader, "a thing") for name, reader in READERS.items()}


def read(text: str) -> tuple[dict[str, object], list[Problem]]:
    node, _ = parse_yaml(text, "x.md")
    values, _, problems = schema.parse_fields(node, TABLE, "x.md", "page")
    return values, problems


def config(text: str, url: str | None = None) -> tuple[Config, list[Problem]]:
    return parse_config(File("config.yaml", "", "", text.encode()), url)


def page(text: str | bytes, path: str = "content/a.md") -> tuple[Page, list[Problem]]:
    data = text.encode() if isinstance(text, str) else text
    return parse_page(File(path, "", "", data), Config("Some site"))


def places(problems: list[Problem]) -> list[str]:
    assert all(p.hint for p in problems)
    return [f"{p.line} {p.rule}" for p in problems]


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("text: ' a b '", "a b"),
        ("text: no", "no"),
        ("maybe:", ""),
        ("number: -20", -20),
        ("number: 010", 10),
        ("flag: true", True),
        ("flag: false", False),
        ("date: 2024-02-29", date(2024, 2, 29)),
        ("lang: no", "no"),
        ("lang: pt-BR", "pt-BR"),
        ("word: none", "none"),
        ("numbers: 7", (7,)),
        ("numbers: [1, 2]", (1, 2)),
        ("numbers:", ()),
        ("numbers: []", ()),
    ],
)
def test_readers_take_what_is_right(line: str, value: object) -> None:
    assert read(line) == ({line.partition(":")[0]: value}, [])


@pytest.mark.parametrize(
    "line",
    [
        "text:",
        "text: ~",
        "text: '  '",
        "text: [a]",
        "text: {a: b}",
        'text: "a\\nb"',
        'maybe: "a\\tb"',
        "maybe: [a]",
        "number: 1.5",
        "number: 12345",
        "number: ٣",
        "number: 1e3",
        "number:",
        "flag: yes",
        "flag: True",
        "flag:",
        "date: 2024-02-30",
        "date: 2024-2-3",
        "date: 20240203",
        "date: 2024-01-01T23:30:00-10:00",
        "date: \uff12\uff10\uff12\uff14-01-01",
        "date: 0000-01-01",
        "lang: english language",
        "lang: en_GB",
        "lang: 'en\" onload=\"x'",
        "lang: é",
        "word: Clinical",
        "word: nobody",
        "numbers: [1, two]",
        "numbers: {a: 1}",
    ],
)
def test_readers_refuse_what_is_wrong(line: str) -> None:
    values, problems = read(line)
    assert values == {}
    assert places(problems) == ["1 bad-value"]


def test_all_mistakes_of_a_file_are_told_at_once_and_the_rest_is_read() -> None:
    values, problems = read(
        "number: x\nflag: y\nlangg: en\ntext: fine\ndate: z\nnumbers: [a, 1, b]"
    )
    assert values == {"text": "fine"}
    assert places(problems) == [
        "1 bad-value",
        "2 bad-value",
        "3 unknown-field",
        "5 bad-value",
        "6 bad-value",
        "6 bad-value",
    ]
    assert "Did you mean 'lang'?" in problems[2].hint
    assert problems[4].column != problems[5].column


def test_an_unknown_name_without_a_likeness_gets_the_list() -> None:
    assert "text, maybe, number" in read("xyzzy: 1")[1][0].hint
    assert "Did you mean 'clinical'?" in read("word: clinicl")[1][0].hint


@pytest.mark.parametrize("text", ["- a\n- b", "just words", "'quoted'"])
def test_what_is_not_fields_at_all_is_said(text: str) -> None:
    assert places(read(text)[1]) == ["1 bad-value"]


# -- config ---------------------------------------------------------------------------------------


def test_a_name_is_enough() -> None:
    assert config("name: Some site\n") == (Config("Some site", lines={"name": 1}), [])


def test_no_config_and_an_empty_one_are_told() -> None:
    assert [p.rule for p in parse_config(None)[1]] == ["missing-field"]
    assert [p.rule for p in config("")[1]] == ["missing-field"]
    assert [p.rule for p in config("nam: x")[1]] == ["unknown-field"]


@pytest.mark.parametrize(
    "url",
    ["https://x.org", "https://x.org/", "http://x.org:8000/a/b", "https://x.org/Repo_1/~me/v1.0/"],
)
def test_addresses_of_sites(url: str) -> None:
    made, problems = config(f"name: x\nurl: {url}")
    assert problems == []
    assert made.url == url.rstrip("/") + "/"
    assert made.base.startswith("/")
    assert made.base.endswith("/")


@pytest.mark.parametrize(
    "url",
    "x.org //x.org ftp://x.org https:// https://x.org/?a https://x.org/#a https://u:p@x.org/ "
    "https://x.org/a//b https://x.org/../a https://x.org/a<b javascript:alert(1)".split(),
)
def test_what_cannot_be_the_address_of_a_site(url: str) -> None:
    assert not is_url(url)
    assert places(config(f"name: x\nurl: '{url}'")[1]) == ["2 bad-value"]


def test_an_address_on_the_command_line_stands_over_the_one_in_config() -> None:
    assert config("name: x\nurl: https://a.org/", "https://b.org/c")[0].base == "/c/"
    assert config("name: x\nurl: https://a.org/", "")[0].url == ""


@pytest.mark.parametrize(
    "output",
    "/ . .. ../x a/../b content static/x Templates .git a//b C:\\x \\\\x sitebuilder/x".split(),
)
def test_an_output_folder_that_would_cost_something_is_refused(output: str) -> None:
    made, problems = config(f"name: x\noutput: '{output}'")
    assert places(problems) == ["2 bad-value"]
    assert made.output == "public"


def test_an_output_folder_inside_the_project_is_taken() -> None:
    assert config("name: x\noutput: build\\site/")[0].output == "build/site"


def test_menus_take_page_ids_with_or_without_a_label() -> None:
    text = "name: x\nnav:\n  - recovery\n  - page: a/b\n    label: Short\nguide: index\nfooter:\n"
    made, problems = config(text)
    assert problems == []
    assert made.nav == (NavItem("recovery", "", 3), NavItem("a/b", "Short", 4))
    assert made.guide == (NavItem("index", "", 6),)
    assert made.footer == ()


def test_each_wrong_entry_of_a_menu_is_told() -> None:
    text = "name: x\nnav:\n  - label: only\n  - [a]\n  - page: b\n    icon: c\n  - fine\n"
    assert places(config(text)[1]) == ["3 bad-value", "4 bad-value", "5 bad-value"]


def test_contacts_may_be_empty_but_not_the_number_for_emergencies() -> None:
    assert config("name: x\nclinic:\n  phone:\n  email:\n")[1] == []
    assert config("name: x\nclinic:\n")[1] == []
    assert places(config("name: x\nemergency_number:\n")[1]) == ["2 bad-value"]
    assert config("name: x\nemergency_number:\n")[0].emergency_number == "911"
    assert config("name: x\nemergency_number: 112")[0].emergency_number == "112"


def test_contacts_are_checked_each() -> None:
    text = "name: x\nclinic:\n  phone: call us\n  email: a@b\n  after_hours: 1\n  fax: 2\n"
    assert places(config(text)[1]) == [
        "3 bad-value",
        "4 bad-value",
        "5 bad-value",
        "6 unknown-field",
    ]


@pytest.mark.parametrize("part", ["clinic", "checks"])
@pytest.mark.parametrize("value", ["word", "[a]"])
def test_parts_of_config_are_fields(part: str, value: str) -> None:
    assert [p.rule for p in config(f"name: x\n{part}: {value}")[1]] == ["bad-value"]


@pytest.mark.parametrize("rule", RULES)
def test_what_config_may_say_of_each_rule(rule: str) -> None:
    off, warning = (config(f"name: x\nchecks:\n  {rule}: {w}") for w in ("off", "warning"))
    if RULES[rule].fixed:
        assert places(off[1]) == places(warning[1]) == ["3 bad-value"]
        assert off[0].checks == warning[0].checks == {}
    elif RULES[rule].locked:
        assert places(off[1]) == ["3 bad-value"]
        assert warning == (
            Config("x", checks={rule: "warning"}, lines={"name": 1, "checks": 2}),
            [],
        )
    else:
        assert off[0].checks == {rule: "off"}
        assert off[1] == warning[1] == []


def test_rules_that_keep_script_and_secrets_out_cannot_be_switched_off() -> None:
    must = {"raw-html", "link-scheme", "remote-image", "file-type", "link-on-disk", "encoding"}
    assert all(RULES[rule].locked or RULES[rule].fixed for rule in must)
    assert all(RULES[rule].fixed for rule in ("unsigned", "placeholder-url", "output", "address"))


def test_the_projects_own_config_is_right() -> None:
    assert config((PROJECT / "config.yaml").read_text())[1] == []
