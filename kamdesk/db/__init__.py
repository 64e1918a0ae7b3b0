"""The local store: the desktop's only place that knows SQLAlchemy."""
