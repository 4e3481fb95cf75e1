"""Support code of a generated client: the same in every package, copied verbatim."""
