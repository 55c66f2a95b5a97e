"""The complaint officer's desk: the queue by clock, a case and its thread."""
