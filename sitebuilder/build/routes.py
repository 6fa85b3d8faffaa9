"""Who has which address. Everything that is published is entered here once, or refused."""

from __future__ import annotations

import unicodedata
from typing import Final

from sitebuilder.core import urls
from sitebuilder.core.problems import Problem, problem

_OWN_FILES: Final = (urls.NOT_FOUND_URL, "/sitemap.xml", "/robots.txt")


def _fold_path(file: str) -> str:
    """One key for all names that some computer takes for the same file."""
    if file.isascii():
        return file.lower()
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFD", file).casefold())


class RouteTable:
    """Addresses taken so far. Two that differ by case or Unicode form only count as one."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._files: dict[str, str] = {}
        self._folders: dict[str, str] = {}
        for address in _OWN_FILES:
            self.claim(address, "the generator")

    def claim(self, address: str, path: str, line: int = 0) -> bool:
        """Enter an address for the source `path`; False and a problem if it cannot be had."""
        why = urls.url_error(address.lower())  # files of others may have capitals in their names
        if not why and path.startswith("content/") and urls.is_host_control_file(address):
            why = "the host takes this file for orders"
        if why:
            self._refuse("address", path, line, f"'{address}': {why}", "Rename the file.")
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
            self._refuse("address-taken", path, line, message, hint)
            return False
        self._files[key] = path
        for folder in folders:
            self._folders.setdefault(folder, path)
        return True

    def _refuse(self, rule: str, path: str, line: int, message: str, hint: str) -> None:
        self.problems.append(problem(rule, path, message, hint=hint, line=line))
