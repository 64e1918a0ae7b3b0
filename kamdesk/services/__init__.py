"""What a user can do: one function per intent. Gets a Work, never commits, makes no sentences."""
