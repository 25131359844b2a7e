"""One module a subject; adding one is a new file with ``DEFAULTS`` and ``measure``."""
