"""Stretch Coach: a voice coach for hips and lower backs."""
