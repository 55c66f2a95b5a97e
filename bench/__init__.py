"""Both sides of every claim in one run, as a ratio: machines are shared and noisy."""
