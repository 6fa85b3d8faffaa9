"""Lighthouse as on a phone: `make lighthouse` prints a table and fails below 100.

The site is built twice: as it is, and as a copy whose pages are marked `review: none`, for a page
that no clinician has signed is kept from search engines. On the real draft that is the only thing
that may be wrong for them.
"""

# ruff: noqa: T201  a program that prints

from __future__ import annotations

import functools
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import brotli
from conftest import PROJECT, chromium_path, run_cli
from look import modules

PAGES = {"home": "/", "procedure": "/procedure/", "recovery": "/recovery/"}
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
KINDS = {".html": "text/html", ".svg": "image/svg+xml", ".xml": "text/xml", ".txt": "text/plain"}
TRIES = 3  # the best of; a busy machine slows a page that is light


class Host(BaseHTTPRequestHandler):
    """A folder as a good host sends it: compressed, with headers that say how to keep it."""

    protocol_version = "HTTP/1.1"

    def __init__(self, folder: Path, *arguments: object) -> None:
        self.folder = folder
        super().__init__(*arguments)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        path = self.folder / self.path.partition("?")[0].lstrip("/")
        path = path / "index.html" if path.is_dir() else path
        status = HTTPStatus.OK if path.is_file() else HTTPStatus.NOT_FOUND
        path = path if path.is_file() else self.folder / "404.html"
        body = brotli.compress(path.read_bytes(), quality=11)
        named_by_hash = re.search(r"\.[0-9a-f]{10}\.\w+$", path.name)
        self.send_response(status)
        self.send_header("Content-Type", f"{KINDS[path.suffix]}; charset=utf-8")
        self.send_header("Content-Encoding", "br")
        self.send_header("Content-Length", str(len(body)))
        keep = "max-age=31536000, immutable" if named_by_hash else "max-age=300"
        self.send_header("Cache-Control", keep)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("X-Frame-Options", "DENY")
        self.send_header("Cross-Origin-Opener-Policy", "same-origin")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        pass


def built(root: Path, out: Path, address: str) -> None:
    done = run_cli("build", "--root", str(root), "--output", str(out), "--url", address)
    if done.returncode:
        sys.exit(done.stderr)


def copy_for_search_engines(folder: Path) -> Path:
    """The project with every page marked as one that needs no clinician."""
    for name in ("content", "templates", "static"):
        shutil.copytree(PROJECT / name, folder / name)
    shutil.copy(PROJECT / "config.yaml", folder)
    for page in (folder / "content").rglob("*.md"):
        front, end, body = page.read_text().removeprefix("---\n").partition("\n---\n")
        front = re.sub(r"(?m)^review:.*\n?", "", front + "\n") + "review: none"
        page.write_text(f"---\n{front}{end}{body}")
    return folder


def judged(address: str) -> dict[str, tuple[int, list[str]]]:
    """Each category's score, from 0 to 100, and the audits that cost it something."""
    command: list[str | Path] = [
        "node",
        modules("lighthouse", "cli", "index.js"),
        address,
        "--output=json",
        "--quiet",
        "--no-enable-error-reporting",
        f"--only-categories={','.join(CATEGORIES)}",
        "--chrome-flags=--headless=new --no-sandbox --disable-gpu",
    ]
    environment = {**os.environ, "CHROME_PATH": browser()}
    for _ in range(TRIES):  # now and then the browser loses the trace
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=180, check=False
        )
        report = json.loads(done.stdout) if done.returncode == 0 else {}
        if report and not report.get("runtimeError"):
            return {name: score_of(report, name) for name in CATEGORIES}
    sys.exit(f"Lighthouse could not judge {address}:\n{done.stderr}{report.get('runtimeError')}")


def score_of(report: dict, name: str) -> tuple[int, list[str]]:  # type: ignore[type-arg]
    category = report["categories"][name]
    lost = [
        part["id"]
        for part in category["auditRefs"]
        if part["weight"]
        and (report["audits"][part["id"]]["score"] or 0) < 1
        # What does not apply here has no score and costs nothing.
        and report["audits"][part["id"]]["scoreDisplayMode"] not in {"notApplicable", "manual"}
    ]
    return round(100 * (category["score"] or 0)), lost


def browser() -> str:
    if found := chromium_path():
        return found
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        return playwright.chromium.executable_path


def best_of(address: str, wanted: tuple[str, ...]) -> dict[str, tuple[int, list[str]]]:
    scores: dict[str, tuple[int, list[str]]] = {}
    for _ in range(TRIES):
        for name, found in judged(address).items():
            scores[name] = max(scores.get(name, (-1, [])), found, key=lambda pair: pair[0])
        if all(scores[name][0] == 100 for name in wanted):
            break
    return scores


def wrong_with(scores: dict[str, tuple[int, list[str]]], *, draft: bool) -> list[str]:
    wrong = []
    for name, (score, lost) in scores.items():
        if draft and name == "seo":
            wrong += [f"{name}: {audit}" for audit in lost if audit != "is-crawlable"]
        elif score < 100:
            wrong.append(f"{name} {score}: {', '.join(lost) or 'no audit named'}")
    return wrong


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        roots = {
            "real draft": PROJECT,
            "review: none": copy_for_search_engines(folder / "copy"),
        }
        print(f"{'site':<14}{'page':<12}" + "".join(f"{c:>16}" for c in CATEGORIES))
        problems = []
        for site, root in roots.items():
            out = folder / site.replace(": ", "-").replace(" ", "-")
            server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Host, out))
            Thread(target=server.serve_forever, daemon=True).start()
            address = f"http://127.0.0.1:{server.server_port}"
            built(root, out, address)
            draft = root == PROJECT
            wanted = CATEGORIES[:3] if draft else CATEGORIES
            for page, path in PAGES.items():
                scores = best_of(address + path, wanted)
                print(f"{site:<14}{page:<12}" + "".join(f"{scores[c][0]:>16}" for c in CATEGORIES))
                problems += [f"{site}, {page}: {w}" for w in wrong_with(scores, draft=draft)]
            server.shutdown()
            server.server_close()
    print("\n".join(problems) or "Nothing is missing.")
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
