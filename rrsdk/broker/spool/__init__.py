"""What a broker keeps on disk: recordings that grow, and the journal that says what of them counts."""
