"""A partner's credentials: made, replaced and revoked by its own people."""
