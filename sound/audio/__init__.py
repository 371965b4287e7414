"""Responses as sound: offline voices, a renderer to 24 kHz WAV, and the measuring of spoken onsets.

Needs the development packages (numpy, piper-tts); nothing here is imported by the text side of the simulator.
"""

from sound.audio.clip import Clip, lead_ms, write_wav
from sound.audio.player import play
from sound.audio.render import AudioError, render, render_reprompt, spoken_lengths
from sound.audio.voices import DEFAULT_VOICE, VOICES, Voice, VoiceError, load_voice

__all__ = [
    "DEFAULT_VOICE",
    "VOICES",
    "AudioError",
    "Clip",
    "Voice",
    "VoiceError",
    "lead_ms",
    "load_voice",
    "play",
    "render",
    "render_reprompt",
    "spoken_lengths",
    "write_wav",
]
