"""A parcel's life in the sandbox, shown step by step."""
