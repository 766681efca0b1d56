"""Repositories of `callcenter.store` on a SQLAlchemy session, grouped by subject."""
