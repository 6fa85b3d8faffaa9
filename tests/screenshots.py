"""Takes pictures of key pages of public/: `make screenshots` writes them to screenshots/.

Also renews the two pictures in the README: `python tests/screenshots.py --readme`.
"""

from __future__ import annotations

import sys
from typing import Literal

from conftest import PROJECT, chromium_path, serve_folder
from playwright.sync_api import sync_playwright

PAGES = ("", "procedure/", "recovery/", "when-to-get-help/", "risks/", "404.html")
WIDTHS = (360, 1280)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def main() -> None:
    readme = "--readme" in sys.argv
    folder = PROJECT / ("docs/images" if readme else "screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path(), args=["--no-sandbox", "--disable-gpu"]
        )
        for address in serve_folder(PROJECT / "public"):
            if readme:
                page = browser.new_page(viewport={"width": 1200, "height": 900})
                page.goto(address + "/")
                page.screenshot(path=folder / "home.png")
                page = browser.new_page(
                    viewport={"width": 360, "height": 800}, reduced_motion="reduce"
                )
                page.goto(address + "/recovery/")
                page.evaluate("document.querySelector('.rail').scrollIntoView()")
                page.screenshot(path=folder / "recovery-phone.png")
                continue
            for path in PAGES:
                for width in WIDTHS:
                    for scheme in SCHEMES:
                        page = browser.new_page(
                            viewport={"width": width, "height": 900}, color_scheme=scheme
                        )
                        page.goto(f"{address}/{path}")
                        name = path.strip("/").replace(".html", "") or "home"
                        page.screenshot(
                            path=folder / f"{name}-{width}-{scheme}.png", full_page=True
                        )
                        page.close()
        browser.close()


if __name__ == "__main__":
    main()
