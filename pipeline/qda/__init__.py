"""Exchange with ATLAS.ti, NVivo, MAXQDA and QualCoder: REFI-QDA projects and codebooks, and plain tables."""
