"""What a user typed → documents on this disk."""
