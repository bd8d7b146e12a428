"""The sample corpus: its gold, what the pipeline makes of it, and the check that it is what it should be."""
