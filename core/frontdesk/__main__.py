"""Lets `python -m frontdesk` do the same as `frontdesk`."""

from frontdesk.cli import main

if __name__ == "__main__":
    main()
