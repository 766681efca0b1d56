"""SQLAlchemy behind the ports: tables, mapping, repositories, queries, unit of work, outbox."""
