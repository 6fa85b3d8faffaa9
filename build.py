#!/usr/bin/env python3
"""Build this site. See `python build.py --help`; sitebuilder/build/pipeline.py tells the story."""

import sys

if __name__ == "__main__":
    try:
        import signal

        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # until we are ready, end without a word
    except KeyboardInterrupt:
        sys.exit(130)
    from pathlib import Path

    from sitebuilder.cli.main import main

    sys.exit(main(root=Path(__file__).resolve().parent))
