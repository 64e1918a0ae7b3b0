"""Reconciling with head office. No Qt; import the modules you need, this package imports nothing."""
