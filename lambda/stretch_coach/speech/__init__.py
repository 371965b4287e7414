"""From acts to a plan of timed cues, and from a plan to SSML or APLA."""
