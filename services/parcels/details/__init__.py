"""What tracking tells whoever knows how the recipient's phone ends."""
