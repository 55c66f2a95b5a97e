"""A partner's own account: what it booked, is owed and may ask."""
