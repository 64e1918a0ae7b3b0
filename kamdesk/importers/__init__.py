"""Tables of files become records: read, mapped, tidied, checked; nothing is written from here."""
