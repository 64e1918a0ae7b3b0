"""The rules of the job in plain Python: standard library only, shared by desktop and head office."""
