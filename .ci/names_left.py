"""List the names in the left columns of the renaming draft that the code still defines.

    python .ci/names_left.py ../shared/house/mapping.md

Prints each with where it stands and, where it was kept on purpose, why. Ends with 1 if one has no
reason.
"""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent / "sitebuilder"

MODULES_KEPT = {
    "checks/language.py": "the same word in the target",
    "checks/links.py": "the same word in the target",
    "checks/__init__.py": "the same word in the target",
    "render/links.py": "the same word in the target",
    "render/sandbox.py": "the same word in the target",
    "render/templates.py": "the same word in the target",
    "render/views.py": "the same word in the target",
    "__init__.py": "every package has one",
}

NAMES_KEPT = {
    "Term": "a term of the glossary; the clause of a condition, which had the same name, is Clause",
    "add": "the standard verb of a collection (Spool.add)",
    "alone": "a field that templates read",
    "bound": "a key of facts.yaml",
    "changes": "a key of front matter and of tools",
    "digest": "a field that holds the digest of a file; the two functions have other names",
    "entries": "the entries of a YAML mapping",
    "flag": "a key of tools, and a field that templates read",
    "keep": "a key of references.yaml",
    "lets_on": "a key of emergency.yaml",
    "lists": "a key of emergency.yaml",
    "load": "loads the bytes of a file: the verb of the standard library",
    "owner": "a key of front matter and of tools",
    "packed": "what pack() returned",
    "plain": "YAML's own word for a scalar without quotes",
    "read": "a key of references.yaml; else the standard verb of a store or a file",
    "record": "a field that holds a BuildRecord; the command's function has another name",
    "regions": "a field that holds Regions; the function is partition()",
    "remember": "the name that the draft gives to StatCache.keep",
    "render": "the standard verb for what a renderer does",
    "resolve": "the method of NavResolver; the function is resolve_link()",
    "say": "a key of glossary.yaml",
    "unsafe": "a field with another meaning: files that may not be published",
    "words": "a number of words, and a field that templates read",
}


def definitions() -> dict[str, list[str]]:
    """Where each module-level name, method and field is defined, by its bare name."""
    found: dict[str, list[str]] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        module = str(path.relative_to(PACKAGE))
        waiting: list[ast.stmt] = list(ast.parse(path.read_text()).body)
        while waiting:
            node = waiting.pop()
            names: list[str] = []
            if isinstance(node, ast.ClassDef | ast.FunctionDef):
                names = [node.name]
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                names = [node.target.id]
            elif isinstance(node, ast.Assign):
                names = [t.id for t in node.targets if isinstance(t, ast.Name)]
            if isinstance(node, ast.ClassDef):
                waiting += node.body
            for name in names:
                found.setdefault(name, []).append(f"{module}:{node.lineno}")
    return found


def left_columns(text: str) -> tuple[list[str], list[str]]:
    """The modules and the names that the draft wants gone."""
    modules = re.findall(r"^\| `([^`]+\.py)` \|", text, re.MULTILINE)
    names: list[str] = []
    tables = text.partition("## Root modules")[2].partition("Public contracts")[0]
    for row in re.findall(r"^\| ([^|]+) \| ([^|]+) \|", tables, re.MULTILINE):
        old = re.split(r"[/,]| (?=[A-Z_])", re.sub(r"^\w+: ", "", row[0]))
        new = set(re.findall(r"\w+", row[1]))
        for part in old:
            name = re.sub(r"\(.*|\*", "", part).strip().split(".")[-1].split(" ")[-1]
            if re.fullmatch(r"\w{3,}", name) and name not in {"today", "fields"} | new:
                names.append(name)
    return modules, names


def main(draft: str) -> int:
    """Print what is left."""
    modules, names = left_columns(Path(draft).read_text())
    defined = definitions()
    unexplained = 0
    for module in modules:
        if (PACKAGE / module).exists():
            reason = MODULES_KEPT.get(module, "")
            unexplained += not reason
            print(f"module {module}: {reason or 'NO REASON'}")
    for name in dict.fromkeys(names):
        for place in defined.get(name, []):
            reason = NAMES_KEPT.get(name, "")
            unexplained += not reason
            print(f"{name} ({place}): {reason or 'NO REASON'}")
    print(f"{len(modules)} modules and {len(dict.fromkeys(names))} names looked for")
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
