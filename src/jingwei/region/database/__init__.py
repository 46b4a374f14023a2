"""The district's databases: one embedded PostgreSQL, real data, real trouble."""
