"""The core at the bottom, the ignition at the top: domain, use cases, database, geography, command line."""
