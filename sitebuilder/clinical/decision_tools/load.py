"""Load the decision tools of a site: parse, verify, and compare with their snapshots."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sitebuilder.clinical.decision_tools.parse import SAFETY_PATH, SNAPSHOT_SUFFIX, parse_tools
from sitebuilder.clinical.decision_tools.snapshot import (
    SAFETY_SNAPSHOT_PATH,
    check_safety_snapshot,
    check_snapshot,
    snapshot_path,
)
from sitebuilder.clinical.decision_tools.verify import VerificationContext, verify_all
from sitebuilder.core.decision_tool import TOOLS_DIR, Tool
from sitebuilder.core.model import File
from sitebuilder.core.problems import Problem, problem


def tool_names(files: Sequence[File]) -> list[str]:
    """Return the names of all tools, also of those that cannot be parsed."""
    return [
        file.path.removeprefix(TOOLS_DIR).removesuffix(".yaml")
        for file in files
        if file.path != SAFETY_PATH and not file.path.endswith(SNAPSHOT_SUFFIX)
    ]


def load_verified_tools(
    files: Sequence[File], context: VerificationContext, pages: Collection[str]
) -> tuple[dict[str, Tool], list[Problem]]:
    """Parse each tool, verify it, and compare it and what tools share with the accepted snapshots.

    Snapshots without a tool are reported too.

    Args:
        files: The files of content/tools/.
        pages: Ids of the pages that tools may link to.

    Returns:
        The tools that can be parsed, by name, and all problems.
    """
    tools, problems = parse_tools(files, context.evidence, context.policy, pages)
    problems += verify_all(tools, context, complete=len(tools) == len(tool_names(files)))
    by_path = {file.path: file for file in files}
    for tool in tools.values():
        problems += check_snapshot(tool, by_path.get(snapshot_path(tool)))
    for tool in list(tools.values())[:1]:  # all have the same safety part
        accepted = by_path.get(SAFETY_SNAPSHOT_PATH)
        problems += check_safety_snapshot(tool, context.policy, context.evidence, accepted)
    for path in by_path:
        if path.startswith(TOOLS_DIR) and path.endswith(SNAPSHOT_SUFFIX):
            source = path.removesuffix(SNAPSHOT_SUFFIX) + ".yaml"
            if source not in by_path:
                message = "this was accepted of a tool that is not there"
                hint = f"Add {source}, or delete it."
                problems.append(problem("tool-outcomes", path, message, hint=hint))
    return tools, problems
