"""How the sample is made: manuscripts are read (`reading`), written as transcripts (`variants`), and counted."""
