"""Parameters -> tables of values, and their writers."""
