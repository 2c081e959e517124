"""`python -m corridor` is the command `corridor`."""

import sys

from corridor.cli import main

sys.exit(main())
