"""The same skill behind HTTPS, for people who host it themselves: docs/self-host.md."""
