"""The parts of the sample paper: its text and drawings (typst), its picture and its truth (Python)."""
