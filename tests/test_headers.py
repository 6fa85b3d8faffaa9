"""One table of headers, read back from each form; compressed forms, made once, never believed."""

from __future__ import annotations

import gzip
import re
import sys
from pathlib import Path

import brotli
import pytest
from conftest import MakeSite, build, page_of, run_cli, said
from hypothesis import given
from hypothesis import strategies as st

from sitebuilder.content.loader import PUBLISHED_EXTENSIONS
from sitebuilder.core.digest import content_digest
from sitebuilder.core.model import Output
from sitebuilder.output import headers as table
from sitebuilder.output import hosts
from sitebuilder.output.precompress import precompress_outputs
from sitebuilder.render.csp import build_csp, merge_csp

PAGES = {
    "content/index.md": "---\ntitle: Home\naliases: [/old/, /straße/]\n---\n" + "Words. " * 200,
    "content/a.md": "---\ntitle: A\n---\nWords.\n",
}


def config(**values: str) -> str:
    rows = {"name": "Some site", "url": "https://www.spine.org/", **values}
    return "".join(f"{name}: {value}\n" for name, value in rows.items())


def site(make_site: MakeSite, **values: str) -> Path:
    return make_site({**PAGES, "config.yaml": config(**values)})


def test_each_form_says_what_the_table_says(make_site: MakeSite) -> None:
    built = build(site(make_site))
    nginx = hosts.nginx_config(built.site, built.headers, "/srv/www")
    caddy = hosts.caddy_config(built.site, built.headers, "/srv/www")
    found = dict(re.findall(r'^    add_header (\S+) "([^"]*)" always;$', nginx, re.MULTILINE))
    values = dict(re.findall(r'^set (\$\w+) "([^"]*)";$', nginx, re.MULTILINE))
    assert {name: values.get(value, value) for name, value in found.items()} == built.headers
    blocks = re.findall(r"^ *header \{\n((?: +\S+ \".*\"\n)+) *\}$", caddy, re.MULTILINE)
    assert len(blocks) == 2, "for what is there and for what is not"
    for block in blocks:
        assert dict(re.findall(r'^ +(\S+) "([^"]*)"$', block, re.MULTILINE)) == built.headers
    for host in ("netlify", "cloudflare"):
        text = hosts.host_files(host, built.site, built.headers)["_headers"]
        first, *rows = text.splitlines()
        assert first == "/*", "Cloudflare Pages joins the values of all rules that match"
        assert all(row.startswith("  ") and len(row) <= hosts.MAX_HEADER_LINE for row in rows)
        assert dict(row.strip().split(": ", 1) for row in rows) == built.headers


def test_files_are_published_for_the_host_that_config_names(make_site: MakeSite) -> None:
    assert not [o.path for o in build(site(make_site)).outputs if o.path.startswith("_")]
    netlify = build(site(make_site, host="netlify"))
    assert "/old/ / 301!\n" in page_of(netlify, "_redirects")
    cloudflare = build(site(make_site, host="cloudflare"))
    assert page_of(cloudflare, "_redirects") == (
        "/old / 301\n/stra%C3%9Fe / 301\n/old/ / 301\n/stra%C3%9Fe/ / 301\n"
    )
    assert page_of(cloudflare, "_headers") == page_of(netlify, "_headers")


def test_what_a_host_cannot_do_is_told(make_site: MakeSite) -> None:
    below = build(site(make_site, host="netlify", url="https://x.org/site/"))
    assert "config.yaml:3 host" in said(below)
    fine = build(site(make_site, host="netlify"))
    assert not [p for p in said(fine) if p.endswith(" host")]
    long = {**fine.headers, table.CSP_HEADER: "x" * hosts.MAX_HEADER_LINE}
    assert [p.rule for p in hosts.check_host(fine.site, long)] == ["host"]
    wrong = build(site(make_site, host="geocities"))
    assert "config.yaml:3 bad-value" in said(wrong)


def test_only_a_site_of_its_own_asks_for_encryption_for_all(make_site: MakeSite) -> None:
    name = "Strict-Transport-Security"
    assert name in build(site(make_site)).headers
    assert name not in build(site(make_site, url="https://x.org/site/")).headers
    assert name not in build(site(make_site, url="http://x.org/")).headers
    assert "preload" not in table.HSTS


def test_every_kind_that_is_published_has_its_type() -> None:
    assert set(table.MEDIA_TYPES) >= PUBLISHED_EXTENSIONS
    assert table.content_type("a/B.SVG") == "image/svg+xml; charset=utf-8"
    assert table.content_type("a.exe") == "application/octet-stream"


def test_only_names_made_of_bytes_are_kept_for_ever(make_site: MakeSite) -> None:
    files = {"static/logo.css": "a{}", "static/notes.0123456789.txt": "x"}
    built = build(make_site({**PAGES, **files, "config.yaml": config()}))
    kept = {
        o.path
        for o in built.outputs
        if table.headers_for(o.path, built.headers)[table.CACHE_HEADER] == table.IMMUTABLE
    }
    assert [re.sub(r"[0-9a-f]{10}", "#", path) for path in kept] == ["logo.#.css"]


texts = st.text(max_size=20)


@given(st.lists(st.tuples(texts, texts), min_size=1, max_size=5))
def test_the_union_allows_what_each_allows_and_nothing_else(pages: list[tuple[str, str]]) -> None:
    def parsed(policy: str) -> dict[str, set[str]]:
        rows = (row.split(" ") for row in policy.split("; "))
        found = {name: set(sources) - {"'none'"} for name, *sources in rows}
        assert len(found) == policy.count(";") + 1, "no directive stands twice"
        return found

    policies = [build_csp(style, script) for style, script in pages]
    union = parsed(merge_csp(policies))
    for name, sources in union.items():
        assert sources == set().union(*(parsed(p).get(name, set()) for p in policies))
    assert {name for policy in policies for name in parsed(policy)} == set(union)
    assert "'none' " not in merge_csp(policies).replace("default-src 'none'; ", "")


# -- compressed forms -----------------------------------------------------------------------------


def output(path: str, data: bytes) -> Output:
    return Output(path, content_digest(data), lambda: data)


def forms(data: bytes, folder: Path, path: str = "a.html") -> dict[str, bytes]:
    return {o.path: o.load() for o in precompress_outputs([output(path, data)], folder)}


WORDS = b"<p>Walk a little each day.</p>" * 50


def test_forms_open_to_their_text_and_are_the_same_each_time(tmp_path: Path) -> None:
    first = forms(WORDS, tmp_path / "kept")
    assert set(first) == {"a.html", "a.html.br", "a.html.gz"}
    assert gzip.decompress(first["a.html.gz"]) == WORDS
    assert brotli.decompress(first["a.html.br"]) == WORDS
    assert first["a.html.gz"][4:8] == b"\0\0\0\0", "no time in its head"
    assert forms(WORDS, tmp_path / "other") == first
    assert set(forms(b"x", tmp_path / "kept")) == {"a.html"}, "only if it is smaller"
    assert set(forms(WORDS, tmp_path / "kept", "a.png")) == {"a.png"}, "only texts"


def test_unchanged_texts_are_not_compressed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = forms(WORDS, tmp_path)
    times = {p.name: p.stat().st_mtime_ns for p in tmp_path.iterdir()}
    (tmp_path / "notes.txt").write_text("not ours")
    monkeypatch.setattr(brotli, "compress", lambda _: pytest.fail("compressed again"))
    assert forms(WORDS, tmp_path) == first
    assert {p.name: p.stat().st_mtime_ns for p in tmp_path.iterdir() if p.name in times} == times
    monkeypatch.undo()
    forms(WORDS + b"!", tmp_path)
    left = {p.name for p in tmp_path.iterdir()}
    assert len(left) == 3, "what is no longer used is taken away, and nothing else"
    assert "notes.txt" in left


def test_what_is_kept_is_never_believed(tmp_path: Path) -> None:
    good = forms(WORDS, tmp_path)
    bomb = gzip.compress(bytes(20_000_000))
    for bad in (b"", b"x", WORDS, gzip.compress(b"other"), brotli.compress(b"other"), bomb):
        for path in tmp_path.iterdir():
            path.write_bytes(bad)
        assert forms(WORDS, tmp_path) == good
    for path in tmp_path.iterdir():
        path.write_bytes(path.read_bytes()[:-5])  # what was packed is all there, its sum is not
    assert forms(WORDS, tmp_path) == good
    for path in tmp_path.iterdir():
        path.write_bytes(path.read_bytes() + b"more")
    assert forms(WORDS, tmp_path) == good
    nowhere = tmp_path / "file"
    nowhere.write_text("a file where the folder should be")
    assert forms(WORDS, nowhere) == good


def test_a_build_publishes_them_once(make_site: MakeSite) -> None:
    root = site(make_site, compress="true")
    done = run_cli("build", "--root", str(root))
    assert done.returncode == 0, done.stderr
    page = root / "public" / "index.html"
    packed = page.with_name("index.html.br")
    assert brotli.decompress(packed.read_bytes()) == page.read_bytes()
    assert "(0 files written)" in run_cli("build", "--root", str(root)).stdout
    form = run_cli("host", "nginx", "--root", str(root), "--output", "/srv/www").stdout
    assert 'alias "/srv/www/";' in form
    assert "gzip_static on;" in form
    assert not [o for o in build(root).outputs if o.path.endswith(".br")], "nor in the preview"


def test_without_brotli_it_is_told_how_to_get_it(
    make_site: MakeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = site(make_site, compress="true")
    assert "config.yaml:3 compress" not in said(build(root))
    monkeypatch.setitem(sys.modules, "brotli", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert "config.yaml:3 compress" in said(build(root))


def test_settings_are_not_printed_for_a_broken_site(make_site: MakeSite) -> None:
    root = make_site({**PAGES, "content/b.md": "no front matter\n", "config.yaml": config()})
    done = run_cli("host", "caddy", "--root", str(root))
    assert done.returncode == 1
    assert done.stdout == ""
    assert "content/b.md" in done.stderr
