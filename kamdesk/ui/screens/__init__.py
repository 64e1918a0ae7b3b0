"""One file or folder per screen; screens do not import each other."""
