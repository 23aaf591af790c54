"""The record of what was decided and done; the only package that knows SQLAlchemy."""
