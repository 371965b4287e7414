"""The safety check: its questions, what is asked next, and what the answers add up to."""
