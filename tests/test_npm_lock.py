"""What npm brings is locked: one version of each, with its hash, from no named host."""

from __future__ import annotations

import json
import re

from conftest import PROJECT


def test_what_npm_brings_is_locked_with_hashes() -> None:
    wanted = json.loads((PROJECT / "tests" / "package.json").read_text())
    for name, version in {**wanted["dependencies"], **wanted["overrides"]}.items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version), name
    lock = json.loads((PROJECT / "tests" / "package-lock.json").read_text())
    assert lock["packages"][""]["dependencies"] == wanted["dependencies"]
    for path, package in lock["packages"].items():
        assert not path or package["integrity"].startswith("sha512-"), path
        assert "resolved" not in package, path
        # A tag such as "latest" would have to be asked for anew at each install.
        loose = {n for n, v in package.get("dependencies", {}).items() if v.isalpha()}
        assert loose <= set(wanted["overrides"]), path
