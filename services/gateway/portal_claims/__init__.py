"""Compensation at the desk: how it was worked out, and who approves it."""
