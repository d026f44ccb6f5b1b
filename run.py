"""The command line: `python run.py` runs the bot, `python run.py --help` tells the rest."""

from starloom.cli import main

if __name__ == "__main__":
    main()
