"""Processes that the figures are compared with, or taken from."""
