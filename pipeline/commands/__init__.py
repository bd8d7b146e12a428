"""What can be asked of Codeboom on the command line, a module for each kind of question.

Only this room and `cli` print. Heavy imports stand inside the commands, so that `codeboom --help` answers at once.
"""
