"""What happens at an event, by subject; table.py says which rule answers which event in which state."""
