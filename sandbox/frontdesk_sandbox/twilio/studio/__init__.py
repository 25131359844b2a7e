"""Studio: flow definitions, and running them when messages arrive."""
