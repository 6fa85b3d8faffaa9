"""The table of routes: every URL that is published, claimed once or reported as a collision."""

from __future__ import annotations

import unicodedata
from typing import Final

from sitebuilder.core import urls
from sitebuilder.core.problems import Problem, problem

_RESERVED_URLS: Final = (urls.NOT_FOUND_URL, "/sitemap.xml", "/robots.txt")


def _fold_path(path: str) -> str:
    """Return one key for all names that some file system takes for the same file."""
    if path.isascii():
        return path.lower()
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFD", path).casefold())


class RouteTable:
    """The URLs claimed so far. Two that differ only by case or Unicode form count as one."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._files: dict[str, str] = {}
        self._folders: dict[str, str] = {}
        for address in _RESERVED_URLS:
            self.claim(address, "the generator")

    def claim(self, address: str, path: str, line: int = 0) -> bool:
        """Claim a URL for a source file.

        If it is taken or not allowed, a problem is added and the result is False.
        """
        error = urls.url_error(address.lower())  # the names of assets may have capitals
        if not error and path.startswith("content/") and urls.is_host_control_file(address):
            error = "the host takes this file for orders"
        if error:
            self._add_problem("address", path, line, f"'{address}': {error}", "Rename the file.")
            return False
        key = _fold_path(urls.output_path(address))
        parts = key.split("/")
        folders = ["/".join(parts[:n]) for n in range(1, len(parts))]
        holder = (
            self._files.get(key)
            or self._folders.get(key)
            or next((self._files[folder] for folder in folders if folder in self._files), None)
        )
        if holder:
            hint = "Rename one of the two, or give one of them another 'url:'."
            message = f"the address '{address}' is already taken by {holder}"
            self._add_problem("address-taken", path, line, message, hint)
            return False
        self._files[key] = path
        for folder in folders:
            self._folders.setdefault(folder, path)
        return True

    def _add_problem(self, rule: str, path: str, line: int, message: str, hint: str) -> None:
        self.problems.append(problem(rule, path, message, hint=hint, line=line))
