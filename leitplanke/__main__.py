"""`python -m leitplanke` is the command `leitplanke`."""

import sys

from leitplanke.cli import main

sys.exit(main())
