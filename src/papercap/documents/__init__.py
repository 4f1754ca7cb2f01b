"""Documents as bytes → pages of text, and what they say of themselves."""
