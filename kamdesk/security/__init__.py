"""Keys, key stores, redaction and signatures."""
