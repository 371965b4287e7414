"""Conversations written down: what a script says, and its performance on a device."""
