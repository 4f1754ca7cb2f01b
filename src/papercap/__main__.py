"""`python -m papercap`."""

from papercap.cli import main

main()
