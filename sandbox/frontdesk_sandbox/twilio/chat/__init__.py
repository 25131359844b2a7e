"""Conversations (classic): state, operations, webhooks, REST, and the media service."""
