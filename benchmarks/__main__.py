"""``python -m benchmarks`` runs all benchmarks, ``python -m benchmarks NAME ...`` some."""

import os
import sys

from benchmarks.runner import UsageError, run, subjects


def main() -> int:
    """Run what the command line names; the exit code."""
    try:
        return run(sys.argv[1:], os.environ, known=subjects())
    except UsageError as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
