"""Resources: kept, shown, listed and changed as their lifecycles say."""
