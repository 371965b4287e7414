"""Spoken words made out offline: the grammar of the interaction model, and the recogniser that follows it."""
