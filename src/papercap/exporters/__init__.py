"""Figures → text and files for other programs."""
