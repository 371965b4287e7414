"""The dialogue's state machine: the table, one step of it, and the rules by subject."""
