"""Alembic's folder: env.py and one file per release of the tables."""
