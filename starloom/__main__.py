"""`python -m starloom`: the same command line as `python run.py`."""

from starloom.cli import main

if __name__ == "__main__":
    main()
