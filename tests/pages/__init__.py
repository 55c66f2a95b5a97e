"""Pages in a real browser, of a real Susa."""
