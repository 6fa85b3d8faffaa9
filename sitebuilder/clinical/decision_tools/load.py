"""Load the decision tools of a site: parse, verify, and compare with their snapshots."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sitebuilder.clinical.decision_tools.parse import SNAPSHOT_SUFFIX, parse_tools
from sitebuilder.clinical.decision_tools.snapshot import check_snapshot, snapshot_path
from sitebuilder.clinical.decision_tools.verify import VerificationContext, verify_all
from sitebuilder.core.decision_tool import TOOLS_DIR, Tool
from sitebuilder.core.model import File
from sitebuilder.core.problems import Problem, problem


def load_verified_tools(
    files: Sequence[File], context: VerificationContext, pages: Collection[str]
) -> tuple[dict[str, Tool], list[Problem]]:
    """Parse each tool, verify it, and compare it with its accepted snapshot.

    Snapshots without a tool are reported too.

    Args:
        files: The files of content/tools/.
        pages: Ids of the pages that tools may link to.

    Returns:
        The tools that can be parsed, by name, and all problems.
    """
    tools, problems = parse_tools(files, context.evidence, pages)
    problems += verify_all(tools, context)
    by_path = {file.path: file for file in files}
    for tool in tools.values():
        problems += check_snapshot(tool, by_path.get(snapshot_path(tool)))
    for path in by_path:
        if path.startswith(TOOLS_DIR) and path.endswith(SNAPSHOT_SUFFIX):
            source = path.removesuffix(SNAPSHOT_SUFFIX) + ".yaml"
            if source not in by_path:
                message = "this was accepted of a tool that is not there"
                hint = f"Add {source}, or delete it."
                problems.append(problem("tool-outcomes", path, message, hint=hint))
    return tools, problems
