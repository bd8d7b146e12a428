"""`python -m pipeline` is the same as `codeboom`."""

from pipeline.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
