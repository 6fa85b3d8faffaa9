"""The files of content/tools/ in; the tools, and all that is wrong with them, out."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sitebuilder.clinical.decision_tools.parse import ACCEPTED, read_tools
from sitebuilder.clinical.decision_tools.snapshot import check_outcomes, path_of
from sitebuilder.clinical.decision_tools.verify import Standard, prove_all
from sitebuilder.core.decision_tool import FOLDER, Tool
from sitebuilder.core.model import File
from sitebuilder.core.problems import Problem, problem


def check_tools(
    files: Sequence[File], standard: Standard, pages: Collection[str]
) -> tuple[dict[str, Tool], list[Problem]]:
    """Each tool read, proven, and held against what was accepted. `pages`: ids to link to."""
    tools, problems = read_tools(files, standard.known, pages)
    problems += prove_all(tools, standard)
    by_path = {file.path: file for file in files}
    for tool in tools.values():
        problems += check_outcomes(tool, by_path.get(path_of(tool)))
    for path in by_path:
        if path.startswith(FOLDER) and path.endswith(ACCEPTED):
            source = path.removesuffix(ACCEPTED) + ".yaml"
            if source not in by_path:
                message = "this was accepted of a tool that is not there"
                found = problem("tool-outcomes", path, message, hint=f"Add {source}, or delete it.")
                problems.append(found)
    return tools, problems
