"""`python -m libfw`: what the command `fw` does.

    python -m libfw iptables -S
"""

from __future__ import annotations

import os
import signal
import sys

from ._libfw import fw


def main() -> None:
    """Carries out a command line of `fw`, and exits with its status."""
    # As in a program that is not Python: a wait is broken off by the keyboard, and readers may go away.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    name = os.path.basename(sys.argv[0])
    sys.exit(fw(["fw" if name == "__main__.py" else name, *sys.argv[1:]]))


if __name__ == "__main__":
    main()
