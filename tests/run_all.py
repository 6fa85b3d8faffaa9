"""All tests, side by side in two processes: those that need the browser, and all others.

They take about as long as each other, and most machines have two processors. What the second one
says is shown when the first is done. Arguments go to both.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile

NOTHING_RAN = 5
"""How pytest ends if no test was chosen: arguments may leave one of the two without any."""


def main(arguments: list[str]) -> int:
    """The exit code: 0 only if both are."""
    command = [sys.executable, "-m", "pytest", *arguments, "-m"]
    with tempfile.TemporaryFile() as said:
        second = subprocess.Popen([*command, "browser"], stdout=said, stderr=subprocess.STDOUT)
        first = subprocess.run([*command, "not browser"], check=False).returncode
        code = second.wait()
        said.seek(0)
        sys.stdout.flush()
        sys.stdout.buffer.write(said.read())
    codes = {first, code} - {NOTHING_RAN}
    return max(codes, default=NOTHING_RAN)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
