"""The speaker page: a virtual device in a browser. `server` needs Flask; nothing else here does."""
