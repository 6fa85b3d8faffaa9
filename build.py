#!/usr/bin/env python3
"""The door: see `python build.py --help`, and sitebuilder/pipeline.py for what happens."""

import sys

from sitebuilder.cli import main

if __name__ == "__main__":
    sys.exit(main())
