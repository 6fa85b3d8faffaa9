"""All tests, side by side in three processes: the tools in the browser, the rest in it, all others.

Most machines have two processors, and all in the browser takes half as long again as all others:
as one process it went on alone for six minutes. What the others say is shown when the first is
done. Arguments go to all.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from contextlib import ExitStack

SHOWN = "not tools and not browser"
"""Whose words are shown as they come."""

BESIDE = ("tools", "browser")

NOTHING_RAN = 5
"""How pytest ends if no test was chosen: arguments may leave a process without any."""


def main(arguments: list[str]) -> int:
    """The exit code: 0 only if all are."""
    command = [sys.executable, "-m", "pytest", *arguments, "-m"]
    with ExitStack() as stack:
        words = [stack.enter_context(tempfile.TemporaryFile()) for _ in BESIDE]
        beside = [
            subprocess.Popen([*command, which], stdout=said, stderr=subprocess.STDOUT)
            for which, said in zip(BESIDE, words, strict=True)
        ]
        codes = {subprocess.run([*command, SHOWN], check=False).returncode}
        for process, said in zip(beside, words, strict=True):
            codes.add(process.wait())
            said.seek(0)
            sys.stdout.flush()
            sys.stdout.buffer.write(said.read())
    return max(codes - {NOTHING_RAN}, default=NOTHING_RAN)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
