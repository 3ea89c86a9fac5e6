"""Mutation testing: are there changes of the code that no test notices? `nox -s mutation` runs it."""
