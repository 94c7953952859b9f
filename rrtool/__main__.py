"""Makes `python -m rrtool` the same as `rrtool`."""

from rrtool.cli import main

if __name__ == "__main__":
    main()
