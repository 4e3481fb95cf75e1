"""House rules, validation and pictures of a contract. Read `rule` and `check` first."""
