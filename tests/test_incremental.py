"""Whatever an editor does, a build that keeps what it can equals one that makes all anew.

The oracle of the cache: a state machine edits a small site that has every kind of source, in any
order, and after every step builds it twice, with what is kept and without. Both trees are the same
to the byte, and both say the same.
"""

from __future__ import annotations

import io
import json
import os
import random
import shutil
import tempfile
import zlib
from contextlib import redirect_stderr, redirect_stdout
from datetime import timedelta
from pathlib import Path
from typing import Any

from conftest import PROJECT, TODAY, tree_of, write_site
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from modes import SOAK

from sitebuilder.cli.main import main
from sitebuilder.output.publish import staging_path

SEQUENCES, STEPS = (int(os.environ.get("SEQUENCES", "2000")), 30) if SOAK else (6, 20)

PAGES = ("index", "one", "two", "part/index", "part/three", "part/four", "deep/er/five")

BODIES = (
    "Plain words.\n",
    "## A heading\n\nWords with a [link](/one/) and [another](/part/three/#when-to-call).\n",
    "## When to call\n\nA [link](two.md) beside, and {fact rest} to rest.\n",
    "About a disc, and a nerve.[^book]\n\n## When to call\n\n- one\n- two\n",
    "![A dot](dot.png)\n\nA lamina. See [top](#top), [home](/) [five](/deep/er/five/).\n",
    "::: facts\n:::\n\nMore: {short rest}.\n",
    "::: glossary\n:::\n",
    "::: references\n:::\n\nA nerve.\n",
    "::: emergency When to call\nsigns: act-now\n:::\n",
    "## Twice\n\n## Twice\n\nSaid by one.[^own]\n\n[^own]: A book of our own.\n",
)
BROKEN_BODIES = ("A [broken link](/nowhere/) and a <b>tag</b>.\n", "::: facts\n\nNever closed.\n")
WORDS = (
    "And a word.",
    "## One more heading",
    "A [link into another page](/part/three/#one-more-heading).",
    "A [link](/one/#when-to-call), and [one that leads nowhere](/no-page/).",
    "A nerve, and {fact rest}.",
)
"""What is added to a page: most of it changes that page alone."""

FRONTS = (
    "title: First title",
    "title: Second title\ndescription: Said in a line.",
    "title: Third title\norder: 3\ndescription: Said.",
    "title: Reviewed title\nreview: clinical\ndescription: Said.",
    "title: A draft\ndraft: true",
    "title: Moved\nurl: /moved/\naliases: [/old/, /older/]",
    "title: Dated\ndate: 2026-11-24\nlang: de",
)
BROKEN_FRONTS = ("titel: Misspelt", 'title: "never closed')
_MILD = "checks: {broken-link: warning, broken-anchor: warning, unknown-fact: warning"
CONFIGS = (
    f"name: Some site\n{_MILD}}}\n",
    f"name: Some site\nurl: https://clinic.test/\n{_MILD}}}\n",
    f"name: Another name\nurl: https://clinic.test/below/\nnav: [one, two]\n{_MILD}}}\n",
    f"name: Some site\nguide: [one, two]\nhandout: [{{page: one}}, {{page: two}}]\n{_MILD}}}\n",
    f"name: Some site\n{_MILD}, heading: error, unused-term: off, claim: warning}}\n",
    f"name: Some site\nhelp_page: one\nfooter: [part/four]\nreview_soon: 10\n{_MILD}}}\n",
    f"name: Some site\nreview: clinical\nreading_grade: 3\n{_MILD}, reading-grade: warning}}\n",
    "name: Some site\n",
    "name: [\n",
)
_FACT = (
    "rest:\n  sentence: Rest for {0} weeks.\n  short: {0} weeks\n  grade: study\n  sources: [{1}]\n"
)
FACTS = (_FACT.format(6, "book"), _FACT.format(8, "book"), _FACT.format(8, "no-such-book"), "")
_TERM = "{0}:\n  term: {0}\n  means: {1}.\n"
GLOSSARIES = (
    _TERM.format("nerve", "A cord that carries feeling"),
    _TERM.format("nerve", "A cord that carries signals")
    + _TERM.format("lamina", "A plate of bone"),
    "",
)
TEMPLATES = {
    "page.html": (
        (
            '{% extends "base.html" %}{% block main %}<h1>{{ page.title }}</h1>{{ page.lead }}'
            "{{ page.body }}{{ page.sources }}{% endblock %}"
        ),
        (
            '{% extends "base.html" %}{% block main %}<h1>{{ page.title }}</h1>{{ page.lead }}'
            '{{ page.body }}<i>{{ page.state }}</i><img src="{{ asset("s.svg") }}" '
            'alt="">{% endblock %}'
        ),
        "{% block main %}{{ page.titel }}{% endblock %}",
    ),
    "part.html": ("<p>{{ site.name }}</p>", "<p>A partial of {{ site.name }}</p>"),
}
FIXED = {
    "templates/base.html": '<!doctype html><html lang="{{ page.lang }}"><head>'
    '<meta charset="utf-8">'
    "<title>{{ page.title }}</title></head><body>{% for item in site.nav %}"
    '<a href="{{ href(item.address) }}">{{ item.title }}</a>{% endfor %}<main>'
    "{% for link in page.guide %}{{ link.title }}{% endfor %}"
    "{% block main %}{% endblock %}</main>"
    "{% if page.previous %}{{ page.previous.title }}{% endif %}"
    "{% if page.next %}{{ page.next.title }}{% endif %}{{ page.panel.state }}"
    '{% include "part.html" %}</body></html>\n',
    "templates/listing.html": '{% extends "base.html" %}{% block main %}<h1>{{ page.title }}</h1>'
    '{% for link in page.children %}<a href="{{ href(link.address) }}">{{ link.title }}</a> '
    "{{ link.description }}{% endfor %}{% endblock %}",
    "templates/404.html": '{% extends "base.html" %}{% block main %}<h1>None</h1>{% endblock %}',
    "templates/handout.html": '{% extends "base.html" %}{% block main %}<h1>{{ page.title }}</h1>'
    "{{ page.lead }}{{ page.body }}{% endblock %}",
    "templates/redirect.html": '<!doctype html><html lang="en"><title>Moved</title>'
    '<link rel="canonical" href="{{ to.description }}"><a href="{{ to.address }}">Moved</a></html>',
    "static/s.svg": '<svg xmlns="http://www.w3.org/2000/svg"/>',
    "config.yaml": CONFIGS[0],
    "content/facts.yaml": FACTS[0],
    "content/glossary.yaml": GLOSSARIES[0],
    "content/references.yaml": "book:\n  title: A book\n  source: A shop\n  year: 2024\n"
    "  kind: study\n  read: full\n",
    "content/emergency.yaml": "signs:\n  numb:\n    tier: {everybody: 911}\n"
    "    text: You are numb\nlists:\n  act-now:\n    tier: 911\n    setting: everybody\n"
    "    groups:\n      - signs: [numb]\n",
    "content/reviewers.yaml": "reader:\n  name: Test Reviewer\n  role: Test role\n",
}


def dot(shade: int) -> bytes:
    """A picture of one grey dot."""

    def part(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data).to_bytes(4, "big")
        return len(data).to_bytes(4, "big") + kind + data + check

    head = part(b"IHDR", bytes([0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]))
    data = part(b"IDAT", zlib.compress(bytes([0, shade])))
    return b"\x89PNG\r\n\x1a\n" + head + data + part(b"IEND", b"")


def run(*arguments: str) -> tuple[int, dict[str, Any]]:
    """The exit code and the report of one build in this process."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main([*arguments, "--format", "json", "--jobs", "1"])
    return code, json.loads(out.getvalue())


class Edits(RuleBasedStateMachine):
    """A site, an editor, and two builds of everything the editor does."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="edits-"))
        self.root, self.day = self.folder / "site", TODAY
        self.flags: tuple[str, ...] = ()
        blocks = (PROJECT / "templates/blocks.html").read_text()
        write_site(self.root, {**FIXED, "templates/blocks.html": blocks})
        for name, variants in TEMPLATES.items():
            (self.root / "templates" / name).write_text(variants[0])
        self.write("content/dot.png", dot(1))
        self.public, self.clean = self.folder / "public", self.folder / "clean"

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    def write(self, path: str, data: str | bytes) -> None:
        write_site(self.root, {"config.yaml": self.config(), path: data})

    def config(self) -> str:
        path = self.root / "config.yaml"
        return path.read_text() if path.exists() else CONFIGS[0]

    def page(self, name: str) -> Path:
        return self.root / f"content/{name}.md"

    @initialize()
    def two_pages(self) -> None:
        """All that links in the bodies lead to, so that most of the builds are good."""
        for name, front, body in zip(PAGES, (*FRONTS[:4], *FRONTS[:3]), BODIES, strict=False):
            self.edit(name, front, body + "\n## When to call\n\nWords.\n")

    # -- what an editor does ----------------------------------------------------------------------

    @rule(name=st.sampled_from(PAGES), front=st.sampled_from(FRONTS), body=st.sampled_from(BODIES))
    def edit(self, name: str, front: str, body: str) -> None:
        self.write(f"content/{name}.md", f"---\n{front}\n---\n\n{body}")

    @rule(name=st.sampled_from(PAGES), bodies=st.lists(st.sampled_from(BODIES), max_size=3))
    def edit_the_body_only(self, name: str, bodies: list[str]) -> None:
        if self.page(name).exists():
            front = self.page(name).read_text().partition("\n---\n")[0]
            self.page(name).write_text(f"{front}\n---\n\n{''.join(bodies)}")

    @rule(name=st.sampled_from(PAGES), data=st.data())
    def break_and_mend(self, name: str, data: st.DataObject) -> None:
        was = self.page(name).read_bytes() if self.page(name).exists() else None
        front = data.draw(st.sampled_from((*FRONTS[:2], *BROKEN_FRONTS)))
        self.edit(name, front, data.draw(st.sampled_from(BROKEN_BODIES)))
        self.kept_equals_clean()
        if was is None:
            self.page(name).unlink()
        else:
            self.page(name).write_bytes(was)

    @rule(name=st.sampled_from(PAGES))
    def sign(self, name: str) -> None:
        page = name.removesuffix("/index")
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            main(["review", page, "--by", "reader", *self.common()])

    @rule(name=st.sampled_from(PAGES), words=st.sampled_from(WORDS))
    def add_words(self, name: str, words: str) -> None:
        if self.page(name).exists():
            with self.page(name).open("a") as stream:
                stream.write(f"\n{words}\n")

    @rule(names=st.lists(st.sampled_from(PAGES), max_size=3), words=st.sampled_from(WORDS))
    def add_the_same_words(self, names: list[str], words: str) -> None:
        for name in names:
            self.add_words(name, words)

    @rule(name=st.sampled_from(PAGES))
    def take_the_last_line(self, name: str) -> None:
        if self.page(name).exists():
            lines = self.page(name).read_text().rstrip().split("\n")
            if lines[-1] != "---":
                self.page(name).write_text("\n".join(lines[:-1]) + "\n")

    @rule(name=st.sampled_from(PAGES[3:]))
    def delete(self, name: str) -> None:
        self.page(name).unlink(missing_ok=True)

    @rule(one=st.sampled_from(PAGES[3:]), other=st.sampled_from(PAGES[3:]))
    def rename(self, one: str, other: str) -> None:
        if self.page(one).exists():
            self.page(other).parent.mkdir(parents=True, exist_ok=True)
            self.page(one).rename(self.page(other))

    @rule(text=st.sampled_from(CONFIGS))
    def configure(self, text: str) -> None:
        self.write("config.yaml", text)

    @rule(name=st.sampled_from(sorted(TEMPLATES)), at=st.integers(0, 2))
    def edit_template(self, name: str, at: int) -> None:
        self.write(f"templates/{name}", TEMPLATES[name][at % len(TEMPLATES[name])])

    @rule(text=st.sampled_from(FACTS))
    def edit_facts(self, text: str) -> None:
        self.write("content/facts.yaml", text)

    @rule(text=st.sampled_from(GLOSSARIES))
    def edit_glossary(self, text: str) -> None:
        self.write("content/glossary.yaml", text)

    @rule(path=st.sampled_from(["content/dot.png", "content/part/dot.png", "static/s.svg"]))
    def edit_asset(self, path: str) -> None:
        now = (self.root / path).read_bytes() if (self.root / path).exists() else b""
        picture = (
            dot(2)
            if path.endswith("png")
            else b"<svg xmlns='http://www.w3.org/2000/svg'><g/></svg>"
        )
        self.write(path, picture if now != picture else FIXED["static/s.svg"])

    @rule()
    def touch_everything(self) -> None:
        for path in self.root.rglob("*"):
            if path.is_file() and ".cache" not in path.parts:
                os.utime(path, (1, 1))

    # -- what else may happen ---------------------------------------------------------------------

    @rule(days=st.integers(1, 400))
    def days_pass(self, days: int) -> None:
        self.day += timedelta(days=days)

    @rule(flags=st.sampled_from([(), ("--release",), ("--url", "https://other.test/x/")]))
    def call_otherwise(self, flags: tuple[str, ...]) -> None:
        self.flags = flags

    @rule(
        seed=st.integers(0, 2**16), how=st.sampled_from(["cut", "flip", "empty", "noise", "gone"])
    )
    def spoil_what_is_kept(self, seed: int, how: str) -> None:
        chance = random.Random(seed)
        for path in sorted((self.root / ".cache").rglob("*")):
            if path.is_file() and chance.random() < 0.7:
                spoil(path, how, chance)

    @rule(which=st.sampled_from(["public", "next"]), seed=st.integers(0, 2**16))
    def lose_a_published_file(self, which: str, seed: int) -> None:
        folder = self.public if which == "public" else staging_path(self.public)
        files = sorted(p for p in folder.rglob("*.html")) if folder.exists() else []
        if files:
            random.Random(seed).choice(files).write_text("tampered")

    @rule()
    def check_between(self) -> None:
        run("check", *self.common())

    def common(self) -> list[str]:
        return ["--root", str(self.root), "--today", self.day.isoformat(), *self.flags]

    # -- the oracle -------------------------------------------------------------------------------

    @invariant()
    def kept_equals_clean(self) -> None:
        if not (self.root / "content").exists():
            return
        before = tree_of(self.public) if self.public.exists() else None
        kept = run("build", *self.common(), "--output", str(self.public))
        shutil.rmtree(self.clean, ignore_errors=True)
        clean = run("build", *self.common(), "--output", str(self.clean), "--no-cache")
        assert kept[0] == clean[0], (kept, clean)
        assert kept[1]["problems"] == clean[1]["problems"]
        assert kept[1]["pages"] == clean[1]["pages"]
        assert clean[1]["reused"] == 0
        if kept[0] == 0:
            assert tree_of(self.public) == tree_of(self.clean)
        else:
            assert (tree_of(self.public) if self.public.exists() else None) == before


def spoil(path: Path, how: str, chance: random.Random) -> None:
    """Do to a file what a crash, a bad disk or an enemy does."""
    data = bytearray(path.read_bytes())
    if how == "gone":
        path.unlink()
        return
    if how == "cut":
        data = data[: chance.randrange(len(data) + 1)]
    elif how == "flip" and data:
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    elif how == "empty":
        data = bytearray()
    elif how == "noise":
        data = bytearray(chance.randbytes(len(data)))
    path.write_bytes(data)


Edits.TestCase.settings = settings(
    max_examples=SEQUENCES,
    stateful_step_count=STEPS,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestEdits = Edits.TestCase
