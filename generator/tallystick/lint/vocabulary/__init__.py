"""The extension vocabulary: its form by `spec/vocabulary.schema.json`, and whether what it names exists."""
