"""Stretch Coach on your own machine: a virtual speaker and the command line around it. Never shipped."""
