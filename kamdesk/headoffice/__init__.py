"""The reference server: the common truth that every desktop reconciles with."""
