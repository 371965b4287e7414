"""How exactly counts are paced: onsets found in rendered sound, and words that are too long for their slots."""
