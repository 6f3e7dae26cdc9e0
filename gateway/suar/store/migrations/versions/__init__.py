"""One module for each step from a version of the store to the next; a released step is never changed.

Imports SQLAlchemy and Alembic only, so that a step does not follow later changes of the code.
"""
