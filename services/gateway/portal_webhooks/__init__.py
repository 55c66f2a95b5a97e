"""A partner's webhooks, with the log of deliveries and replays."""
