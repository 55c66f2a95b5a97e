"""Pages for everybody: track, find an office, ask for a price, complain, rate."""
