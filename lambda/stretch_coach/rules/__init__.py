"""What happens at an event, by subject; dialogue.py says which rule answers which event in which state."""
