"""A talk in the terminal: the typed commands, what is shown, and what is heard."""
