"""What `python dev.py bench NAME` runs: each figure beside its floor, in the same run."""
