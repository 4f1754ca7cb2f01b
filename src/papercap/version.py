"""The version, alone, so that everything may know it."""

__version__ = "0.1.0"
