#!/usr/bin/env python3
"""The door: see `python build.py --help`, and sitebuilder/pipeline.py for what happens."""

import sys

if __name__ == "__main__":
    try:
        import signal

        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # until we are ready, end without a word
    except KeyboardInterrupt:
        sys.exit(130)
    from sitebuilder.cli import main

    sys.exit(main())
