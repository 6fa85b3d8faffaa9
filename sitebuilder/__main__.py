"""`python -m sitebuilder`: the command line."""

import sys

from sitebuilder.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
