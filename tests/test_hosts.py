"""The built site on real nginx and Caddy, with the settings that `build.py host` prints."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import brotli
import hosts
import pytest
from conftest import PROJECT, build, write_site
from hosts import Host
from modes import SOAK
from needs import need

from sitebuilder.build.pipeline import Build
from sitebuilder.core.model import Output
from sitebuilder.output import headers as table
from sitebuilder.output import hosts as forms
from sitebuilder.output.precompress import precompress_outputs
from sitebuilder.output.publish import publish

pytestmark = pytest.mark.process

FORMS = {"nginx": forms.nginx_config, "caddy": forms.caddy_config}
STARTED = {"nginx": hosts.nginx, "caddy": hosts.caddy}


DOT = bytes.fromhex("47494638396101000100800000ffffff0000002c00000000010001000002024401003b")
"""A picture of one point."""

SMALL: dict[str, str | bytes] = {
    "config.yaml": "name: Some site\nurl: https://www.spine.org{base}\ncompress: true\n",
    "content/index.md": "---\ntitle: Home\n---\n[On](recovery.md) ![x](pictures/dot.gif)\n"
    + "More. " * 99,
    "content/recovery.md": "---\ntitle: Recovery\naliases: [/heal/, /alt/weg/]\n---\n"
    + "Words. " * 99,
    "content/guide/straße/deep.md": "---\ntitle: Deep\n---\n[Home](../../index.md)\n",
    "content/pictures/dot.gif": DOT,
}


class Site:
    """A site with an old address, a picture and a nested page, or `built`, in `public`."""

    def __init__(self, root: Path, base: str, built: Build | None = None) -> None:
        self.root, self.base, self.public = root, base, root / "public"
        files = {k: v.format(base=base) if isinstance(v, str) else v for k, v in SMALL.items()}
        self.build = built or build(write_site(root, files))
        assert [p for p in self.build.problems if p.severity == "error"] == []
        self.headers = self.build.headers
        outputs: Sequence[Output] = self.build.outputs
        if self.build.site.config.compress:
            outputs = precompress_outputs(outputs, root / "kept")
        publish(outputs, self.public, root)
        self.drawing = base + next(self.public.glob("*.svg")).name


@pytest.fixture(scope="module", params=["/", "/sub/"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Site:
    return Site(tmp_path_factory.mktemp("hosted") / "site", request.param)


@contextmanager
def hosted(name: str, site: Site, folder: Path) -> Iterator[Host]:
    need(name)
    form = FORMS[name](site.build.site, site.headers, str(site.public))
    with STARTED[name](form, folder) as running:
        yield running


@pytest.fixture(scope="module", params=["nginx", "caddy"])
def host(
    request: pytest.FixtureRequest, site: Site, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Host]:
    with hosted(request.param, site, tmp_path_factory.mktemp("host") / "h") as running:
        yield running


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, ours: Build) -> Site:
    """The project's own site."""
    return Site(tmp_path_factory.mktemp("whole"), "/", ours)


def wrong_headers(got: hosts.Answer, wanted: Mapping[str, str]) -> list[str]:
    return [
        f"{name}: {got.headers.get(name.lower())!r}, not {value!r}"
        for name, value in wanted.items()
        if got.headers.get(name.lower()) != value
    ]


def test_every_kind_of_answer_has_all_headers(host: Host, site: Site) -> None:
    base = site.base
    kept = host.ask(base)
    since = {"If_Modified_Since": kept.headers["last-modified"]}
    answers = {
        "page": (host.ask(base), 200, "x.html"),
        "head": (host.ask(f"{base}recovery/", "HEAD"), 200, "x.html"),
        "deep page": (host.ask(f"{base}guide/stra%C3%9Fe/deep/"), 200, "x.html"),
        "picture": (host.ask(f"{base}pictures/dot.gif"), 200, "x.gif"),
        "drawing": (host.ask(site.drawing), 200, site.drawing),
        "text": (host.ask(f"{base}robots.txt"), 200, "robots.txt"),
        "sitemap": (host.ask(f"{base}sitemap.xml"), 200, "sitemap.xml"),
        "range": (host.ask(f"{base}pictures/dot.gif", Range="bytes=0-5"), 206, "x.gif"),
        "alias": (host.ask(f"{base}heal/"), 301, "x.html"),
        "unchanged": (host.ask(base, If_None_Match=kept.headers["etag"]), 304, "x.html"),
        "unchanged since": (host.ask(base, **since), 304, "x.html"),
        "nowhere": (host.ask(f"{base}no/such/deep/page"), 404, "x.html"),
        "no drawing": (host.ask(f"{base}no/such.0123456789.svg"), 404, "x.html"),
        "no file": (host.ask(f"{base}no/such.txt"), 404, "x.html"),
        "hidden": (host.ask(f"{base}.sitebuilder.json"), 404, "x.html"),
        "folder without a page": (host.ask(f"{base}pictures/"), 404, "x.html"),
    }
    if base != "/":
        answers["without its slash"] = (host.ask(base[:-1]), 301, "x.html")
    found = []
    for what, (got, status, like) in answers.items():
        if got.status != status:
            found.append(f"{what}: status {got.status}")
        found += [f"{what}: {w}" for w in wrong_headers(got, table.headers_for(like, site.headers))]
        kind = got.headers.get("content-type", "").replace(";charset", "; charset")
        if status in {200, 206, 404} and kind != table.content_type(like):
            found.append(f"{what}: it is sent as {kind}")
    assert not found, "\n".join(found)
    not_found = (site.public / "404.html").read_bytes()
    for what in ("nowhere", "no drawing", "no file", "hidden", "folder without a page"):
        assert answers[what][0].body == not_found, what
    assert answers["page"][0].body == (site.public / "index.html").read_bytes()
    assert answers["head"][0].body == b""
    assert answers["range"][0].body == b"GIF89a"


def test_old_addresses_lead_on_in_one_step(host: Host, site: Site) -> None:
    for old in ("heal/", "heal", "alt/weg/"):
        got = host.ask(site.base + old)
        assert (got.status, got.headers["location"]) == (301, f"{site.base}recovery/"), old
    bare = host.ask(f"{site.base}recovery")
    assert bare.status in {301, 308}
    assert urlsplit(bare.headers["location"]).path == f"{site.base}recovery/"
    assert not wrong_headers(bare, site.headers)


def test_nothing_outside_the_site_is_given_out(host: Host, site: Site) -> None:
    secret = site.root / "secret.txt"
    secret.write_text("a secret")
    (site.public / ".env").write_text("a secret")
    for path in (
        "..%2fsecret.txt",
        "../secret.txt",
        "%2e%2e/secret.txt",
        "..%2f..%2f..%2f..%2f..%2f..%2fetc/passwd",
        "..\\secret.txt",
        "recovery/..%2f..%2fsecret.txt",
        ".env",
        "%2eenv",
        "a/.git/config",
    ):
        got = host.ask(site.base + path)
        assert got.status in {400, 403, 404} or not got.body, path
        assert b"a secret" not in got.body, path
        assert b"root:" not in got.body, path
    if site.base != "/":
        assert b"a secret" not in host.ask("/sub../secret.txt").body
    assert host.ask(site.base, "POST").status in {404, 405}


def test_compressed_forms_are_sent_to_those_who_take_them(host: Host, site: Site) -> None:
    plain = (site.public / "recovery" / "index.html").read_bytes()
    path = f"{site.base}recovery/"
    ways = {
        "gzip": ("gzip, deflate", gzip.decompress),
        "br": ("br;q=1.0, gzip;q=0.8", brotli.decompress),
    }
    if host.name == "nginx" and not hosts.BROTLI.exists():
        ways.pop("br")
    for way, (accepted, opened) in ways.items():
        got = host.ask(path, Accept_Encoding=accepted)
        assert got.headers["content-encoding"] == way
        assert "accept-encoding" in got.headers["vary"].lower()
        assert got.headers["content-type"].startswith("text/html")
        made = site.public / "recovery" / f"index.html.{'gz' if way == 'gzip' else way}"
        assert got.body == made.read_bytes(), "the form that was made, not one made just now"
        assert opened(got.body) == plain
        again = host.ask(path, Accept_Encoding=accepted, If_None_Match=got.headers["etag"])
        assert again.status == 304
        assert not wrong_headers(got, site.headers)
    assert "content-encoding" not in host.ask(path, Accept_Encoding="identity").headers


class Links(HTMLParser):
    """Every address of our own that a page names."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, _tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found |= {
            value.partition("#")[0]
            for name, value in attributes
            if name in {"href", "src"} and value and not urlsplit(value).scheme
        }


def wrong_links(host: Host, site: Site) -> dict[str, int]:
    """The links that do not lead straight to what they name, with the status instead."""
    asked: set[str] = set()
    for file in sorted(site.public.rglob("*.html")):
        address = site.base + str(file.relative_to(site.public)).removesuffix("index.html")
        links = Links()
        links.feed(file.read_text())
        asked |= {quote(urljoin(address, to), safe="/%") for to in links.found}
    assert len(asked) > 4
    return {to: got.status for to in asked if (got := host.ask(to, "HEAD")).status != 200}


def test_every_link_leads_straight_to_its_page(host: Host, site: Site) -> None:
    assert wrong_links(host, site) == {}


@pytest.mark.browser
def test_our_site_works_with_these_headers(whole: Site, browser: Any, tmp_path: Path) -> None:
    with hosted("nginx", whole, tmp_path / "host") as host:
        assert wrong_links(host, whole) == {}
        walk(host, whole, browser)


def walk(host: Host, site: Site, browser: Any) -> None:
    """Pages of every kind, a tool answered by its script: nothing is said on the console."""
    context = browser.new_context()
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(f"{page.url}: {message.text}"))
    page.on("pageerror", lambda error: said.append(f"{page.url}: {error}"))
    for path in ("", "recovery/", "handout/", "404.html", "nowhere/at/all"):
        page.goto(host.address + site.base + path)
        family = page.evaluate("getComputedStyle(document.body).fontFamily")
        assert "system-ui" in family, f"{path} has no style"
    page.goto(host.address + site.drawing)
    got = host.ask(f"{site.base}tools/next-step/")
    assert not wrong_headers(got, site.headers)
    page.goto(host.address + site.base + "tools/next-step/")
    page.get_by_role("button", name="Next").click()  # a button that only the script makes
    page.wait_for_selector("text=Choose an answer to go on.")
    page.locator("form.tool .q.at input").last.check(force=True)
    page.get_by_role("button", name="Next").click()
    assert page.get_by_role("button", name="Back").is_visible()
    said = [line for line in said if "404 (Not Found)" not in line]
    assert said == []
    # The net under it: markup made out of text is stopped, should a script ever try.
    blocked = page.evaluate(
        "(() => { try { document.body.innerHTML = '<b>x</b>'; return false }"
        " catch (e) { return e instanceof TypeError } })()"
    )
    assert blocked
    context.close()


def certificate(folder: Path) -> Path:
    """A certificate for this machine, which those believe who are told to."""
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    subprocess.run([*command.split(), *names, *files], check=True, capture_output=True)
    return folder / "cert.pem"


def graded(site: Site, folder: Path, settings: str) -> dict[str, Any]:
    """What the Observatory says of the site on an encrypted nginx with these settings."""
    need("nginx", "openssl")
    cert, http, https = certificate(folder), hosts.free_port(), hosts.free_port()
    (folder / "settings").write_text(settings)
    blocks = (
        f"server {{ listen {http}; return 301 https://localhost:{https}$request_uri; }}\n"
        f"server {{ listen {https} ssl; ssl_certificate {cert};"
        f"ssl_certificate_key {folder}/key.pem; include {folder}/settings; }}\n"
    )
    with hosts.nginx("", folder / "host", encrypted=blocks):
        done = subprocess.run(
            ["node", PROJECT / "tests" / "observatory.mjs", str(http), str(https)],
            env={**os.environ, "NODE_EXTRA_CA_CERTS": str(cert)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.node
def test_the_observatory_gives_the_best_grade(whole: Site, tmp_path: Path) -> None:
    form = forms.nginx_config(whole.build.site, whole.headers, str(whole.public))
    found = graded(whole, tmp_path, form)
    assert all(test["pass"] for test in found["tests"].values()), found
    # All points there are for a site without cookies and linked scripts on a domain that browsers
    # do not know: 130 in 1.4.8. Later code looks at two more headers, ten points each, so 150.
    most = 130 if "crossOriginEmbedderPolicyTest" not in found["tests"] else 150
    assert (found["grade"], found["score"]) == ("A+", most), found


@pytest.mark.node
@pytest.mark.skipif(not SOAK, reason="the grader itself, weekly")
def test_the_observatory_judges(whole: Site, tmp_path: Path) -> None:
    """What GitHub Pages sends: no header of ours, everybody may read (docs/hosting.md says so)."""
    form = f'root {whole.public}; add_header Access-Control-Allow-Origin "*" always;'
    found = graded(whole, tmp_path, form)
    assert (found["grade"], found["score"]) == ("C", 55), found
