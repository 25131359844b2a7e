"""Loopback Discord and Twilio."""
