"""Contract to the files of a Python package, in memory: path to text, and nothing touches the disk."""
