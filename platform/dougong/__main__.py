"""`python -m dougong` opens the command line."""

from dougong.cli.main import main

main()
