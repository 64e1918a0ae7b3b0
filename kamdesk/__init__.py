"""KAMDesk: an offline-first desktop for pharmaceutical key account managers."""

__version__ = "0.1.0"
