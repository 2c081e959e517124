"""The devices' door: one WebSocket for each device of a student. See docs/device-protocol.md."""
