"""Understanding typed or recognized sentences through the interaction model, as Alexa would report them."""

from understanding.understander import SlotMatch, Understander, Understanding

__all__ = ["SlotMatch", "Understander", "Understanding"]
