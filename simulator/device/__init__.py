"""The virtual speaker: the device itself, its clock, the requests it writes and the answers it refuses."""

from simulator.device.device import Device
from simulator.device.parts import DeviceError, Exchange, Line, Microphone, Played, Playing, Send, Understand

__all__ = ["Device", "DeviceError", "Exchange", "Line", "Microphone", "Played", "Playing", "Send", "Understand"]
